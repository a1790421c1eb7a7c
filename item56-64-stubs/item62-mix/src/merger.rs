//! The task that owns the merged file: what the second and the third version share.

use std::path::Path;
use std::time::Instant;

use anyhow::Context;
use common::timeline::{Lane, Timeline};
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// Whole lines, and the number of the follower that found them.
pub type Lines = (usize, Vec<u8>);

/// Writes what the followers send to a new file at `path`, until all of them are gone.
pub async fn write(
    path: &Path,
    found: mpsc::Receiver<Lines>,
    lanes: Vec<Lane<'_>>,
) -> anyhow::Result<()> {
    let merged = File::create(path).await;
    let merged = merged.with_context(|| format!("cannot create {}", path.display()))?;
    write_to(merged, found, lanes).await.with_context(|| format!("cannot write {}", path.display()))
}

/// As [`write()`], to a file that is open already; without lanes it records nothing.
pub async fn write_to(
    mut merged: File,
    mut found: mpsc::Receiver<Lines>,
    mut lanes: Vec<Lane<'_>>,
) -> std::io::Result<()> {
    while let Some((follower, lines)) = found.recv().await {
        let start = Instant::now();
        merged.write_all(&lines).await?;
        // `write_all` only hands the bytes to the pool; the flush waits until they are written,
        // and is what reports a full disk.
        merged.flush().await?;
        if let Some(lane) = lanes.get_mut(follower) {
            lane.record_since("merge", start);
        }
    }
    Ok(())
}

/// Waits for the followers; returns the sum of what they counted.
pub async fn join(mut followers: JoinSet<anyhow::Result<usize>>) -> anyhow::Result<usize> {
    let mut sum = 0;
    while let Some(joined) = followers.join_next().await {
        sum += joined.context("a follower panicked")??;
    }
    Ok(sum)
}

/// A lane for each follower.
pub fn lanes<'timeline>(
    timeline: &'timeline Timeline,
    step: &'static str,
    followers: usize,
) -> Vec<Lane<'timeline>> {
    (0..followers).map(|n| timeline.lane(step, format!("follower {n}"))).collect()
}
