//! Two stages beside one, measured by turns.

use std::time::Duration;

use common::rounds::{Best, best_by_turns};
use common::timeline::Lanes;
use crossbeam::channel::Sender;
use life::Played;
use life::calls::{Call, SlowCalls};

use crate::stages::{decide_by_two_calls, with_two_stages};
use crate::step::Job;
use crate::workers::with_workers;

/// How often each is measured; the best counts.
pub const ROUNDS: usize = 3;

/// What came of a round.
pub struct Round {
    /// The game.
    pub played: Played,
    /// How many calls it took.
    pub calls: usize,
}

/// Lets two stages of `workers` each and then one of twice as many play the same game.
pub fn by_turns(
    workers: usize,
    latency: Duration,
    play: impl Fn(&Sender<Job>) -> anyhow::Result<Played>,
) -> anyhow::Result<[Best<Round>; 2]> {
    let two_stages = |calls: &SlowCalls| with_two_stages(workers, calls, &play);
    let one_stage = |calls: &SlowCalls| {
        with_workers(2 * workers, |grid, cell| decide_by_two_calls(calls, grid, cell), &play)
    };
    let round = |lanes: &Lanes, play: &dyn Fn(&SlowCalls) -> anyhow::Result<Played>| {
        let calls = SlowCalls::open(latency)?.remembered();
        let played = play(&calls)?;
        calls.notes.draw(lanes, Call::thread_name);
        Ok(Round { played, calls: calls.notes.begun() })
    };
    best_by_turns(
        ROUNDS,
        [&mut |lanes| round(lanes, &two_stages), &mut |lanes| round(lanes, &one_stage)],
    )
}
