//! The story of item 59: a pool of threads of a stated size.

mod nested;
mod sizes;
mod starved;
mod step;

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use common::story::Story;
use common::threads::{cores, start_pool, with_pool};
use common::timing::measure;
use life::calls::SlowCalls;
use life::proofs::{digest, prove, reference};
use life::{Cell, Grid, LifeFlags, SEED, Size, in_rounds, play};

use nested::{PATIENCE, block_on_another_job, scope_another_job};
use sizes::{ROUNDS, SIZES, in_pools_of_all_sizes};
use starved::{compute, compute_beside_waits};
use step::step;

/// Item 59: the Game of Life with a thread pool
#[derive(Debug, Parser)]
struct Flags {
    #[command(flatten)]
    life: LifeFlags,

    /// How many threads the pool has
    #[arg(long, default_value_t = 5, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1_000))]
    threads: u16,

    /// The large grid
    #[arg(long, default_value = "25x40", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| Size::parse(text, 100_000))]
    large: Size,

    /// How many threads the pool has for the large grid
    #[arg(long, default_value_t = 45, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1_000))]
    large_threads: u16,
}

fn main() -> ExitCode {
    common::program::run(tell)
}

fn tell(Flags { life, threads, large: size, large_threads }: Flags) -> anyhow::Result<()> {
    let LifeFlags { generations, latency, output } = life;
    let story = Story::begin(59, env!("CARGO_PKG_DESCRIPTION"), output)?;

    let pooled =
        story.step("pool", "the threads of one pool decide the cells of all generations")?;
    let pool = start_pool(threads.into())?;
    let calls = SlowCalls::open(latency)?;
    let play_all = || play(Grid::glider(), generations, |grid| step(grid, &pool, &calls));
    let played = pooled.enter(|| with_pool(&pool, play_all))?;
    pooled.setting("threads", threads);
    pooled.setting("latency_s", latency);
    let known = calls.notes.so_far();
    pooled.fact("threads_started", known.threads.len());
    let sum = in_rounds(Grid::glider().size().cells(), threads.into(), known.mean_call());
    pooled.figure("generation_s", played.generation()).about(&sum);
    prove(&pooled, &played.grids, generations);

    let failure =
        story.step("failure", "the call of a cell is refused: `step` returns the error")?;
    let calls = SlowCalls::open(latency)?.failing_once_at(Cell { row: 2, column: 3 });
    let failed = step(&Grid::glider(), &pool, &calls).err().context("no call was refused")?;
    let again = play(Grid::glider(), 1, |grid| step(grid, &pool, &calls))?;
    failure.fact("error", failed.to_string());
    prove(&failure, &again.grids, 1);

    let sizes =
        story.step("sizes", "a generation of the small grid in pools of different sizes")?;
    let best = in_pools_of_all_sizes(latency)?;
    sizes.setting("latency_s", latency);
    for ((size, name), best) in SIZES.into_iter().zip(&best) {
        let sum = in_rounds(Grid::glider().size().cells(), size, best.found.1.mean_call());
        sizes.fact(name, best.elapsed).best_of(ROUNDS).about(&sum);
    }
    let (grids, known): (Vec<_>, Vec<_>) = best.into_iter().map(|best| best.found).unzip();
    sizes.fact("calls_at_once", known.iter().map(|known| known.most_at_once).collect::<Vec<_>>());
    sizes.proof("digest", digest(&grids));
    sizes.proof("reference", digest(&SIZES.map(|_| reference(&Grid::glider(), 1).remove(1))));

    let large = story.step("large", "a generation of a large grid")?;
    let pool = start_pool(large_threads.into())?;
    let calls = SlowCalls::open(latency)?;
    let played = play(Grid::soup(size, SEED), 1, |grid| step(grid, &pool, &calls))?;
    large.setting("threads", large_threads);
    let sum = in_rounds(size.cells(), large_threads.into(), calls.notes.so_far().mean_call());
    large.figure("generation_s", played.generation()).about(&sum);
    prove(&large, &played.grids, 1);

    let starved = story.step("starved", "computing in a pool that is full of tasks that wait")?;
    let pool = start_pool(cores())?;
    let (_, alone) = measure(|| pool.install(compute));
    let (waits_ended_first, elapsed) = starved.enter(|| compute_beside_waits(&pool, &pool))?;
    starved.figure("computing_alone_s", alone);
    starved.figure("computing_s", elapsed);
    starved.proof("waits_ended_first", waits_ended_first);

    let apart = story.step("apart", "the tasks that wait are in a pool of their own")?;
    let other = start_pool(cores())?;
    let (_, elapsed) = apart.enter(|| compute_beside_waits(&other, &pool))?;
    apart.figure("computing_s", elapsed);
    let look = "in a full pool the work waits for a thread; in its own pool it need not";
    story.picture_of_first(5, look, &[&starved, &apart])?;

    let nested =
        story.step("nested", "in a pool of one thread, a job blocks until another job is done")?;
    let pool = start_pool(1)?;
    nested.setting("threads", 1);
    nested.setting("patience_s", PATIENCE);
    nested.fact("order", block_on_another_job(&pool));

    let scoped = story.step("scoped", "in the same pool, a job waits by a scope of rayon's")?;
    scoped.fact("order", scope_another_job(&pool));

    Ok(story.finish()?)
}
