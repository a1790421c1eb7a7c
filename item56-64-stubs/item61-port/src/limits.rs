//! How many peers there is room for: every connection is an open file.

use std::fs::File;

use anyhow::ensure;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// How many peers that were turned away are given time to see why.
pub const MOST_TURNED_AWAY: usize = 16;

/// What is open beside the connections: a pipe, a listener, a runtime or two, peers that were turned away.
const OTHER_FILES: usize = 16 + MOST_TURNED_AWAY;

/// A server serves no more peers than this at the same time. Threads are the reason: a thread that
/// has started and finds no memory mapping left for its signal stack makes the standard library
/// abort the program (Linux gives a process 65,530 mappings, and each thread takes four), and a
/// server that stops has to join them all.
pub const MOST_PEERS: u16 = 4_000;

/// How many peers there is room for, if `peers` are wanted that take so many files each, and how many files
/// could be opened. The soft limit of open files, usually 1,024, is raised as far as the hard one allows
/// (`getrlimit(2)`).
///
/// # Errors
///
/// Fails where there is no room for a single one.
pub fn room_for(peers: u16, files_each: usize) -> anyhow::Result<(u16, usize)> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    // Some systems refuse what their hard limit says; then the soft one stays as it is.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    // The limit does not tell how many files the parent has left open here, so this is tried out.
    let wanted = OTHER_FILES + usize::from(peers) * files_each;
    let files = (0..wanted).map_while(|_| File::open("/dev/null").ok()).collect::<Vec<_>>().len();
    let fewest = OTHER_FILES + files_each;
    ensure!(files >= fewest, "cannot open {fewest} files, only {files} (ulimit -n)");
    Ok((u16::try_from((files - OTHER_FILES) / files_each)?, files))
}
