//! The story of item 58: a fixed set of workers and the queues between them.

mod stages;
mod step;
mod workers;

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use common::rounds::{Best, best_by_turns};
use common::story::{Step, Story};
use common::unit::show_time;
use crossbeam::channel::Sender;
use life::calls::SlowCalls;
use life::notes::Known;
use life::proofs::prove;
use life::{Cell, Grid, LifeFlags, Played, SEED, Size, in_rounds, in_turn, play};

use stages::{decide_by_two_calls, with_two_stages};
use step::{Job, decide, decide_all, step};
use workers::with_workers;

/// How often two stages and one are measured, by turns; the best counts.
const ROUNDS: usize = 3;

/// Item 58: the Game of Life with queues and a fixed set of workers
#[derive(Debug, Parser)]
struct Flags {
    #[command(flatten)]
    life: LifeFlags,

    /// How many workers take cells from a queue
    #[arg(long, default_value_t = 5, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1_000))]
    workers: u16,

    /// The large grid
    #[arg(long, default_value = "25x40", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| Size::parse(text, 100_000))]
    large: Size,

    /// How many workers take the cells of the large grid
    #[arg(long, default_value_t = 45, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1_000))]
    large_workers: u16,
}

fn main() -> ExitCode {
    common::program::run(tell)
}

fn tell(Flags { life, workers, large: size, large_workers }: Flags) -> anyhow::Result<()> {
    let LifeFlags { generations, latency, output } = life;
    let (workers, large_workers) = (usize::from(workers), usize::from(large_workers));
    let story = Story::begin(58, env!("CARGO_PKG_DESCRIPTION"), output)?;
    let small_size = Grid::glider().size().cells();
    let play_all = |jobs: &Sender<Job>| play(Grid::glider(), generations, |grid| step(grid, jobs));

    let queue = story.step("queue", "the same workers decide the cells of all generations")?;
    let calls = SlowCalls::open(latency)?;
    let played = queue.enter(|| with_workers(workers, &calls, decide, play_all))?;
    queue.setting("workers", workers);
    queue.setting("latency_s", latency);
    let known = calls.notes.so_far();
    let sum = in_rounds(small_size, workers, known.mean_call());
    queue.fact("generation_s", played.generation()).about(&sum);
    queue.fact("threads_started", known.threads.len());
    prove(&queue, &played.grids, generations);

    let phased = story.step("phased", "two calls for each cell: two queues, each with workers")?;
    let round = |play: &dyn Fn(&SlowCalls) -> anyhow::Result<Played>| {
        let calls = SlowCalls::open(latency)?;
        Ok((play(&calls)?, calls.notes.so_far()))
    };
    let in_two_stages = |calls: &_| with_two_stages(workers, calls, play_all);
    let in_one = |calls: &_| with_workers(2 * workers, calls, decide_by_two_calls, play_all);
    let [in_two_stages, in_one] =
        best_by_turns(ROUNDS, [&mut || round(&in_two_stages), &mut || round(&in_one)])?;
    phased.setting("workers", 2 * workers);
    let rounds = small_size.div_ceil(workers);
    let sum = in_turn(rounds + 1, "calls", in_two_stages.found.1.mean_call());
    let sum = format!("{rounds} rounds + 1: {sum}");
    tell_best(&phased, generations, &in_two_stages, &sum);

    let merged =
        story.step("merged", "the same calls, one queue: a worker makes both of a cell")?;
    merged.setting("workers", 2 * workers);
    let sum = in_rounds(small_size, 2 * workers, 2 * in_one.found.1.mean_call());
    tell_best(&merged, generations, &in_one, &sum);
    let [two, one] = [&in_two_stages, &in_one].map(|best| show_time(best.found.0.generation()));
    let look = format!("a generation in two stages: {two}; in one of as many workers: {one}");
    story.picture(&look, &[&phased, &merged])?;

    let failure = story.step("failure", "the call of a cell is refused: its error is a result")?;
    let start = Grid::glider();
    let calls = SlowCalls::open(latency)?.failing_once_at(Cell { row: 2, column: 3 });
    let (first, second) = with_workers(workers, &calls, decide, |jobs| {
        Ok((decide_all(&start, jobs)?, play(start.clone(), 1, |grid| step(grid, jobs))?))
    })?;
    let mut errors = first.iter().filter_map(|(_, state)| state.as_ref().err());
    failure.fact("results", first.len());
    failure.fact("error", errors.next().context("no call was refused")?.to_string());
    prove(&failure, &second.grids, 1);

    let large = story.step("large", "more workers; first the small grid, then a large one")?;
    let calls = SlowCalls::open(latency)?;
    let (small_played, played) = with_workers(large_workers, &calls, decide, |jobs| {
        Ok((play_all(jobs)?, play(Grid::soup(size, SEED), 1, |grid| step(grid, jobs))?))
    })?;
    large.setting("workers", large_workers);
    let call = calls.notes.so_far().mean_call();
    let sum = in_rounds(small_size, large_workers, call);
    large.figure("small_generation_s", small_played.generation()).about(&sum);
    let sum = in_rounds(size.cells(), large_workers, call);
    large.figure("generation_s", played.generation()).about(&sum);
    prove(&large, &played.grids, 1);

    Ok(story.finish()?)
}

fn tell_best(step: &Step<'_>, generations: u16, best: &Best<(Played, Known)>, sum: &str) {
    let (played, known) = &best.found;
    step.fact("calls", known.begun);
    step.fact("generation_s", played.generation()).best_of(ROUNDS).about(sum);
    prove(step, &played.grids, generations);
    step.show(&best.lanes);
}
