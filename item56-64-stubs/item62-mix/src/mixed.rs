//! The second version, half-way: the followers still block, in threads of tokio's pool; the merged
//! file belongs to a task. A channel between the two worlds replaces the lock.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use common::timeline::lane;
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;
use tokio::runtime::Builder;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::logs::{Log, end_all};
use crate::threads::follow;

/// Merges as [`threads::merge`](crate::threads::merge) does.
pub fn merge(logs: &[Log], into: &Path, poll: Duration) -> anyhow::Result<usize> {
    let runtime = Builder::new_current_thread().build().context("cannot start tokio")?;
    // A blocking call can't be cancelled: the runtime would wait for the followers' logs to end.
    runtime.block_on(merge_half_way(logs, into, poll)).inspect_err(|_| end_all(logs))
}

/// How many messages the channel holds: more than there will ever be, because a small channel can end in a
/// deadlock.
///
/// 1. A follower that waits for room in the channel blocks, and keeps its thread of tokio's pool.
/// 2. The merging task makes room in the channel. To write, it needs a thread of the same pool.
/// 3. If the system gives no more threads than there are followers, tokio reports no error: the write
///    waits in line until a follower gives back its thread. The followers wait for room and the write
///    waits for a thread, for ever.
///
/// With room for everything no follower waits in step 1. The tasks of the third version hold no thread
/// while they wait, so their channel may be small.
const ROOM: usize = tokio::sync::Semaphore::MAX_PERMITS;

async fn merge_half_way(logs: &[Log], into: &Path, poll: Duration) -> anyhow::Result<usize> {
    let (sender, found) = mpsc::channel(ROOM);
    let mut followers = JoinSet::new();
    for (number, log) in logs.iter().cloned().enumerate() {
        let sender = sender.clone();
        let send =
            move |lines| sender.blocking_send((number, lines)).context("nobody merges any more");
        followers.spawn_blocking(move || follow(&log, poll, send));
    }
    // Only the followers' senders are left. When the last of them is dropped, `write` has read all lines.
    drop(sender);
    // `try_join!` runs both futures until both are done. If one fails, it drops the other and returns
    // the error at once.
    let ((), halves) = tokio::try_join!(write(into, found), join(followers))?;
    Ok(halves)
}

/// Whole lines, and the number of the follower that found them.
pub type Found = (usize, Vec<u8>);

/// The task that owns the merged file. It writes what the followers send, until all senders are dropped.
pub async fn write(into: &Path, mut found: mpsc::Receiver<Found>) -> anyhow::Result<()> {
    let merged = File::create(into).await;
    let mut merged = merged.with_context(|| format!("cannot create {}", into.display()))?;
    while let Some((follower, lines)) = found.recv().await {
        let start = Instant::now();
        merged.write_all(&lines).await.context("cannot write the merged file")?;
        // `write_all` only hands the bytes to the pool; the flush waits until they are written.
        merged.flush().await.context("cannot write the merged file")?;
        lane(format!("follower {follower}")).record("merge", start);
    }
    Ok(())
}

/// Waits for the followers and returns the sum of what they counted. Fails as soon as one follower fails.
pub async fn join(mut followers: JoinSet<anyhow::Result<usize>>) -> anyhow::Result<usize> {
    let mut halves = 0;
    while let Some(joined) = followers.join_next().await {
        // The first `?` is for a follower that panicked, the second for the error that it returned.
        halves += joined.context("a follower panicked")??;
    }
    Ok(halves)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::mpsc::channel;
    use std::thread;

    use super::*;
    use crate::logs::beside_writers;
    use crate::settings::Settings;

    /// As on a system that refuses the pool another thread. Each poll finds a line or two, so that
    /// the followers send far more messages than a small channel holds.
    #[test]
    fn followers_that_hold_all_threads_of_the_pool_do_not_lock_out_the_merging_task() {
        let dir = tempfile::tempdir().unwrap();
        let (into, logs) = (dir.path().join("merged"), Log::create(dir.path(), 2).unwrap());
        let merged = into.clone();
        let (finished, when_finished) = channel();
        // Not joined: if it hangs, the test must still end.
        thread::spawn(move || {
            let [poll, pause] = [1, 4].map(Duration::from_millis);
            let settings = Settings { writers: 2, lines: 100, pause, seed: 62, poll };
            let runtime = Builder::new_current_thread().max_blocking_threads(2).build().unwrap();
            let merge = || runtime.block_on(merge_half_way(&logs, &into, poll));
            finished.send(beside_writers(&logs, &settings, merge)).unwrap();
        });
        let outcome = when_finished.recv_timeout(Duration::from_secs(30));
        outcome.expect("they wait for each other").unwrap();
        assert_eq!(fs::read_to_string(merged).unwrap().lines().count(), 200);
    }
}
