//! The merged file of `follow`, which may be a pipe whose reader has stalled or gone.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

use super::request::Request;
use super::rotation::Identity;

/// What fits a pipe that has any room at all, on every system (`PIPE_BUF` of POSIX), in bytes: if
/// `poll` says that there is room, a write of so much does not block.
const FITS: usize = 512;

/// How long a reader that reads nothing may hold up the end.
const PATIENCE: Duration = Duration::from_millis(300);

/// Where the merged lines go.
#[derive(Debug)]
pub struct Output {
    path: PathBuf,
    file: File,
    is_regular: bool,
}

impl Output {
    /// Opens it, and leaves it as it is. If it is a named pipe, this waits for its reader.
    ///
    /// # Errors
    ///
    /// Fails when the system refuses it.
    pub fn open(path: &Path) -> anyhow::Result<(Self, Identity)> {
        let opening = || format!("cannot open {} for the merged lines", path.display());
        let file = File::options().write(true).create(true).truncate(false).open(path);
        let file = file.with_context(opening)?;
        let metadata = file.metadata().with_context(opening)?;
        let output = Self { path: path.to_owned(), file, is_regular: metadata.is_file() };
        Ok((output, (&metadata).into()))
    }

    /// Empties it. (A pipe or a device has nothing to lose.)
    ///
    /// # Errors
    ///
    /// Fails when the system refuses it.
    pub fn empty(&self) -> anyhow::Result<()> {
        let emptied = if self.is_regular { self.file.set_len(0) } else { Ok(()) };
        emptied.with_context(|| format!("cannot empty {}", self.path.display()))
    }

    /// Writes whole lines. A reader that reads slowly is waited for; one that reads nothing is
    /// waited for until the user asks for the end.
    ///
    /// # Errors
    ///
    /// Fails when the system refuses it, and when nobody reads after the user has asked for the end.
    pub fn write(&mut self, lines: &[u8], asked: &mut Request) -> anyhow::Result<()> {
        let written = if self.is_regular {
            self.file.write_all(lines)
        } else {
            pieces(lines).try_for_each(|piece| {
                self.wait_for_room(asked)?;
                self.file.write_all(piece)
            })
        };
        written.with_context(|| format!("cannot write {}", self.path.display()))
    }

    fn wait_for_room(&self, asked: &mut Request) -> io::Result<()> {
        let begun = Instant::now();
        while !has_room(&self.file, Duration::from_millis(50))? {
            if asked.since().is_some_and(|asked| asked.max(begun).elapsed() > PATIENCE) {
                return Err(io::Error::other("its reader does not read"));
            }
        }
        Ok(())
    }
}

/// Whether `stream` takes a line now, or `within` a time. Only a pipe that is full does not.
///
/// # Errors
///
/// Fails when the system does.
pub fn has_room(stream: impl AsFd, within: Duration) -> io::Result<bool> {
    let within = within.try_into().map_err(io::Error::other)?;
    match poll(&mut [PollFd::new(&stream, PollFlags::OUT)], Some(&within)) {
        Ok(0) | Err(Errno::INTR) => Ok(false),
        outcome => Ok(outcome.map(|_| true)?),
    }
}

/// Splits `lines` between lines where it can, so that an end by force tears none.
fn pieces(mut lines: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let most = &lines[..lines.len().min(FITS)];
        let end = most.iter().rposition(|&byte| byte == b'\n').map_or(most.len(), |at| at + 1);
        let piece;
        (piece, lines) = lines.split_at(end);
        (!piece.is_empty()).then_some(piece)
    })
}

/// Whether the reader of the merged lines has gone, as `head` does when it has seen enough.
pub fn is_gone(error: &anyhow::Error) -> bool {
    let cause = error.downcast_ref::<io::Error>();
    cause.is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_end_with_a_line_where_they_can_and_nothing_is_left_out() {
        let long = "x".repeat(2 * FITS);
        let lines = format!("one\ntwo\n{long}\n{}\nlast\n", "y".repeat(FITS - 1));
        let pieces: Vec<&[u8]> = pieces(lines.as_bytes()).collect();
        assert_eq!(pieces.concat(), lines.as_bytes());
        assert!(pieces.iter().all(|piece| piece.len() <= FITS));
        assert_eq!(pieces[0], b"one\ntwo\n");
        assert_eq!(pieces.last().unwrap(), b"last\n");
    }
}
