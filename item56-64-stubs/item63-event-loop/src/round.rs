//! A round of one version of the write, and the search for one that the machine did not disturb.

use std::fs::File;
use std::io::{self, Seek};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use common::rounds::until_undisturbed;
use common::threads::{Join, spawn};
use common::timeline::Lanes;

use crate::heart::Heart;

/// What a version did.
#[derive(Debug)]
pub struct Round {
    /// What the heart did beside the write.
    pub heart: Heart,
    /// What has been written.
    pub text: String,
    /// How many rounds there have been, this one included.
    pub rounds: usize,
    /// The longest time between two beats of a thread that does nothing but beat. Nothing in this program
    /// holds that thread up, so a long time shows that the machine stood still.
    pub stood_still: Duration,
}

impl Round {
    /// Lets `version` write to a new file.
    pub fn of(version: impl FnOnce(&mut File) -> anyhow::Result<Heart>) -> anyhow::Result<Self> {
        // A file without a name: nothing is left behind, however this program ends.
        let mut file = tempfile::tempfile().context("cannot create a temporary file")?;
        let heart = version(&mut file)?;
        let text = file.rewind().and_then(|()| io::read_to_string(&file));
        let text = text.context("cannot read the file back")?;
        Ok(Self { heart, text, rounds: 1, stood_still: Duration::ZERO })
    }

    /// Lets `version` write in several rounds if need be, until the heart has missed no more than a beat or
    /// two. Returns the last round, and its lanes.
    ///
    /// A machine that has much else to do may keep this program from the processor for as long as a
    /// write takes, and then the heart stops though nothing blocks its loop. A single round with short gaps
    /// shows that the loop *can* go on, because a write that blocks the loop leaves no round without a long
    /// gap.
    pub fn undisturbed(
        beat: Duration,
        mut version: impl FnMut(&mut File) -> anyhow::Result<Heart>,
    ) -> anyhow::Result<(Self, Lanes)> {
        let round = |lanes: &Lanes| {
            let round = || lanes.enter("main", || Self::of(&mut version));
            let (round, stood_still) = beside_a_clock(beat, round)?;
            Ok(Self { stood_still, ..round? })
        };
        let has_short_gaps =
            |Self { heart, .. }: &Self| heart.longest_gap() < (3 * beat).max(heart.write / 4);
        let (round, lanes, rounds) = until_undisturbed(round, has_short_gaps)?;
        Ok((Self { rounds, ..round }, lanes))
    }
}

/// Does `work` while a thread sleeps for a `beat`, again and again. Returns the longest sleep, too.
fn beside_a_clock<T>(beat: Duration, work: impl FnOnce() -> T) -> anyhow::Result<(T, Duration)> {
    let (going_on, is_over) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let clock = spawn(scope, "clock", move || {
            let (mut last, mut longest) = (Instant::now(), Duration::ZERO);
            while is_over.recv_timeout(beat) == Err(RecvTimeoutError::Timeout) {
                let now = Instant::now();
                longest = longest.max(now - last);
                last = now;
            }
            longest
        })?;
        let value = work();
        drop(going_on);
        Ok((value, clock.joined()?))
    })
}

#[cfg(test)]
mod tests {
    use common::rounds::MOST_ROUNDS;

    use super::*;

    const BEAT: Duration = Duration::from_millis(50);

    /// Rounds in which the heart had these gaps, in milliseconds: the gap that is told, and how many
    /// rounds there were.
    fn rounds(gaps: impl IntoIterator<Item = u64>) -> (Duration, usize) {
        let start = Instant::now();
        let mut hearts = gaps.into_iter().map(|gap| {
            let beats = vec![start, start + BEAT, start + BEAT + Duration::from_millis(gap)];
            Heart { beats, meanwhile: 0, write: 10 * BEAT }
        });
        let (round, _) = Round::undisturbed(BEAT, |_| Ok(hearts.next().unwrap())).unwrap();
        (round.heart.longest_gap(), round.rounds)
    }

    #[test]
    fn a_round_in_which_the_heart_was_held_up_is_repeated() {
        assert_eq!(rounds([600, 150, 149, 50]), (Duration::from_millis(149), 3));
    }

    #[test]
    fn a_heart_that_always_stops_is_told_in_the_end() {
        assert_eq!(rounds([500; MOST_ROUNDS]), (10 * BEAT, MOST_ROUNDS));
    }
}
