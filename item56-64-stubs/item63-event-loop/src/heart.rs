//! A task that beats, and another task that is awaited beside it.

use std::time::{Duration, Instant};

use anyhow::Context;
use common::timeline::lane;
use tokio::runtime::Builder;
use tokio::sync::watch;
use tokio::time::{self, MissedTickBehavior};

/// How many beats are awaited before the other task begins, and again after it has ended.
const BEATS_AROUND: usize = 3;

/// What the heart did beside a task that writes.
#[derive(Debug)]
pub struct Heart {
    /// When the heart beat.
    pub beats: Vec<Instant>,
    /// How many of the beats came while the writing task was awaited.
    pub meanwhile: usize,
    /// How long the write took, as the task says.
    pub write: Duration,
}

impl Heart {
    /// The longest time between two beats.
    pub fn longest_gap(&self) -> Duration {
        let gaps = self.beats.windows(2).map(|pair| pair[1] - pair[0]);
        gaps.max().unwrap_or_default()
    }

    /// The time from the first beat to the last.
    pub fn first_to_last(&self) -> Duration {
        self.beats
            .last()
            .zip(self.beats.first())
            .map_or(Duration::ZERO, |(last, first)| *last - *first)
    }
}

/// Runs an event loop on which `task` is awaited while a heart beats. Some beats come before the task, and
/// some after it.
pub fn beside_a_heart(
    every: Duration,
    task: impl Future<Output = anyhow::Result<Duration>>,
) -> anyhow::Result<Heart> {
    // One thread, so that a task that blocks stops all others; and of tokio's drivers only the clock.
    let runtime = Builder::new_current_thread().enable_time().build();
    runtime.context("cannot start tokio")?.block_on(async {
        let (count, mut counted) = watch::channel(0);
        let heart = tokio::spawn(beat(every, count));

        let stopped = "the heart has stopped by itself";
        counted.wait_for(|beats| *beats >= BEATS_AROUND).await.context(stopped)?;
        let before = *counted.borrow();
        let write = task.await?;
        let after = *counted.borrow();
        counted.wait_for(|beats| *beats >= after + BEATS_AROUND).await.context(stopped)?;

        // The heart beats until the receiving end of its channel is dropped.
        drop(counted);
        let beats = heart.await.context("the heart has panicked")?;
        Ok(Heart { beats, meanwhile: after - before, write })
    })
}

async fn beat(every: Duration, count: watch::Sender<usize>) -> Vec<Instant> {
    let lane = lane("heart");
    let mut interval = time::interval(every);
    // After a stall, one beat comes at once and the next a whole interval later. By default all beats that
    // were missed would follow at once.
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut beats = Vec::new();
    while count.send(beats.len()).is_ok() {
        interval.tick().await;
        let now = Instant::now();
        lane.record_between("beat", now, now);
        beats.push(now);
    }
    beats
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_gap_is_between_neighbouring_beats_and_all_of_them_are_between_the_first_and_the_last()
     {
        let start = Instant::now();
        let beats = [0, 10, 20, 520, 530].map(|ms| start + Duration::from_millis(ms)).to_vec();
        let heart = Heart { beats, meanwhile: 0, write: Duration::ZERO };
        assert_eq!(heart.longest_gap(), Duration::from_millis(500));
        assert_eq!(heart.first_to_last(), Duration::from_millis(530));
    }
}
