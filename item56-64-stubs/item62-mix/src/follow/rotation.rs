//! All that rotation needs: files that are cut, renamed, replaced and made again while they grow.
//!
//! A file is known by its identity (device and inode number), not by its name, for names move on:
//! `mv log log.1` and a new `log`. What has been replaced is still read while its writer has not
//! had time to reopen the new one.
//!
//! It looks at its files again and again (it *polls*), as `tail -F` does; the README says why.

use std::collections::HashSet;
use std::fs::{self, File, Metadata};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::mem;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use crate::lines::Lines;

/// How much is read at a time, in bytes.
const PIECE: usize = 64 << 10;

/// How many of the bytes read last are remembered, to see whether they are still there.
const REMEMBERED: usize = 1 << 10;

/// Without a limit, a file that has no newline at all would fill the memory.
const LONGEST_LINE: usize = 16 << 20;

/// What a look has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Whole lines, with their newlines; empty if there is something new, but no newline yet.
    Lines(Vec<u8>),
    /// What has happened to a file, in a line.
    News(String),
    /// That a file can't be read now, in a line. The next look tries again.
    Failure(String),
}

/// Which file a name or a handle means: two of them are equal for the same file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    device: u64,
    inode: u64,
}

impl From<&Metadata> for Identity {
    fn from(metadata: &Metadata) -> Self {
        Self { device: metadata.dev(), inode: metadata.ino() }
    }
}

/// Files that are followed by their names, each from its start.
#[derive(Debug)]
pub struct Followed {
    names: Vec<Name>,
    /// In the order in which they were opened: a replaced one stands before the new one.
    files: Vec<OpenFile>,
    /// How long a replaced file must have been quiet to be let go.
    patience: Duration,
}

/// A name that was given to us, and the file that it named last.
#[derive(Debug)]
struct Name {
    path: PathBuf,
    identity: Identity,
}

impl Followed {
    /// Opens the files at `paths`. One that is replaced later is followed until it has not grown
    /// for as long as `patience`.
    ///
    /// # Errors
    ///
    /// Fails when one of them is no regular file, can't be read, or is named twice.
    pub fn open(paths: &[PathBuf], patience: Duration) -> anyhow::Result<Self> {
        let mut followed = Self { names: Vec::new(), files: Vec::new(), patience };
        for path in paths {
            let file = OpenFile::open(path);
            let file = file.with_context(|| format!("cannot follow {}", path.display()))?;
            let twice = followed.path_of(file.identity).is_some();
            ensure!(!twice, "cannot follow {} twice", path.display());
            followed.names.push(Name { path: path.clone(), identity: file.identity });
            followed.files.push(file);
        }
        Ok(followed)
    }

    /// By which name a file is followed, if it is.
    pub fn path_of(&self, identity: Identity) -> Option<&Path> {
        let name = self.names.iter().find(|name| name.identity == identity);
        name.map(|name| &*name.path)
    }

    /// Looks at all files once, and gives to `take` what they have got since the look before.
    ///
    /// # Errors
    ///
    /// Fails when `take` does. A file that can't be read is no error here, but told to `take`.
    pub fn look(
        &mut self,
        take: &mut impl FnMut(Found) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        self.notice_replacements(take)?;
        // First ask, then look. The newest file is asked first how long it is: what is in it by
        // then came after the last line in the one before, which is read first.
        let ends: Vec<_> = self.files.iter().rev().map(OpenFile::length).collect();
        for (file, end) in self.files.iter_mut().zip(ends.into_iter().rev()) {
            file.read_up_to(end, take)?;
        }
        self.let_go(take)
    }

    /// What is left over when nothing more comes: the lines that have no end.
    pub fn unfinished(&self) -> impl Iterator<Item = String> {
        self.files.iter().filter_map(OpenFile::unfinished)
    }

    fn notice_replacements(
        &mut self,
        take: &mut impl FnMut(Found) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        for name in &mut self.names {
            let replacement = match replacement(name) {
                // Its file is the same; or it has none, which may come back.
                Ok(None) => continue,
                Ok(Some(replacement)) => replacement,
                Err(error) => {
                    take(failure(&name.path, &error))?;
                    continue;
                }
            };
            // Only now its writer begins to have time to reopen.
            if let Some(old) = self.files.iter_mut().find(|file| file.identity == name.identity) {
                old.quiet_since = Instant::now();
            }
            name.identity = replacement.identity;
            // It may be known by another name: `mv a a.1`, and both are followed.
            if self.files.iter().all(|file| file.identity != replacement.identity) {
                self.files.push(replacement);
                let path = name.path.display();
                take(Found::News(format!("{path} was replaced, reading from its start")))?;
            }
        }
        Ok(())
    }

    fn let_go(&mut self, take: &mut impl FnMut(Found) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let named: HashSet<Identity> = self.names.iter().map(|name| name.identity).collect();
        let done = self.files.extract_if(.., |file| {
            !named.contains(&file.identity) && file.quiet_since.elapsed() >= self.patience
        });
        done.filter_map(|file| file.unfinished()).map(Found::News).try_for_each(take)
    }
}

/// The file that `name` means now, if that is another one.
fn replacement(name: &Name) -> io::Result<Option<OpenFile>> {
    match fs::metadata(&name.path) {
        Ok(metadata) if Identity::from(&metadata) == name.identity => Ok(None),
        Ok(_) => OpenFile::open(&name.path).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn failure(path: &Path, error: &io::Error) -> Found {
    Found::Failure(format!("cannot follow {}: {error}", path.display()))
}

/// A file, and what has been read of it.
#[derive(Debug)]
struct OpenFile {
    /// The name by which it was opened.
    path: PathBuf,
    file: File,
    identity: Identity,
    /// How many bytes have been read, and the last of them.
    read: u64,
    last: Vec<u8>,
    lines: Lines,
    /// Whether the line that has been begun is too long, and left out.
    skips: bool,
    /// Since when it has not grown.
    quiet_since: Instant,
}

impl OpenFile {
    fn open(path: &Path) -> io::Result<Self> {
        let regular =
            |is: bool| is.then_some(()).ok_or_else(|| io::Error::other("it is not a regular file"));
        // Asked before it is opened: opening a named pipe would wait for its writer.
        regular(fs::metadata(path)?.is_file())?;
        let file = File::open(path)?;
        // The files of /proc say that they are regular and 0 bytes long, and hold something. They
        // don't grow at their end; each read makes them anew.
        let holds_something = (&file).read(&mut [0])? > 0;
        let metadata = file.metadata()?;
        regular(metadata.is_file() && !(holds_something && metadata.len() == 0))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            identity: (&metadata).into(),
            read: 0,
            last: Vec::new(),
            lines: Lines::default(),
            skips: false,
            quiet_since: Instant::now(),
        })
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn unfinished(&self) -> Option<String> {
        let (path, bytes) = (self.path.display(), self.lines.unfinished());
        let left_out =
            format!("{path} ends without a newline, its last {bytes} bytes are left out");
        (bytes > 0).then_some(left_out)
    }

    fn read_up_to(
        &mut self,
        end: io::Result<u64>,
        take: &mut impl FnMut(Found) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let end = match end {
            Ok(end) => end,
            Err(error) => return take(failure(&self.path, &error)),
        };
        loop {
            match self.read_piece(end) {
                Ok(Some(found)) => take(found)?,
                Ok(None) => return Ok(()),
                Err(error) => return take(failure(&self.path, &error)),
            }
        }
    }

    /// Reads what was read last once more, and on from there: if that is no longer what it was, the
    /// file has been cut, and perhaps filled again.
    fn read_piece(&mut self, end: u64) -> io::Result<Option<Found>> {
        let from = self.read - self.last.len() as u64;
        let wanted = end.saturating_sub(from).min((REMEMBERED + PIECE) as u64);
        let mut piece = Vec::new();
        self.file.seek(SeekFrom::Start(from))?;
        (&self.file).take(wanted).read_to_end(&mut piece)?;
        let Some(new) = piece.strip_prefix(&self.last[..]) else {
            return Ok(Some(self.start_over()));
        };
        if new.is_empty() {
            return Ok(None);
        }
        self.read += new.len() as u64;
        let found = self.push(new);
        self.last = piece.split_off(piece.len().saturating_sub(REMEMBERED));
        self.quiet_since = Instant::now();
        Ok(Some(found))
    }

    fn start_over(&mut self) -> Found {
        // The end of that line can't come any more; what comes now must not be joined to it.
        let dropped = match mem::take(&mut self.lines).unfinished() {
            0 => String::new(),
            bytes => format!("; {bytes} bytes of an unfinished line are dropped"),
        };
        self.read = 0;
        self.last.clear();
        self.skips = false;
        let path = self.path.display();
        Found::News(format!("{path} was truncated, reading from its start{dropped}"))
    }

    fn push(&mut self, new: &[u8]) -> Found {
        let newline = new.iter().position(|&byte| byte == b'\n');
        let new = match newline {
            None if self.skips => return Found::Lines(Vec::new()),
            Some(end_of_line) if self.skips => &new[end_of_line + 1..],
            _ => new,
        };
        self.skips = false;
        self.lines.buffer().extend_from_slice(new);
        // Without a new newline there is no new line: a long one is not searched again and again.
        let whole = newline.and_then(|_| self.lines.take_whole());
        if self.lines.unfinished() > LONGEST_LINE {
            self.lines = Lines::default();
            self.skips = true;
            let path = self.path.display();
            return Found::News(format!("a line of {path} is longer than 16 MiB and left out"));
        }
        Found::Lines(whole.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use tempfile::TempDir;

    use super::*;

    const FOR_EVER: Duration = Duration::MAX;

    fn write(dir: &TempDir, name: &str, text: &str) {
        fs::write(dir.path().join(name), text).unwrap();
    }

    fn append(dir: &TempDir, name: &str, text: &str) {
        let mut file = File::options().append(true).open(dir.path().join(name)).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    fn rename(dir: &TempDir, from: &str, to: &str) {
        fs::rename(dir.path().join(from), dir.path().join(to)).unwrap();
    }

    fn follow(dir: &TempDir, patience: Duration) -> Followed {
        Followed::open(&[dir.path().join("log")], patience).unwrap()
    }

    /// What one look finds, and the news without the directory.
    fn look(dir: &TempDir, followed: &mut Followed) -> Vec<String> {
        let mut all = Vec::new();
        let take = &mut |found| {
            all.push(match found {
                Found::Lines(lines) => String::from_utf8(lines)?,
                Found::News(news) | Found::Failure(news) => {
                    news.replace(&format!("{}/", dir.path().display()), "")
                }
            });
            Ok(())
        };
        followed.look(take).unwrap();
        all
    }

    #[test]
    fn a_look_reads_what_is_new_and_no_more() {
        let dir = TempDir::new().unwrap();
        write(&dir, "log", "one\ntw");
        let mut followed = follow(&dir, FOR_EVER);
        assert_eq!(look(&dir, &mut followed), ["one\n"]);
        assert_eq!(look(&dir, &mut followed), [""; 0]);
        append(&dir, "log", "o");
        assert_eq!(look(&dir, &mut followed), [""], "something, and no newline yet");
        append(&dir, "log", "\nthree\n");
        assert_eq!(look(&dir, &mut followed), ["two\nthree\n"]);
    }

    /// A writer goes from the old file to the new one during a look, after that has read the old one.
    /// What it wrote to the new one must wait for the next look, which reads the old one first.
    #[test]
    fn a_writer_that_moves_on_during_a_look_keeps_its_order() {
        let dir = TempDir::new().unwrap();
        write(&dir, "log", "one\n");
        write(&dir, "other", "");
        let paths = ["log", "other"].map(|name| dir.path().join(name));
        let mut followed = Followed::open(&paths, FOR_EVER).unwrap();
        look(&dir, &mut followed);
        rename(&dir, "log", "log.1");
        write(&dir, "log", "");
        // Read after the old file and before the new one.
        append(&dir, "other", "now\n");
        let mut found = String::new();
        for _ in 0..2 {
            let take = &mut |news| {
                if let Found::Lines(lines) = news {
                    found += &String::from_utf8(lines)?;
                    if found == "now\n" {
                        append(&dir, "log.1", "two\n");
                        append(&dir, "log", "three\n");
                    }
                }
                Ok(())
            };
            followed.look(take).unwrap();
        }
        assert_eq!(found, "now\ntwo\nthree\n");
    }

    #[test]
    fn a_look_ends_though_the_writer_is_faster() {
        let dir = TempDir::new().unwrap();
        write(&dir, "log", "one\n");
        let mut followed = follow(&dir, FOR_EVER);
        let mut looks = 0;
        let take = &mut |_| {
            append(&dir, "log", "and one more\n");
            looks += 1;
            Ok(())
        };
        followed.look(take).unwrap();
        assert_eq!(looks, 1);
    }

    #[test]
    fn a_replaced_file_is_let_go_when_it_has_been_quiet_for_long_enough() {
        let dir = TempDir::new().unwrap();
        for (patience, files, left_out) in [(Duration::ZERO, 1, 1), (FOR_EVER, 2, 0)] {
            write(&dir, "log", "one\ntw");
            let mut followed = follow(&dir, patience);
            look(&dir, &mut followed);
            rename(&dir, "log", "log.1");
            look(&dir, &mut followed);
            assert_eq!(followed.files.len(), 1, "nothing has replaced it yet");
            write(&dir, "log", "new\n");
            let found = look(&dir, &mut followed);
            assert_eq!(followed.files.len(), files);
            let expected = [
                "log was replaced, reading from its start",
                "new\n",
                "log ends without a newline, its last 2 bytes are left out",
            ];
            assert_eq!(found, &expected[..2 + left_out]);
        }
    }

    /// Its time begins when it is replaced and when it grows, not when it was opened.
    #[test]
    fn a_replaced_file_that_grows_is_kept() {
        let dir = TempDir::new().unwrap();
        write(&dir, "log", "one\n");
        let patience = Duration::from_secs(3600);
        let mut followed = follow(&dir, patience);
        look(&dir, &mut followed);
        let long_ago = |followed: &mut Followed| {
            followed.files[0].quiet_since -= 2 * patience;
        };
        long_ago(&mut followed);
        rename(&dir, "log", "log.1");
        write(&dir, "log", "");
        look(&dir, &mut followed);
        assert_eq!(followed.files.len(), 2, "it has just been replaced");
        long_ago(&mut followed);
        append(&dir, "log.1", "two\n");
        look(&dir, &mut followed);
        assert_eq!(followed.files.len(), 2, "it has grown");
        long_ago(&mut followed);
        look(&dir, &mut followed);
        assert_eq!(followed.files.len(), 1);
    }

    #[test]
    fn a_long_file_is_read_in_pieces_and_whole() {
        let dir = TempDir::new().unwrap();
        let text: String = (0..50_000).map(|n| format!("line {n}\n")).collect();
        write(&dir, "log", &text);
        let found = look(&dir, &mut follow(&dir, FOR_EVER));
        assert!(found.len() > 1 && found.concat() == text);
    }
}
