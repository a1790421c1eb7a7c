//! The second version, half-way: the followers still block, in threads of tokio's blocking pool;
//! the merged file belongs to a task. A channel between the two worlds replaces the lock.

use anyhow::Context;
use common::timeline::Timeline;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use crate::Merge;
use crate::logs::Log;
use crate::merger;
use crate::threads::follow;

/// As [`threads::merge`](crate::threads::merge).
pub fn merge(timeline: &Timeline, logs: &[Log], how: Merge<'_>) -> anyhow::Result<usize> {
    let runtime = Builder::new_current_thread().build().context("cannot start tokio")?;
    merge_on(&runtime, timeline, logs, how)
}

/// The most that a channel can hold: as good as unbounded.
///
/// With a smaller one, a follower that waits for room would keep its thread of the pool, while the
/// merger needs a thread of the same pool to write and make room. If the system gives no more
/// threads than there are followers, the two wait for each other for ever: tokio does not report
/// the lack, it lets the write wait in line. The tasks of the third version hold no thread while
/// they wait, so their channel can be small.
const ROOM: usize = Semaphore::MAX_PERMITS;

fn merge_on(
    runtime: &Runtime,
    timeline: &Timeline,
    logs: &[Log],
    how: Merge<'_>,
) -> anyhow::Result<usize> {
    runtime.block_on(async {
        let (sender, found) = mpsc::channel(ROOM);
        let mut followers = JoinSet::new();
        for (number, log) in logs.iter().cloned().enumerate() {
            let sender = sender.clone();
            let poll = how.poll;
            followers.spawn_blocking(move || {
                follow(&log, poll, |lines| {
                    sender.blocking_send((number, lines)).context("nobody merges any more")
                })
            });
        }
        // Only the followers' senders are left: when they are gone, the lines have ended.
        drop(sender);
        let lanes = merger::lanes(timeline, "spawn_blocking", logs.len());
        merger::write(how.into, found, lanes).await?;
        merger::join(followers).await
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::{Arc, mpsc};
    use std::thread;
    use std::time::Duration;

    use super::*;

    /// As on a system that refuses the pool another thread. Each poll finds one line, so that the
    /// followers send far more messages than a small channel holds.
    #[test]
    fn followers_that_hold_all_threads_of_the_pool_do_not_lock_out_the_merger() {
        const LINES: u16 = 100;
        let dir = tempfile::tempdir().unwrap();
        let into = dir.path().join("merged");
        let logs = Log::create(dir.path(), 2).unwrap();
        let (finished, when_finished) = mpsc::channel();
        let (logs, output) = (Arc::new(logs), into.clone());
        for log in logs.iter() {
            let log = log.clone();
            let pauses = vec![Duration::from_millis(2); LINES.into()];
            thread::spawn(move || {
                let timeline = Timeline::new();
                log.write("writer", &pauses, &mut timeline.lane("test", "writer")).unwrap();
            });
        }
        // Not joined: if it hangs, the test must still end.
        thread::spawn(move || {
            let runtime = Builder::new_current_thread().max_blocking_threads(2).build().unwrap();
            let how = Merge { into: &output, poll: Duration::from_millis(1) };
            merge_on(&runtime, &Timeline::new(), &logs, how).unwrap();
            finished.send(()).unwrap();
        });
        when_finished.recv_timeout(Duration::from_secs(60)).expect("they wait for each other");
        assert_eq!(fs::read_to_string(into).unwrap().lines().count(), 2 * usize::from(LINES));
    }
}
