//! What a follower remembers about its file and decides about it: no I/O.

use std::fmt;
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt as _;

use crate::lines::LineSplitter;

/// What a follower found when it looked at its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// New lines, whole and with their newlines.
    Lines(Vec<u8>),
    /// Something new, but no newline yet.
    Half,
    /// Nothing new: time to wait, or to end after [`finish`](super::Follower::finish).
    Nothing,
    /// The file is no longer what it was; reading goes on at its start.
    Changed {
        /// What happened to it.
        change: Change,
        /// How many bytes of an unfinished line were dropped, because their end can't come now.
        dropped: usize,
    },
}

/// What can happen to a file besides growing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is shorter than what had been read. (One that is cut and grows beyond that again
    /// between two looks is not noticed; that takes more than the length to see.)
    Truncated,
    /// Its path names another file.
    Replaced,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Truncated => "truncated",
            Self::Replaced => "replaced",
        })
    }
}

/// Which file a path or a handle means: two of them are equal for the same file.
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

#[derive(Debug)]
pub(super) struct Progress {
    identity: Identity,
    /// How many bytes have been read of this file.
    read: u64,
    /// Where reading ends, once that is known.
    end: Option<u64>,
    lines: LineSplitter,
    halves: usize,
}

impl Progress {
    pub(super) fn new(open: &Metadata) -> Self {
        let lines = LineSplitter::default();
        Self { identity: open.into(), read: 0, end: None, lines, halves: 0 }
    }

    pub(super) fn end_at(&mut self, length: u64) {
        self.end = Some(length);
    }

    /// How many bytes to ask for, with room for `most`.
    pub(super) fn room(&self, most: usize) -> usize {
        let left = self.end.map_or(u64::MAX, |end| end.saturating_sub(self.read));
        usize::try_from(left).map_or(most, |left| left.min(most))
    }

    pub(super) fn push(&mut self, piece: &[u8]) -> io::Result<Look> {
        self.read += piece.len() as u64;
        let lines = self.lines.push(piece)?;
        self.halves += usize::from(self.lines.unfinished() > 0);
        Ok(if lines.is_empty() { Look::Half } else { Look::Lines(lines) })
    }

    /// What has happened, given the open file and the one that its path names, if any.
    pub(super) fn change(&self, open: &Metadata, named: Option<&Metadata>) -> Option<Change> {
        if open.len() < self.read {
            return Some(Change::Truncated);
        }
        let named = named.filter(|file| file.is_file())?;
        let all_read = open.len() == self.read && self.end.is_none();
        (all_read && Identity::from(named) != self.identity).then_some(Change::Replaced)
    }

    pub(super) fn start_over(&mut self, change: Change, open: &Metadata) -> Look {
        self.identity = open.into();
        self.read = 0;
        Look::Changed { change, dropped: self.lines.forget() }
    }

    pub(super) fn halves(&self) -> usize {
        self.halves
    }

    pub(super) fn unfinished(&self) -> usize {
        self.lines.unfinished()
    }
}

/// A path that names nothing is no error here: its file may come back.
pub(super) fn if_there<T>(found: io::Result<T>) -> io::Result<Option<T>> {
    match found {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

pub(super) fn regular(file: &Metadata) -> io::Result<()> {
    if file.is_file() { Ok(()) } else { Err(io::Error::other("it is not a regular file")) }
}
