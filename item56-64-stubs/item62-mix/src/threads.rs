//! The first version: a thread per follower, and a lock around the merged file.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, anyhow};
use common::timeline::{Lane, Timeline};
use item62_mix::follow::{Follower, Look};

use crate::Merge;
use crate::logs::Log;

/// Merges `logs` into a new file; returns how many looks ended in the middle of a line.
pub fn merge(timeline: &Timeline, logs: &[Log], how: Merge<'_>) -> anyhow::Result<usize> {
    let merged = Mutex::new(create(how.into)?);
    thread::scope(|scope| {
        let merged = &merged;
        let followers = logs.iter().enumerate().map(|(n, log)| {
            let mut lane = timeline.lane("threads", format!("follower {n}"));
            thread::Builder::new().spawn_scoped(scope, move || {
                follow(log, how.poll, |lines| write(merged, &mut lane, &lines))
            })
        });
        // Collected first: all of them follow at the same time.
        let followers: Vec<_> =
            followers.collect::<io::Result<_>>().context("cannot start a thread")?;
        let halves = followers
            .into_iter()
            .map(|follower| follower.join().map_err(|_| anyhow!("a follower panicked"))?);
        halves.sum()
    })
}

/// Follows `log` until its writer has ended, and gives whole lines to `found`.
///
/// The second version runs this very function, in a pool of tokio's.
pub fn follow(
    log: &Log,
    poll: Duration,
    mut found: impl FnMut(Vec<u8>) -> anyhow::Result<()>,
) -> anyhow::Result<usize> {
    let following = || format!("cannot follow {}", log.path.display());
    let mut follower = Follower::open(&log.path).with_context(following)?;
    let mut ended = false;
    loop {
        if !ended && log.has_ended() {
            follower.finish().with_context(following)?;
            ended = true;
        }
        match follower.look().with_context(following)? {
            Look::Lines(lines) => found(lines)?,
            Look::Half => {}
            Look::Changed { change, dropped } => crate::tell_change(&log.path, change, dropped),
            Look::Nothing if ended => break,
            Look::Nothing => thread::sleep(poll),
        }
    }
    crate::tell_unfinished(&log.path, follower.unfinished());
    Ok(follower.halves())
}

fn create(path: &Path) -> anyhow::Result<File> {
    File::create(path).with_context(|| format!("cannot create {}", path.display()))
}

fn write(merged: &Mutex<File>, lane: &mut Lane, lines: &[u8]) -> anyhow::Result<()> {
    // Whole lines under one lock: nobody else's come in between.
    let mut merged = merged.lock().unwrap_or_else(PoisonError::into_inner);
    lane.record("merge", || merged.write_all(lines)).context("cannot write the merged file")
}
