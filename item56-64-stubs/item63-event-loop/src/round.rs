//! A round of one version of the write, and the search for one that the machine did not disturb.

use std::fs::File;
use std::io::{Read, Seek};
use std::time::Duration;

use anyhow::Context;
use common::timeline::Lanes;

use crate::heart::Heart;

/// How often a round is repeated, at most.
const MOST_ROUNDS: usize = 20;

/// What a version did.
#[derive(Debug)]
pub struct Round {
    /// How long the write took.
    pub write: Duration,
    /// What the heart did beside it.
    pub heart: Heart,
    /// What has been written.
    pub text: String,
    /// How many rounds there have been; this is the last.
    pub rounds: usize,
}

impl Round {
    /// Lets `version` write to a new file.
    pub fn of(
        version: impl FnOnce(&mut File) -> anyhow::Result<(Duration, Heart)>,
    ) -> anyhow::Result<Self> {
        // It has no name: nothing of it is left behind, however this program ends.
        let mut file = tempfile::tempfile().context("cannot create a temporary file")?;
        let (write, heart) = version(&mut file)?;
        let mut text = String::new();
        file.rewind()
            .and_then(|()| file.read_to_string(&mut text))
            .context("cannot read the file back")?;
        Ok(Self { write, heart, text, rounds: 1 })
    }

    /// The same, in several rounds if need be, until the heart has missed no more than a beat or two.
    ///
    /// A machine that has much else to do may keep this program from the processor for as long as a
    /// write takes, and then the heart stops though nothing blocks its loop. That the loop *can* go
    /// on, a single round shows; where the write does block it, there is no such round.
    pub fn undisturbed(
        beat: Duration,
        mut version: impl FnMut(&mut File, &Lanes) -> anyhow::Result<(Duration, Heart)>,
    ) -> anyhow::Result<(Self, Lanes)> {
        let mut rounds = 0;
        loop {
            rounds += 1;
            let lanes = Lanes::new();
            let round = Self::of(|file| version(file, &lanes))?;
            let short_gap = (3 * beat).max(round.write / 4);
            if round.heart.longest_gap() < short_gap || rounds == MOST_ROUNDS {
                return Ok((Self { rounds, ..round }, lanes));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    const BEAT: Duration = Duration::from_millis(50);

    fn heart(gap: Duration) -> Heart {
        let start = Instant::now();
        Heart { beats: vec![start, start + BEAT, start + BEAT + gap], meanwhile: 0 }
    }

    #[test]
    fn a_round_in_which_the_heart_was_held_up_is_repeated() {
        let mut gaps = [600, 150, 149, 50].map(Duration::from_millis).into_iter();
        let (round, _) =
            Round::undisturbed(BEAT, |_, _| Ok((10 * BEAT, heart(gaps.next().unwrap())))).unwrap();
        assert_eq!(round.heart.longest_gap(), Duration::from_millis(149));
        assert_eq!(round.rounds, 3);
    }

    #[test]
    fn a_heart_that_always_stops_is_told_in_the_end() {
        let (round, _) =
            Round::undisturbed(BEAT, |_, _| Ok((10 * BEAT, heart(10 * BEAT)))).unwrap();
        assert_eq!(round.heart.longest_gap(), 10 * BEAT);
        assert_eq!(round.rounds, MOST_ROUNDS);
    }
}
