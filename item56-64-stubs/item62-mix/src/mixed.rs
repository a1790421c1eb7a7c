//! The second version, half-way: the followers still block, in threads of tokio's pool; the merged
//! file belongs to a task. A channel between the two worlds replaces the lock.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use common::timeline::Lane;
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use crate::logs::{Log, end_all};
use crate::threads::follow;

/// As [`threads::merge`](crate::threads::merge).
///
/// # Errors
///
/// As there.
pub fn merge(
    logs: &[Log],
    lanes: Vec<Lane<'_>>,
    into: &Path,
    poll: Duration,
) -> anyhow::Result<usize> {
    let runtime = Builder::new_current_thread().build().context("cannot start tokio")?;
    merge_on(&runtime, logs, lanes, into, poll)
}

/// The most that a channel can hold: as good as unbounded.
///
/// With a smaller one, a follower that waits for room would keep its thread of the pool, while the
/// merging task needs a thread of the same pool to write and make room. If the system gives no more
/// threads than there are followers, the two wait for each other for ever: tokio does not report
/// the lack, it lets the write wait in line. The tasks of the third version hold no thread while
/// they wait, so their channel can be small.
const ROOM: usize = Semaphore::MAX_PERMITS;

fn merge_on(
    runtime: &Runtime,
    logs: &[Log],
    lanes: Vec<Lane<'_>>,
    into: &Path,
    poll: Duration,
) -> anyhow::Result<usize> {
    let merged = runtime.block_on(async {
        let (sender, found) = mpsc::channel(ROOM);
        let mut followers = JoinSet::new();
        for (number, log) in logs.iter().cloned().enumerate() {
            let sender = sender.clone();
            let send = move |lines| {
                sender.blocking_send((number, lines)).context("nobody merges any more")
            };
            followers.spawn_blocking(move || follow(&log, poll, send));
        }
        // Only the followers' senders are left: when they are gone, the lines have ended.
        drop(sender);
        let ((), halves) = tokio::try_join!(write(into, found, lanes), join(followers))?;
        Ok(halves)
    });
    // A blocking call can't be cancelled: the runtime would wait for the followers' logs to end.
    merged.inspect_err(|_| end_all(logs))
}

/// Whole lines, and the number of the follower that found them.
pub type Found = (usize, Vec<u8>);

/// The task that owns the merged file: writes what the followers send, until all of them are gone.
///
/// # Errors
///
/// Fails when the file can't be created or written.
pub async fn write(
    into: &Path,
    mut found: mpsc::Receiver<Found>,
    mut lanes: Vec<Lane<'_>>,
) -> anyhow::Result<()> {
    let merged = File::create(into).await;
    let mut merged = merged.with_context(|| format!("cannot create {}", into.display()))?;
    while let Some((follower, lines)) = found.recv().await {
        let start = Instant::now();
        merged.write_all(&lines).await.context("cannot write the merged file")?;
        // `write_all` only hands the bytes to the pool; the flush waits until they are written.
        merged.flush().await.context("cannot write the merged file")?;
        lanes[follower].record_since("merge", start);
    }
    Ok(())
}

/// Waits for the followers; returns the sum of what they counted.
///
/// # Errors
///
/// Fails as soon as one of them does.
pub async fn join(mut followers: JoinSet<anyhow::Result<usize>>) -> anyhow::Result<usize> {
    let mut halves = 0;
    while let Some(joined) = followers.join_next().await {
        halves += joined.context("a follower panicked")??;
    }
    Ok(halves)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::mpsc::channel;
    use std::thread;

    use common::timeline::Lanes;

    use super::*;
    use crate::logs::{Writing, beside_writers};

    /// As on a system that refuses the pool another thread. Each poll finds a line or two, so that
    /// the followers send far more messages than a small channel holds.
    #[test]
    fn followers_that_hold_all_threads_of_the_pool_do_not_lock_out_the_merging_task() {
        const LINES: u16 = 100;
        let dir = tempfile::tempdir().unwrap();
        let (into, logs) = (dir.path().join("merged"), Log::create(dir.path(), 2).unwrap());
        let merged = into.clone();
        let (finished, when_finished) = channel();
        // Not joined: if it hangs, the test must still end.
        thread::spawn(move || {
            let lanes = Lanes::new();
            let two = || (0..2).map(|n| lanes.lane(format!("{n}"))).collect();
            let longest_pause = Duration::from_millis(4);
            let writing = Writing { lines: LINES, longest_pause, seed: 62 };
            let runtime = Builder::new_current_thread().max_blocking_threads(2).build().unwrap();
            let poll = Duration::from_millis(1);
            let merge = || merge_on(&runtime, &logs, two(), &into, poll);
            finished.send(beside_writers(&logs, two(), writing, merge)).unwrap();
        });
        let outcome = when_finished.recv_timeout(Duration::from_secs(60));
        outcome.expect("they wait for each other").unwrap();
        assert_eq!(fs::read_to_string(merged).unwrap().lines().count(), 2 * usize::from(LINES));
    }
}
