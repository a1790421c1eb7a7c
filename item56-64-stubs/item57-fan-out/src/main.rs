//! The story of item 57: a new thread for each cell of each generation.

mod alive;
mod refusal;
mod starting;
mod step;

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use common::story::Story;
use common::threads::start_and_join;
use common::timing::measure;
use life::calls::SlowCalls;
use life::memory::tell_cost_of_each;
use life::proofs::prove;
use life::{Cell, Grid, LifeFlags, SEED, Size, play};

use alive::keep_alive;
use refusal::{MOST_THREADS, tell_refusal, unless_refused};
use starting::starts_and_a_call;
use step::step;

/// Item 57: the Game of Life with a new thread for each cell; what those threads cost
#[derive(Debug, Parser)]
struct Flags {
    #[command(flatten)]
    life: LifeFlags,

    /// The large grid, of up to 12000 cells, each with a thread of its own
    #[arg(long, default_value = "25x40", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| Size::parse(text, MOST_THREADS))]
    large: Size,
}

fn main() -> ExitCode {
    common::program::run(tell)
}

fn tell(Flags { life, large: size }: Flags) -> anyhow::Result<()> {
    let LifeFlags { generations, latency, output } = life;
    let story = Story::begin(57, env!("CARGO_PKG_DESCRIPTION"), output)?;

    let threads = story.step("threads", "each cell of each generation gets a new thread")?;
    let calls = SlowCalls::open(latency)?;
    let play_all = || play(Grid::glider(), generations, |grid| step(grid, &calls));
    let played = threads.enter(play_all)?;
    let known = calls.notes.so_far();
    threads.setting("latency_s", latency);
    let sum = starts_and_a_call(&threads.spans(), Grid::glider().size(), known.mean_call());
    threads.figure("generation_s", played.generation()).about(&sum);
    threads.figure("calls_at_once", known.most_at_once);
    threads.fact("threads_started", known.threads.len());
    prove(&threads, &played.grids, generations);
    let look = "the first row: for each generation nine new threads, in a call, and gone";
    story.picture_of_first(9, look, &[&threads])?;

    let one = story.step("one", "a thread that does nothing")?;
    one.fact("start_and_join_s", start_and_join(200)?);

    let large = story.step("large", "a thread for each cell of a large grid")?;
    let calls = SlowCalls::open(latency)?;
    let start = Grid::soup(size, SEED);
    let (played, refused) = unless_refused(play(start.clone(), 1, |grid| step(grid, &calls)))?;
    tell_refusal(&large, refused);
    let grids = if let Some(played) = played {
        large.figure("generation_s", played.generation());
        played.grids
    } else {
        vec![start]
    };
    large.figure("calls_at_once", calls.notes.so_far().most_at_once);
    prove(&large, &grids, 1);

    let alive = story.step("large_at_once", "as many threads; none ends before all have called")?;
    let calls = SlowCalls::open(latency)?;
    let (found, elapsed) = measure(|| keep_alive(&Grid::dead(size), &calls));
    let found = found?;
    alive.setting("threads_wanted", size.cells());
    alive.fact("threads_started", found.started);
    tell_refusal(&alive, found.refused);
    alive.figure("elapsed_s", elapsed);
    tell_cost_of_each(&alive, found.memory, found.started);

    let failure = story.step("failure", "the call of a cell is refused: its thread returns it")?;
    let calls = SlowCalls::open(latency)?.failing_once_at(Cell { row: 2, column: 3 });
    let error = step(&Grid::glider(), &calls).err().context("no call was refused")?;
    let known = calls.notes.so_far();
    failure.fact("threads_joined", known.begun);
    failure.fact("cells_decided", known.ended);
    failure.fact("calls_open_after", known.open);
    failure.fact("error", error.to_string());

    Ok(story.finish()?)
}
