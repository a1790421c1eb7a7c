//! The story of item 59: a pool of threads of a stated size.

mod pool;
mod sizes;
mod starved;
mod step;

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use common::story::Story;
use common::threads::cores;
use common::timing::measure;
use life::calls::{Call, SlowCalls};
use life::proofs::{digest, prove, reference};
use life::{Cell, Grid, LifeFlags, SEED, Size, play};

use pool::start_pool;
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
    #[arg(long, default_value = "100x100", allow_hyphen_values = true)]
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
    let calls = SlowCalls::open(latency)?.remembered();
    let played = play(Grid::glider(), generations.into(), |grid| step(grid, &pool, &calls))?;
    calls.notes.draw(pooled.lanes(), Call::thread_name);
    pooled.fact("threads", threads);
    pooled.fact("threads_started", calls.notes.threads());
    pooled.figure("latency_s", latency);
    pooled.figure("generation_s", played.generation());
    prove(&pooled, &played);

    let failure =
        story.step("failure", "the call of cell 2,3 is refused: `step` returns the error")?;
    let calls = SlowCalls::open(latency)?.failing_once_at(Cell { row: 2, column: 3 });
    let failed = step(&Grid::glider(), &pool, &calls).err().context("no call was refused")?;
    let again = play(Grid::glider(), 1, |grid| step(grid, &pool, &calls))?;
    failure.fact("error", failed.to_string());
    prove(&failure, &again);

    let sizes =
        story.step("sizes", "a generation of the small grid in pools of different sizes")?;
    let played = in_pools_of_all_sizes(latency)?;
    sizes.fact("latency_s", latency);
    for ((_, name), played) in SIZES.iter().zip(&played) {
        sizes.fact(name, played.elapsed).best_of(ROUNDS);
    }
    sizes.fact(
        "calls_at_once",
        played.iter().map(|played| played.calls_at_once).collect::<Vec<_>>(),
    );
    sizes.proof("digest", digest(&played.map(|played| played.next)));
    sizes.proof("reference", digest(&SIZES.map(|_| reference(&Grid::glider(), 1).remove(1))));

    let large = story.step("large", "a generation of a large grid")?;
    let pool = start_pool(large_threads.into())?;
    let calls = SlowCalls::open(latency)?;
    let played = play(Grid::soup(size, SEED), 1, |grid| step(grid, &pool, &calls))?;
    large.figure("threads", large_threads);
    large.figure("generation_s", played.generation());
    prove(&large, &played);

    let starved = story.step("starved", "computing in a pool that is full of tasks that wait")?;
    let pool = start_pool(cores())?;
    let (_, alone) = measure(|| pool.install(compute));
    let computed = compute_beside_waits(starved.lanes(), &pool, &pool)?;
    starved.figure("computing_alone_s", alone);
    starved.figure("computing_s", computed.elapsed);
    starved.proof("waits_ended_first", computed.waits_ended_first);

    let apart = story.step("apart", "the tasks that wait are in a pool of their own")?;
    let computed = compute_beside_waits(apart.lanes(), &start_pool(cores())?, &pool)?;
    apart.figure("computing_s", computed.elapsed);
    let look = "a millisecond's work, behind the waits of others, and beside them";
    story.picture_of_first(5, look, &[&starved, &apart])?;

    story.finish()?;
    Ok(())
}
