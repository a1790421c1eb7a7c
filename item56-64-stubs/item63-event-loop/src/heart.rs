//! A task that beats, and another that is awaited beside it.

use std::time::{Duration, Instant};

use anyhow::Context;
use common::timeline::Lanes;
use tokio::sync::watch;
use tokio::time::{self, MissedTickBehavior};

/// How many beats are awaited before the other task begins, and again after it has ended.
const BEATS_AROUND: usize = 3;

/// What the heart did beside another task.
#[derive(Debug)]
pub struct Heart {
    /// When it beat.
    pub beats: Vec<Instant>,
    /// How many of the beats came while the other task was awaited.
    pub meanwhile: usize,
}

impl Heart {
    /// The longest time between two beats.
    pub fn longest_gap(&self) -> Duration {
        let gaps = self.beats.windows(2).map(|pair| pair[1] - pair[0]);
        gaps.max().unwrap_or_default()
    }

    /// Draws the beats into a lane of their own.
    pub fn draw(&self, lanes: &Lanes) {
        let mut lane = lanes.lane("heart");
        for beat in &self.beats {
            lane.record_between("beat", *beat, *beat);
        }
    }
}

/// Awaits `task` while a heart beats, and returns what both did. The beats themselves say when: some
/// come before the task, and some after it.
pub async fn beside_a_heart<T>(
    every: Duration,
    task: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<(T, Heart)> {
    let (count, mut counted) = watch::channel(0);
    let heart = tokio::spawn(beat(every, count));

    let stopped = "the heart has stopped by itself";
    counted.wait_for(|beats| *beats >= BEATS_AROUND).await.context(stopped)?;
    let before = *counted.borrow();
    let done = task.await?;
    let after = *counted.borrow();
    counted.wait_for(|beats| *beats >= after + BEATS_AROUND).await.context(stopped)?;

    // The heart beats as long as anybody listens.
    drop(counted);
    let beats = heart.await.context("the heart has panicked")?;
    Ok((done, Heart { beats, meanwhile: after - before }))
}

async fn beat(every: Duration, count: watch::Sender<usize>) -> Vec<Instant> {
    let mut interval = time::interval(every);
    // After a stall, go on as usual; by default the missed beats would follow all at once.
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut beats = Vec::new();
    loop {
        interval.tick().await;
        beats.push(Instant::now());
        if count.send(beats.len()).is_err() {
            return beats;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_gap_is_between_neighbouring_beats() {
        let start = Instant::now();
        let beats = [0, 10, 20, 520, 530].map(|ms| start + Duration::from_millis(ms)).to_vec();
        let heart = Heart { beats, meanwhile: 0 };
        assert_eq!(heart.longest_gap(), Duration::from_millis(500));
    }
}
