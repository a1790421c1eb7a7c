//! The story of item 60: a task for each cell, all of them on one thread.

mod alive;
mod calls;
mod cancelled;
mod dropped;
mod in_turn;
mod step;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use common::program::duration_within;
use common::story::Story;
use common::timing::measure;
use life::calls::SlowCalls;
use life::memory::{Memory, tell_cost_of_each};
use life::proofs::prove;
use life::{Cell, Grid, LifeFlags, SEED, Size, in_rounds, in_turn, play};
use tokio::runtime::Builder;

use alive::step_all_alive;
use calls::AsyncCalls;
use cancelled::fail_and_cancel;
use dropped::{drop_handles, drop_set};
use in_turn::step_in_turn;
use step::step;

/// Item 60: the Game of Life with a task for each cell, on one thread
#[derive(Debug, Parser)]
struct Flags {
    #[command(flatten)]
    life: LifeFlags,

    /// The large grid
    #[arg(long, default_value = "25x40", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| Size::parse(text, 250_000))]
    large: Size,

    /// The huge grid, whose tasks are to be alive at once
    #[arg(long, default_value = "250x400", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| Size::parse(text, 1_000_000))]
    huge: Size,

    /// How long the system call of each of its cells takes
    #[arg(long, default_value = "500ms", allow_hyphen_values = true)]
    #[arg(value_parser = duration_within("1ms", "10s"))]
    long_latency: Duration,
}

fn main() -> ExitCode {
    common::program::run(tell)
}

fn tell(Flags { life, large, huge, long_latency }: Flags) -> anyhow::Result<()> {
    let LifeFlags { generations, latency, output } = life;
    let story = Story::begin(60, env!("CARGO_PKG_DESCRIPTION"), output)?;
    // New: a runtime, which runs the tasks. It has one thread, this one, and the tasks run while this
    // thread is inside `block_on`.
    let runtime = Builder::new_current_thread().enable_io().enable_time().build();
    let runtime = runtime.context("cannot start the runtime")?;
    let _inside = runtime.enter();
    let before = Memory::now();

    let one_by_one =
        story.step("in_turn", "one generation; each call is awaited before the next")?;
    let calls = AsyncCalls::new(SlowCalls::open(latency)?)?;
    let block_on_step = |grid: &Grid| runtime.block_on(step_in_turn(grid, &calls));
    let played = one_by_one.enter(|| play(Grid::glider(), 1, block_on_step))?;
    let known = calls.notes.so_far();
    let sum = in_turn(known.begun, "calls", known.mean_call());
    one_by_one.setting("latency_s", latency);
    one_by_one.fact("generation_s", played.generation()).about(&sum);
    prove(&one_by_one, &played.grids, 1);

    let tasks = story.step("tasks", "each cell of each generation gets a new task")?;
    let calls = AsyncCalls::new(SlowCalls::open(latency)?)?;
    let block_on_step = |grid: &Grid| runtime.block_on(step(grid, &calls));
    let played = tasks.enter(|| play(Grid::glider(), generations, block_on_step))?;
    let known = calls.notes.so_far();
    let of_one = in_rounds(Grid::glider().size().cells(), known.most_at_once, known.mean_call());
    tasks.figure("generation_s", played.generation()).about(&of_one);
    tasks.figure("calls_at_once", known.most_at_once);
    tasks.fact("threads", known.threads.len());
    prove(&tasks, &played.grids, generations);
    let look = "the calls of the first row: one by one in `in_turn`, together in `tasks`";
    story.picture_of_first(4, look, &[&one_by_one, &tasks])?;

    let larger = story.step("large", "a task for each cell of a large grid")?;
    let calls = AsyncCalls::new(SlowCalls::open(latency)?)?;
    let played = play(Grid::soup(large, SEED), 1, |grid| runtime.block_on(step(grid, &calls)))?;
    larger.figure("generation_s", played.generation());
    larger.figure("calls_at_once", calls.notes.so_far().most_at_once);
    prove(&larger, &played.grids, 1);

    let alive = story.step("huge_at_once", "a huge grid; no task ends before all have called")?;
    let calls = AsyncCalls::new(SlowCalls::open(long_latency)?)?;
    let start = Grid::soup(huge, SEED);
    let (found, elapsed) = measure(|| runtime.block_on(step_all_alive(&start, &calls)));
    let found = found?;
    alive.setting("latency_s", long_latency);
    alive.fact("tasks_alive", found.tasks);
    alive.proof("calls_made", found.calls);
    alive.fact("generation_s", elapsed);
    tell_cost_of_each(&alive, [before, found.memory], found.tasks);
    prove(&alive, &[start, found.next], 1);

    let failure = story.step("failure", "a call is refused while the others wait for a minute")?;
    let minute = Duration::from_secs(60);
    let calls = SlowCalls::open(minute)?.failing_once_at(Cell { row: 2, column: 3 });
    let calls = AsyncCalls::new(calls)?;
    let (found, elapsed) = measure(|| runtime.block_on(fail_and_cancel(&Grid::glider(), &calls)));
    let found = found?;
    failure.setting("latency_s", minute);
    failure.fact("error", found.error.to_string());
    failure.fact("calls_open_then", found.open_then);
    failure.fact("tasks_cancelled", found.tasks);
    failure.fact("calls_open_after", calls.notes.so_far().open);
    failure.fact("elapsed_s", elapsed);

    let detached =
        story.step("handles_dropped", "45 tasks are in a call; their handles are dropped")?;
    let calls = AsyncCalls::new(SlowCalls::open(latency)?)?;
    let answers = runtime.block_on(drop_handles(&Grid::glider(), &calls));
    detached.setting("latency_s", latency);
    detached.fact("calls_begun", calls.notes.so_far().begun);
    detached.fact("answers_after", answers);

    let cancelled =
        story.step("set_dropped", "45 tasks are in a call; the set of them is dropped")?;
    let calls = AsyncCalls::new(SlowCalls::open(minute)?)?;
    let answers = runtime.block_on(drop_set(&Grid::glider(), &calls));
    cancelled.setting("latency_s", minute);
    cancelled.fact("calls_begun", calls.notes.so_far().begun);
    cancelled.fact("answers_after", answers);

    Ok(story.finish()?)
}
