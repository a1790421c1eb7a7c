//! The first version: a thread per log, and a lock around the merged file.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use common::threads::{join_all, lock, spawn};
use common::timeline::span;

use crate::lines::Lines;
use crate::logs::{Log, end_all};

/// Merges `logs` into a new file, `into`, until all logs have ended. Returns how many lines were met half
/// written. A follower that fails ends all logs; else the other followers would wait for more lines.
pub fn merge(logs: &[Log], into: &Path, poll: Duration) -> anyhow::Result<usize> {
    let merged = File::create(into).with_context(|| format!("cannot create {}", into.display()));
    let merged = Mutex::new(merged?);
    let write = |lines: Vec<u8>| {
        // Whole lines are written under one lock, so no other follower's lines come in between.
        let mut merged = lock(&merged);
        span("merge", || merged.write_all(&lines)).context("cannot write the merged file")
    };
    thread::scope(|scope| {
        let followers = logs.iter().enumerate().map(|(n, log)| {
            let work = move || follow(log, poll, write).inspect_err(|_| end_all(logs));
            spawn(scope, format!("follower {n}"), work)
        });
        // Collected before the first is joined, so that all of them follow at the same time.
        let followers: anyhow::Result<Vec<_>> = followers.collect();
        let halves = join_all(followers.inspect_err(|_| end_all(logs))?)?;
        Ok(halves.into_iter().sum())
    })
}

/// Follows `log` until it has ended, and gives whole lines to `write`. The function blocks its thread, as the
/// chapter's does. The second version calls this same function.
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
        file.read_to_end(&mut lines.buffer).with_context(following)?;
        match lines.take_whole() {
            Some(whole) => write(whole)?,
            None if ended => return Ok(lines.halves),
            None => thread::sleep(poll),
        }
    }
}
