//! The story of item 63: a heartbeat beside a slow write, on one event loop.

mod heart;
mod round;
mod writes;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use common::program::duration_within;
use common::story::{OutputFlags, Step, Story};
use common::timeline::in_lane;
use common::unit::show_time;

use crate::round::Round;
use crate::writes::{write_directly, write_in_a_thread};

/// Item 63: a heartbeat beside a slow write, which blocks the event loop or has a thread of its own
#[derive(Debug, Parser)]
struct Flags {
    /// How often the heart beats: 1ms to 1s
    #[arg(long, default_value = "50ms", allow_hyphen_values = true)]
    #[arg(value_parser = duration_within("1ms", "1s"))]
    beat: Duration,

    /// How long the slow write takes: 1ms to 10s
    #[arg(long, default_value = "500ms", allow_hyphen_values = true)]
    #[arg(value_parser = duration_within("1ms", "10s"))]
    write: Duration,

    #[command(flatten)]
    output: OutputFlags,
}

fn main() -> ExitCode {
    common::program::run(tell)
}

fn tell(Flags { beat, write: latency, output }: Flags) -> anyhow::Result<()> {
    let story = Story::begin(63, env!("CARGO_PKG_DESCRIPTION"), output)?;
    let directly = story.step("direct", "a task makes the slow write itself")?;
    // The loop's own thread is the one that writes.
    let write = || Round::of(|file| write_directly(file, latency, beat));
    let stopped = directly.enter(|| in_lane("writer", write))?;
    report(&directly, &stopped, beat);

    let beside = story.step("thread", "a thread makes the write; the task awaits its answer")?;
    let (going_on, lanes) =
        Round::undisturbed(beat, |file| write_in_a_thread(file, latency, beat))?;
    beside.show(&lanes);
    report(&beside, &going_on, beat);
    beside.proof("stood_still_s", going_on.stood_still);

    let [few, many] = [stopped, going_on].map(|round| round.heart.meanwhile);
    let look = format!("beats during the write: {few} in `direct`, {many} in `thread`");
    story.picture(&look, &[&directly, &beside])?;
    story.finish()?;
    Ok(())
}

fn report(step: &Step<'_>, Round { heart, text, rounds, .. }: &Round, beat: Duration) {
    let (longest, every) = (show_time(heart.longest_gap()), show_time(beat));
    step.fact("write_s", heart.write);
    step.fact("beats_during_write", heart.meanwhile);
    step.fact("longest_gap_s", heart.longest_gap()).best_of(*rounds);
    step.figure("first_to_last_beat_s", heart.first_to_last())
        .about(&format!("{longest} + {} gaps of {every}", heart.beats.len().saturating_sub(2)));
    step.proof("file_holds", text.trim_end());
}
