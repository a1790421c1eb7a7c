//! The first version: a thread per log, and a lock around the merged file.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use common::threads::{Join, spawn};
use common::timeline::Lane;

use crate::lines::Lines;
use crate::logs::{Log, end_all};

/// Merges `logs` into a new file, `into`, until all of them have ended; each follower records its
/// merging in one of `lanes`. Returns how many lines were met half-written.
///
/// # Errors
///
/// Fails when a log can't be read, when the merged file can't be written, and when the system does
/// not give so many threads. Then the logs have ended, so that nobody waits for them.
pub fn merge(
    logs: &[Log],
    lanes: Vec<Lane<'_>>,
    into: &Path,
    poll: Duration,
) -> anyhow::Result<usize> {
    let merged = File::create(into).with_context(|| format!("cannot create {}", into.display()));
    let merged = &Mutex::new(merged?);
    thread::scope(|scope| {
        let followers = logs.iter().zip(lanes).map(|(log, mut lane)| {
            let write = move |lines: Vec<u8>| {
                // Whole lines under one lock: nobody else's come in between.
                let mut merged = merged.lock().unwrap_or_else(PoisonError::into_inner);
                lane.record("merge", || merged.write_all(&lines))
                    .context("cannot write the merged file")
            };
            let work = move || follow(log, poll, write).inspect_err(|_| end_all(logs));
            spawn(scope, "a follower", work)
        });
        // Collected first: all of them follow at the same time.
        let followers: anyhow::Result<Vec<_>> = followers.collect();
        let followers = followers.inspect_err(|_| end_all(logs))?;
        followers.into_iter().map(|follower| follower.joined()?).sum()
    })
}

/// Follows `log` until it has ended, and gives whole lines to `write`: one of the chapter's
/// blocking functions. The second version calls this very one.
///
/// # Errors
///
/// Fails when the log can't be read, and when `write` does.
pub fn follow(
    log: &Log,
    poll: Duration,
    mut write: impl FnMut(Vec<u8>) -> anyhow::Result<()>,
) -> anyhow::Result<usize> {
    let following = || format!("cannot follow {}", log.path.display());
    let mut file = File::open(&log.path).with_context(following)?;
    let mut lines = Lines::default();
    loop {
        // First ask, then look: what the log held when it ended is found by the last look.
        let ended = log.has_ended();
        file.read_to_end(lines.buffer()).with_context(following)?;
        match lines.take_whole() {
            Some(whole) => write(whole)?,
            None if ended => return Ok(lines.halves()),
            None => thread::sleep(poll),
        }
    }
}
