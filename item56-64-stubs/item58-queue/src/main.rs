//! The story of item 58: a fixed set of workers and the queues between them.

mod rounds;
mod stages;
mod step;
mod workers;

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use common::story::Story;
use crossbeam::channel::Sender;
use life::calls::{Call, SlowCalls};
use life::proofs::prove;
use life::{Cell, Grid, LifeFlags, SEED, Size, play};

use rounds::{ROUNDS, by_turns};
use step::{Job, decide, decide_all, step};
use workers::with_workers;

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
    #[arg(long, default_value = "100x100", allow_hyphen_values = true)]
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
    let play_all =
        |jobs: &Sender<Job>| play(Grid::glider(), generations.into(), |grid| step(grid, jobs));

    let queue = story.step("queue", "the same workers decide the cells of all generations")?;
    let calls = SlowCalls::open(latency)?.remembered();
    let played = with_workers(workers, |grid, cell| decide(&calls, grid, cell), play_all)?;
    calls.notes.draw(queue.lanes(), Call::thread_name);
    queue.fact("workers", workers);
    queue.fact("latency_s", latency);
    queue.fact("generation_s", played.generation());
    queue.fact("threads_started", calls.notes.threads());
    prove(&queue, &played);

    let phased =
        story.step("phased", "two calls for each cell: two queues, each with its workers")?;
    let [in_two_stages, in_one] = by_turns(workers, latency, play_all)?;
    phased.fact("workers", 2 * workers);
    phased.fact("calls", in_two_stages.found.calls);
    phased.fact("generation_s", in_two_stages.found.played.generation()).best_of(ROUNDS);
    prove(&phased, &in_two_stages.found.played);
    phased.show(in_two_stages.lanes);

    let merged =
        story.step("merged", "the same calls, one queue: each worker makes both of a cell")?;
    merged.fact("workers", 2 * workers);
    merged.fact("calls", in_one.found.calls);
    merged.fact("generation_s", in_one.found.played.generation()).best_of(ROUNDS);
    prove(&merged, &in_one.found.played);
    merged.show(in_one.lanes);
    let look = "the second stage begins as soon as it can; the single one takes as long";
    story.picture(look, &[&phased, &merged])?;

    let failure =
        story.step("failure", "the call of cell 2,3 is refused: its error is a result")?;
    let start = Grid::glider();
    let calls = SlowCalls::open(latency)?.failing_once_at(Cell { row: 2, column: 3 });
    let (first, second) = with_workers(
        workers,
        |grid, cell| decide(&calls, grid, cell),
        |jobs| Ok((decide_all(&start, jobs)?, play(start.clone(), 1, |grid| step(grid, jobs))?)),
    )?;
    let mut errors = first.iter().filter_map(|(_, state)| state.as_ref().err());
    failure.fact("results", first.len());
    failure.fact("error", errors.next().context("no call was refused")?.to_string());
    prove(&failure, &second);

    let large = story.step("large", "more workers; first the small grid, then a large one")?;
    let calls = SlowCalls::open(latency)?;
    let (small_played, played) = with_workers(
        large_workers,
        |grid, cell| decide(&calls, grid, cell),
        |jobs| Ok((play_all(jobs)?, play(Grid::soup(size, SEED), 1, |grid| step(grid, jobs))?)),
    )?;
    large.figure("workers", large_workers);
    large.figure("small_generation_s", small_played.generation());
    large.figure("generation_s", played.generation());
    prove(&large, &played);

    story.finish()?;
    Ok(())
}
