//! Following a file that another program writes, as `tail -f` does (item 62).
//!
//! A [`Follower`] reads what has been appended and hands on whole lines. It looks again and again
//! (it *polls*): for a regular file that is the one way which works everywhere. A file at its end
//! is always "readable" to `poll` and `epoll`, a read just returns nothing, and the notifications
//! that exist (inotify, kqueue) differ from system to system and keep silent on network file
//! systems.
//!
//! The end of a file does not say that its writer has ended: more may come at any time. That must
//! be told from outside ([`Follower::finish`]).
//!
//! There is a second follower, [`AsyncFollower`], which awaits where this one blocks. What they
//! remember and decide is written once, without I/O (`progress.rs`).

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _};
use std::path::{Path, PathBuf};

mod asynchronous;
mod progress;

pub use asynchronous::AsyncFollower;
pub use progress::{Change, Identity, Look};
use progress::{Progress, if_there, regular};

/// How much is read at a time, in bytes.
const PIECE: usize = 64 << 10;

/// Follows one file from its start, with calls that block.
#[derive(Debug)]
pub struct Follower {
    path: PathBuf,
    file: File,
    progress: Progress,
    buffer: Vec<u8>,
}

impl Follower {
    /// Opens the file at `path`.
    ///
    /// # Errors
    ///
    /// Fails when there is no regular file that can be read.
    pub fn open(path: &Path) -> io::Result<Self> {
        // Asked before it is opened: opening a named pipe would wait for its writer.
        regular(&fs::metadata(path)?)?;
        let file = File::open(path)?;
        let progress = Progress::new(&file.metadata()?);
        Ok(Self { path: path.to_owned(), file, progress, buffer: vec![0; PIECE] })
    }

    /// Looks at the file once, and reads one piece of what is new.
    ///
    /// # Errors
    ///
    /// Fails when the file can't be read, and when a line is longer than
    /// [`LONGEST_LINE`](crate::lines::LineSplitter::LONGEST_LINE).
    pub fn look(&mut self) -> io::Result<Look> {
        let room = self.progress.room(PIECE);
        let length = self.file.read(&mut self.buffer[..room])?;
        if length > 0 {
            return self.progress.push(&self.buffer[..length]);
        }
        // The path is asked first: if it names another file by now, and the open one is not
        // longer than what has been read, then nothing of the open one is left behind.
        let named = if_there(fs::metadata(&self.path))?;
        let open = self.file.metadata()?;
        match self.progress.change(&open, named.as_ref()) {
            None => Ok(Look::Nothing),
            Some(Change::Truncated) => {
                self.file.rewind()?;
                Ok(self.progress.start_over(Change::Truncated, &open))
            }
            Some(Change::Replaced) => {
                let Some(file) = if_there(File::open(&self.path))? else {
                    return Ok(Look::Nothing);
                };
                self.file = file;
                Ok(self.progress.start_over(Change::Replaced, &self.file.metadata()?))
            }
        }
    }

    /// Call this once the writer is known to have ended. From then on, [`look`](Self::look) reads
    /// up to where the file ends now, and then finds [`Look::Nothing`].
    ///
    /// # Errors
    ///
    /// Fails when the length of the file can't be read.
    pub fn finish(&mut self) -> io::Result<()> {
        self.progress.end_at(self.file.metadata()?.len());
        Ok(())
    }

    /// How many looks ended in the middle of a line.
    pub fn halves(&self) -> usize {
        self.progress.halves()
    }

    /// How many bytes wait for the rest of their line.
    pub fn unfinished(&self) -> usize {
        self.progress.unfinished()
    }
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;
    use std::io::Write as _;

    use super::*;

    struct Log {
        dir: tempfile::TempDir,
    }

    impl Log {
        fn new(text: &str) -> Self {
            let log = Self { dir: tempfile::tempdir().unwrap() };
            fs::write(log.path(), text).unwrap();
            log
        }

        fn path(&self) -> PathBuf {
            self.dir.path().join("log")
        }

        fn append(&self, text: &str) {
            let mut file = OpenOptions::new().append(true).open(self.path()).unwrap();
            file.write_all(text.as_bytes()).unwrap();
        }

        fn follow(&self) -> Follower {
            Follower::open(&self.path()).unwrap()
        }
    }

    fn lines(text: &str) -> Look {
        Look::Lines(text.into())
    }

    #[test]
    fn what_is_appended_is_found_line_by_line() {
        let log = Log::new("one\n");
        let mut follower = log.follow();
        assert_eq!(follower.look().unwrap(), lines("one\n"));
        assert_eq!(follower.look().unwrap(), Look::Nothing);
        log.append("tw");
        assert_eq!(follower.look().unwrap(), Look::Half);
        assert_eq!(follower.look().unwrap(), Look::Nothing, "the half line stays where it is");
        log.append("o\nthree\n");
        assert_eq!(follower.look().unwrap(), lines("two\nthree\n"));
        assert_eq!(follower.halves(), 1);
    }

    /// `> log`, and programs that rotate by copying, cut a file and write on from its start.
    #[test]
    fn a_truncated_file_is_noticed_and_read_from_its_start() {
        let log = Log::new("one\ntw");
        let mut follower = log.follow();
        assert_eq!(follower.look().unwrap(), lines("one\n"));
        fs::write(log.path(), "new\n").unwrap();
        let change = Change::Truncated;
        assert_eq!(follower.look().unwrap(), Look::Changed { change, dropped: 2 });
        assert_eq!(follower.look().unwrap(), lines("new\n"));
    }

    /// `mv log log.1` and a new `log`. The writer may go on with the old file for a while.
    #[test]
    fn a_replaced_file_is_read_to_its_end_before_the_new_one() {
        let log = Log::new("one\n");
        let mut follower = log.follow();
        assert_eq!(follower.look().unwrap(), lines("one\n"));
        log.append("two\nhal");
        fs::rename(log.path(), log.dir.path().join("log.1")).unwrap();
        assert_eq!(follower.look().unwrap(), lines("two\n"));
        assert_eq!(follower.look().unwrap(), Look::Nothing, "there is no new file yet");
        fs::write(log.path(), "three\n").unwrap();
        let change = Change::Replaced;
        assert_eq!(follower.look().unwrap(), Look::Changed { change, dropped: 3 });
        assert_eq!(follower.look().unwrap(), lines("three\n"));
    }

    /// Otherwise a writer that is faster than its reader would keep the reader for ever.
    #[test]
    fn what_comes_after_the_finish_is_left_unread() {
        let log = Log::new("one\n");
        let mut follower = log.follow();
        follower.finish().unwrap();
        log.append("two\n");
        assert_eq!(follower.look().unwrap(), lines("one\n"));
        assert_eq!(follower.look().unwrap(), Look::Nothing);
    }

    #[test]
    fn only_regular_files_are_followed() {
        let dir = tempfile::tempdir().unwrap();
        for path in [dir.path(), Path::new("/dev/null")] {
            let error = Follower::open(path).unwrap_err();
            assert_eq!(error.to_string(), "it is not a regular file");
        }
        let error = Follower::open(&dir.path().join("missing")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
