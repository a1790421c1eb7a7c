//! The follower, ported to tokio: the same decisions, `.await` where the other one blocks.

use std::io;
use std::path::{Path, PathBuf};

use tokio::fs::{self, File};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use super::progress::{Progress, if_there, regular};
use super::{Change, Look, PIECE};

/// Follows one file from its start, with calls that are awaited.
///
/// A regular file has no readiness that a task could await, so tokio hands each of these calls to
/// a thread of its blocking pool. Tasks that follow files are no cheaper than threads that do; what
/// is gained is that they live in the same world as the rest of the program's tasks.
#[derive(Debug)]
pub struct AsyncFollower {
    path: PathBuf,
    file: File,
    progress: Progress,
    buffer: Vec<u8>,
}

impl AsyncFollower {
    /// As [`Follower::open`](super::Follower::open).
    ///
    /// # Errors
    ///
    /// Fails when there is no regular file that can be read.
    pub async fn open(path: &Path) -> io::Result<Self> {
        regular(&fs::metadata(path).await?)?;
        let file = File::open(path).await?;
        let progress = Progress::new(&file.metadata().await?);
        Ok(Self { path: path.to_owned(), file, progress, buffer: vec![0; PIECE] })
    }

    /// As [`Follower::look`](super::Follower::look).
    ///
    /// # Errors
    ///
    /// Fails when the file can't be read, and when a line is longer than
    /// [`LONGEST_LINE`](crate::lines::LineSplitter::LONGEST_LINE).
    pub async fn look(&mut self) -> io::Result<Look> {
        let room = self.progress.room(PIECE);
        let length = self.file.read(&mut self.buffer[..room]).await?;
        if length > 0 {
            return self.progress.push(&self.buffer[..length]);
        }
        let named = if_there(fs::metadata(&self.path).await)?;
        let open = self.file.metadata().await?;
        match self.progress.change(&open, named.as_ref()) {
            None => Ok(Look::Nothing),
            Some(Change::Truncated) => {
                self.file.rewind().await?;
                Ok(self.progress.start_over(Change::Truncated, &open))
            }
            Some(Change::Replaced) => {
                let Some(file) = if_there(File::open(&self.path).await)? else {
                    return Ok(Look::Nothing);
                };
                self.file = file;
                Ok(self.progress.start_over(Change::Replaced, &self.file.metadata().await?))
            }
        }
    }

    /// As [`Follower::finish`](super::Follower::finish).
    ///
    /// # Errors
    ///
    /// Fails when the length of the file can't be read.
    pub async fn finish(&mut self) -> io::Result<()> {
        self.progress.end_at(self.file.metadata().await?.len());
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
