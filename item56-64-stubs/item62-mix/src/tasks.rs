//! The third version, tokio all the way: the followers are tasks.

use std::time::Duration;

use anyhow::Context;
use common::timeline::Timeline;
use item62_mix::follow::{AsyncFollower, Look};
use tokio::runtime;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::Merge;
use crate::logs::Log;
use crate::merger::{self, Lines};

/// How many messages may wait for the merger before the followers wait for it: backpressure.
pub const BACKLOG: usize = 16;

/// As [`threads::merge`](crate::threads::merge).
pub fn merge(timeline: &Timeline, logs: &[Log], how: Merge<'_>) -> anyhow::Result<usize> {
    let runtime = runtime::Builder::new_current_thread().enable_time().build();
    runtime.context("cannot start tokio")?.block_on(async {
        let (sender, found) = mpsc::channel(BACKLOG);
        let mut followers = JoinSet::new();
        for (number, log) in logs.iter().cloned().enumerate() {
            followers.spawn(follow(number, log, how.poll, sender.clone()));
        }
        // Only the followers' senders are left: when they are gone, the lines have ended.
        drop(sender);
        let lanes = merger::lanes(timeline, "tasks", logs.len());
        merger::write(how.into, found, lanes).await?;
        merger::join(followers).await
    })
}

/// [`threads::follow`](crate::threads::follow), ported: five times `.await`, and it owns what it
/// uses.
pub async fn follow(
    number: usize,
    log: Log,
    poll: Duration,
    sender: mpsc::Sender<Lines>,
) -> anyhow::Result<usize> {
    let following = || format!("cannot follow {}", log.path.display());
    let mut follower = AsyncFollower::open(&log.path).await.with_context(following)?;
    let mut ended = false;
    loop {
        if !ended && log.has_ended() {
            follower.finish().await.with_context(following)?;
            ended = true;
        }
        match follower.look().await.with_context(following)? {
            Look::Lines(lines) => {
                sender.send((number, lines)).await.context("nobody merges any more")?;
            }
            Look::Half => {}
            Look::Changed { change, dropped } => crate::tell_change(&log.path, change, dropped),
            Look::Nothing if ended => break,
            Look::Nothing => tokio::time::sleep(poll).await,
        }
    }
    crate::tell_unfinished(&log.path, follower.unfinished());
    Ok(follower.halves())
}
