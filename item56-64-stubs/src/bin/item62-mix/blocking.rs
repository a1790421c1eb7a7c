//! The second version, half-way: the followers still block, in threads of tokio's blocking pool;
//! the merged file belongs to a task. A channel between the two worlds replaces the lock.

use anyhow::Context;
use common::timeline::Timeline;
use tokio::runtime;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::Merge;
use crate::logs::Log;
use crate::merger::{self, BACKLOG};
use crate::threads::follow;

/// As [`threads::merge`](crate::threads::merge).
pub fn merge(timeline: &Timeline, logs: &[Log], how: Merge<'_>) -> anyhow::Result<usize> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_time()
        // One for each follower, and one more: the task that writes needs the pool too. Without
        // it the followers would hold all the threads while they wait for that task, for ever.
        .max_blocking_threads(logs.len() + 1)
        .build()
        .context("cannot start tokio")?;
    runtime.block_on(async {
        let (sender, found) = mpsc::channel(BACKLOG);
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
