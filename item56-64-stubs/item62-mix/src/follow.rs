//! The command `follow`: merges real logs, which other programs write, cut and replace.
//!
//! Two hundred idle files need neither threads nor tasks: one loop looks at each of them in turn.
//! What it needs instead are the three things that the story does without: [`rotation`],
//! [`output`], which may be a pipe that nobody reads, and the [`request`] to end.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::bail;
use common::program::complain;

use output::{Output, has_room};
use request::Request;
use rotation::{Followed, Found};

pub mod output;
pub mod request;
pub mod rotation;

/// How long a replaced file must have been quiet to be let go: its writer may need a while to reopen.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest wait between two looks at files that have nothing new.
const IDLE: Duration = Duration::from_secs(1);

/// Merges the lines of `files` into `out` until a signal comes. Then it merges what is whole by then,
/// and ends. It waits for `poll` between two looks, and ever longer, up to a second, as long as
/// nothing grows.
///
/// # Errors
///
/// Fails when a file can't be followed, or the output can't be written; what was in the output
/// before is lost only if all files can be followed.
pub fn follow(files: &[PathBuf], out: &Path, poll: Duration) -> anyhow::Result<()> {
    let mut followed = Followed::open(files, PATIENCE)?;
    // Before the signals are ours: it may wait for a reader, and a signal must be able to end that.
    let (mut output, identity) = Output::open(out)?;
    if let Some(path) = followed.path_of(identity) {
        bail!("cannot merge {} into itself", path.display());
    }
    let mut asked = Request::instead_of_the_end()?;
    output.empty()?;
    match merge(&mut followed, &mut output, &mut asked, poll) {
        Err(error) if output::is_gone(&error) => Ok(()),
        merged => merged,
    }
}

fn merge(
    followed: &mut Followed,
    output: &mut Output,
    asked: &mut Request,
    poll: Duration,
) -> anyhow::Result<()> {
    let mut told = HashSet::new();
    let mut wait = Duration::ZERO;
    loop {
        // First ask, then look: what was whole when the signal came is found by the last look.
        let is_last = asked.comes_within(wait);
        let mut grown = false;
        let mut failure = None;
        followed.look(&mut |found| {
            match found {
                Found::Lines(lines) => {
                    grown = true;
                    output.write(&lines, asked)?;
                }
                Found::News(news) => tell(&news, asked),
                // It is told once, though each look fails anew; the last one makes it an error.
                Found::Failure(complaint) if is_last => failure = Some(complaint),
                Found::Failure(complaint) => {
                    if told.insert(complaint.clone()) {
                        tell(&complaint, asked);
                    }
                }
            }
            Ok(())
        })?;
        if is_last {
            followed.unfinished().for_each(|left_out| tell(&left_out, asked));
            return failure.map_or(Ok(()), |complaint| bail!(complaint));
        }
        wait = if grown { poll } else { (2 * wait).clamp(poll, IDLE) };
    }
}

/// Tells it on stderr. If that is a pipe that nobody reads, it waits until the user asks for the end.
fn tell(news: &str, asked: &mut Request) {
    while !has_room(io::stderr(), Duration::ZERO).unwrap_or(true) {
        if asked.comes_within(Duration::from_millis(50)) {
            return;
        }
    }
    complain(news);
}
