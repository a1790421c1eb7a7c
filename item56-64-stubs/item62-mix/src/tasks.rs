//! The third version, tokio all the way: the followers are tasks.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;
use tokio::runtime::Builder;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::lines::Lines;
use crate::logs::Log;
use crate::mixed::{Found, join, write};

/// How many messages may wait for the merging task. When so many do, a follower waits for room before it
/// reads on (back-pressure).
const BACKLOG: usize = 16;

/// Merges as [`threads::merge`](crate::threads::merge) does.
pub fn merge(logs: &[Log], into: &Path, poll: Duration) -> anyhow::Result<usize> {
    let runtime = Builder::new_current_thread().enable_time().build();
    runtime.context("cannot start tokio")?.block_on(async {
        let (sender, found) = mpsc::channel(BACKLOG);
        let mut followers = JoinSet::new();
        for (number, log) in logs.iter().cloned().enumerate() {
            followers.spawn(follow(number, log, poll, sender.clone()));
        }
        // Only the followers' senders are left. When the last of them is dropped, `write` has read all.
        drop(sender);
        // Both futures run until both are done or one fails, as in the second version.
        let ((), halves) = tokio::try_join!(write(into, found), join(followers))?;
        Ok(halves)
    })
}

/// [`threads::follow`](crate::threads::follow), ported: the same lines, with `.await` in the four places where
/// that function blocks. A task may outlive the function that spawned it, so this one owns what it uses.
async fn follow(
    number: usize,
    log: Log,
    poll: Duration,
    sender: mpsc::Sender<Found>,
) -> anyhow::Result<usize> {
    let following = || format!("cannot follow {}", log.path.display());
    let mut file = File::open(&log.path).await.with_context(following)?;
    let mut lines = Lines::default();
    loop {
        // First ask, then look: what the log held when it ended is found by the last look.
        let ended = log.has_ended();
        file.read_to_end(&mut lines.buffer).await.with_context(following)?;
        match lines.take_whole() {
            Some(whole) => sender.send((number, whole)).await.context("nobody merges any more")?,
            None if ended => return Ok(lines.halves),
            None => sleep(poll).await,
        }
    }
}
