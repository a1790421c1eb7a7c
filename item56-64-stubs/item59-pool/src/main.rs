//! The story of item 59: a pool of threads of a stated size.

use std::hint::black_box;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use common::report::Story;
use common::timing::measure;
use crossbeam::channel;
use life::calls::{CellFailed, SlowCalls, by_thread};
use life::{Cell, Grid, LifeFlags, Size};
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

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
    #[arg(value_parser = |text: &str| Size::parse(text, 1_000_000))]
    large: Size,

    /// How many threads the pool has for the large grid
    #[arg(long, default_value_t = 45, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1_000))]
    large_threads: u16,
}

fn main() -> ExitCode {
    common::program::run(tell)
}

fn tell(Flags { life, threads, large, large_threads }: Flags) -> anyhow::Result<()> {
    let LifeFlags { generations, latency, output } = life;
    let title = "Consider ThreadPoolExecutor When Threads Are Necessary for Concurrency";
    let mut story = Story::begin(59, title, output)?;

    story.step("pool", "the threads of one pool decide the cells of all generations")?;
    let Pool { pool, started } = start_pool(threads.into())?;
    let calls = SlowCalls::open(latency)?.noted(by_thread);
    let (grids, elapsed) = measure(|| {
        life::generations(Grid::glider(), generations.into(), |grid| step(grid, &pool, &calls))
    });
    calls.notes.record_in(&story.timeline, "pool");
    story.fact("threads", threads)?;
    story.fact("threads_started", started.load(Relaxed))?;
    life::tell_run(&mut story, &grids?, elapsed, &calls.notes)?;

    story.step("failure", "the call of cell 2,3 is refused: its error is what `step` returns")?;
    let calls = SlowCalls::open(latency)?.failing_once_at(Cell { row: 2, column: 3 });
    let start = Grid::glider();
    let failed = step(&start, &pool, &calls).err().context("no call was refused")?;
    let again = step(&start, &pool, &calls)?;
    story.fact("error", failed.to_string())?;
    story.fact("digest_of_retry", life::digest(&[again]))?;
    story.fact("reference", life::digest(&life::reference(&start, 1)[1..]))?;

    story.step("sizes", "a generation of the small grid in pools of different sizes")?;
    tell_sizes(&mut story, latency)?;

    story.step("large", "a generation of the large grid")?;
    let Pool { pool, .. } = start_pool(large_threads.into())?;
    let calls = SlowCalls::open(latency)?;
    let start = Grid::soup(large, life::SEED);
    let (next, elapsed) = measure(|| step(&start, &pool, &calls));
    story.fact("threads", large_threads)?;
    life::tell_run(&mut story, &[start, next?], elapsed, &calls.notes)?;

    story.step("starved", "computing in rayon's global pool, which is full of waiting tasks")?;
    tell_starved(&mut story)?;

    story.finish(&[&["pool"]])?;
    Ok(())
}

/// One generation, a job for each cell.
fn step(grid: &Grid, pool: &ThreadPool, calls: &SlowCalls) -> Result<Grid, CellFailed> {
    let decide = |cell| calls.call(cell).map(|()| grid.next_state(cell));
    // At most one cell in a job: rayon takes work for computing, and would give a thread several.
    let decide_all = || grid.cells().into_par_iter().with_max_len(1).map(decide).collect();
    let states: Result<Vec<bool>, CellFailed> = pool.install(decide_all);
    Ok(grid.with_states(states?))
}

struct Pool {
    pool: ThreadPool,
    /// How many threads have started in it, whatever has been asked of it.
    started: Arc<AtomicUsize>,
}

fn start_pool(threads: usize) -> anyhow::Result<Pool> {
    let started = Arc::new(AtomicUsize::new(0));
    let one_more = Arc::clone(&started);
    let pool = ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|n| format!("thread {n}"))
        // Relaxed: a count, read when the threads are known to have started.
        .start_handler(move |_| _ = one_more.fetch_add(1, Relaxed))
        .build()
        .with_context(|| format!("cannot start a pool of {threads} threads"))?;
    // Returns when every thread has done it: now all have started.
    pool.broadcast(|_| ());
    Ok(Pool { pool, started })
}

/// Concurrency is capped at the size of the pool.
fn tell_sizes(story: &mut Story, latency: Duration) -> anyhow::Result<()> {
    const SIZES: [usize; 5] = [1, 2, 5, 10, 45];
    let start = Grid::glider();
    let mut at_once = Vec::new();
    let mut grids = Vec::new();
    story.time("latency", latency)?;
    for size in SIZES {
        let Pool { pool, .. } = start_pool(size)?;
        let calls = SlowCalls::open(latency)?;
        let (next, elapsed) = measure(|| step(&start, &pool, &calls));
        story.time(&format!("generation_with_{size}"), elapsed)?;
        at_once.push(calls.notes.most_at_once());
        grids.push(next?);
    }
    story.fact("calls_at_once", at_once)?;
    let expected = life::reference(&start, 1).swap_remove(1);
    story.fact("digest", life::digest(&grids))?;
    story.fact("reference", life::digest(&vec![expected; SIZES.len()]))?;
    Ok(())
}

/// The trap: rayon has a thread for each core, which is right for computing. Tasks that wait keep
/// all of them, and whatever there is to compute queues behind them, while the cores are idle.
fn tell_starved(story: &mut Story) -> anyhow::Result<()> {
    // Without this rayon would start its global pool at the first use, and panic if the system
    // refused a thread.
    ThreadPoolBuilder::new().build_global().context("cannot start rayon's global pool")?;
    let threads = rayon::current_num_threads();
    story.fact("threads", threads)?;
    story.time("computing_alone", measure(compute).1)?;

    let (waits_ended, elapsed) = rayon::in_place_scope(|pool| compute_beside(pool, threads))?;
    story.time("computing_starved", elapsed)?;
    story.fact("waits_ended_first", waits_ended)?;

    let Pool { pool, .. } = start_pool(threads)?;
    let (waits_ended, elapsed) = pool.in_place_scope(|pool| compute_beside(pool, threads))?;
    story.time("computing_apart", elapsed)?;
    story.fact("waits_ended_first_apart", waits_ended)?;
    story.say("Apart: the waiting tasks are in a pool of their own, as they should be.")?;
    Ok(())
}

/// Fills `threads` threads of `pool` with waiting tasks, and computes in the global pool. Returns
/// how many waits had ended before the computing began, and how long it took to have the result.
fn compute_beside(pool: &rayon::Scope<'_>, threads: usize) -> anyhow::Result<(usize, Duration)> {
    let (begins, begun) = channel::unbounded();
    let (ends, ended) = channel::unbounded();
    for _ in 0..threads {
        let (begins, ends) = (begins.clone(), ends.clone());
        pool.spawn(move |_| {
            // Neither can fail: the receivers wait for them.
            let _ = begins.send(());
            let _ = ends.send(common::slow_syscall(Duration::from_millis(50)));
        });
    }
    drop((begins, ends));
    // From here on every thread is taken.
    for () in begun.iter().take(threads) {}

    let (waits_ended, elapsed) = measure(|| {
        rayon::scope(|_| {
            let waits_ended = ended.len();
            compute();
            waits_ended
        })
    });
    ended.iter().collect::<io::Result<()>>()?;
    Ok((waits_ended, elapsed))
}

/// A millisecond's work or so, spread over the threads of the global pool.
fn compute() -> u64 {
    (0..1_000_000_u64).into_par_iter().map(|n| black_box(n) % 7).sum()
}
