//! The story of item 58: a fixed set of workers and the queues between them.

use std::iter;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::{self, Scope};
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Parser;
use common::report::Story;
use common::timing::measure;
use crossbeam::channel::{self, Receiver, Sender};
use life::calls::{CellFailed, SlowCalls, by_thread};
use life::{Cell, Grid, LifeFlags, Size};

/// Item 58: the Game of Life with queues and a fixed set of workers
#[derive(Debug, Parser)]
struct Flags {
    #[command(flatten)]
    life: LifeFlags,

    /// How many workers take cells from each queue
    #[arg(long, default_value_t = 5, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1_000))]
    workers: u16,

    /// The large grid
    #[arg(long, default_value = "100x100", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| Size::parse(text, 1_000_000))]
    large: Size,

    /// How many workers take the cells of the large grid
    #[arg(long, default_value_t = 45, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1_000))]
    large_workers: u16,
}

fn main() -> ExitCode {
    common::program::run(tell)
}

fn tell(Flags { life, workers, large, large_workers }: Flags) -> anyhow::Result<()> {
    let LifeFlags { generations, latency, output } = life;
    let (workers, large_workers) = (workers.into(), large_workers.into());
    let title = "Understand How Using Queue for Concurrency Requires Refactoring";
    let mut story = Story::begin(58, title, output)?;
    let play = |jobs: &Sender<Job>| {
        let step = |grid: &Grid| step(grid, jobs);
        let (grids, elapsed) =
            measure(|| life::generations(Grid::glider(), generations.into(), step));
        Ok((grids?, elapsed))
    };

    story.step("queue", "the same workers decide the cells of all generations")?;
    let calls = SlowCalls::open(latency)?.noted(by_thread);
    let (grids, elapsed) = with_workers(workers, &calls, play)?;
    calls.notes.record_in(&story.timeline, "queue");
    story.fact("workers", workers)?;
    life::tell_run(&mut story, &grids, elapsed, &calls.notes)?;

    story.step("phased", "counting neighbours waits too: a queue and workers of its own")?;
    let calls = SlowCalls::open(latency)?.noted(by_thread);
    let (grids, elapsed) = with_phased_workers(workers, &calls, play)?;
    calls.notes.record_in(&story.timeline, "phased");
    story.fact("workers", 2 * workers)?;
    story.fact("calls", calls.notes.begun())?;
    life::tell_run(&mut story, &grids, elapsed, &calls.notes)?;

    story.step("failure", "the call of cell 2,3 is refused: its error comes as a result")?;
    tell_failure(&mut story, workers, latency)?;

    story.step("large", "more workers, first with the small grid, then with the large one")?;
    let calls = SlowCalls::open(latency)?;
    let start = Grid::soup(large, life::SEED);
    let (small, (next, elapsed)) = with_workers(large_workers, &calls, |jobs| {
        let (small, elapsed) = measure(|| step(&Grid::glider(), jobs));
        small?;
        Ok((elapsed, measure(|| step(&start, jobs))))
    })?;
    story.fact("workers", large_workers)?;
    story.time("small_generation", small)?;
    life::tell_run(&mut story, &[start, next?], elapsed, &calls.notes)?;

    story.finish(&[&["queue", "phased"]])?;
    Ok(())
}

/// What the queue holds. The workers outlive the generation, so that they can't borrow its grid;
/// they share it.
struct Job {
    grid: Arc<Grid>,
    cell: Cell,
    results: Sender<Decided>,
}

/// Results arrive in any order: each says which cell it is of. An error is a result.
type Decided = (Cell, Result<bool, CellFailed>);

/// One generation, by way of the queue.
fn step(grid: &Grid, jobs: &Sender<Job>) -> anyhow::Result<Grid> {
    let mut next = Grid::dead(grid.size());
    for (cell, state) in decide_all(grid, jobs)? {
        next.set(cell, state?);
    }
    Ok(next)
}

fn decide_all(grid: &Grid, jobs: &Sender<Job>) -> anyhow::Result<Vec<Decided>> {
    let (results, decided) = channel::unbounded();
    let shared = Arc::new(grid.clone());
    for cell in grid.cells() {
        let job = Job { grid: Arc::clone(&shared), cell, results: results.clone() };
        jobs.send(job).ok().context("the workers have ended")?;
    }
    // Each job has a sender of its own. When the last of them is dropped, the results end.
    drop(results);
    let decided: Vec<Decided> = decided.iter().collect();
    ensure!(decided.len() == grid.size().cells(), "a worker has ended without a result");
    Ok(decided)
}

/// Starts the workers, does `work` with the queue that leads to them, and joins them.
fn with_workers<T>(
    count: usize,
    calls: &SlowCalls,
    work: impl FnOnce(&Sender<Job>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    thread::scope(|scope| {
        let (jobs, inbox) = channel::bounded(count);
        start_workers(scope, "worker", count, inbox, |Job { grid, cell, results }| {
            let state = calls.call(cell).map(|()| grid.next_state(cell));
            // It fails when nobody wants the results any more.
            let _ = results.send((cell, state));
        })?;
        // The sender is dropped when this closure returns. The workers find their queue closed and
        // end, and the scope joins them.
        work(&jobs)
    })
}

/// What the second queue holds.
struct Counted {
    job: Job,
    live_neighbours: usize,
}

/// The same with two stages: counting and deciding each need a system call.
fn with_phased_workers<T>(
    count: usize,
    calls: &SlowCalls,
    work: impl FnOnce(&Sender<Job>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    thread::scope(|scope| {
        let (jobs, count_inbox) = channel::bounded(count);
        let (counted, decide_inbox) = channel::bounded(count);
        // The workers of the first stage hold the senders of the second queue, so that it closes
        // when they have ended.
        start_workers(scope, "count", count, count_inbox, move |job: Job| {
            match calls.call(job.cell) {
                Ok(()) => {
                    let live_neighbours = job.grid.live_neighbours(job.cell);
                    // It fails when the second stage has ended; so will this one.
                    let _ = counted.send(Counted { job, live_neighbours });
                }
                // An error passes the second stage by.
                Err(failed) => {
                    let _ = job.results.send((job.cell, Err(failed)));
                }
            }
        })?;
        start_workers(scope, "decide", count, decide_inbox, |Counted { job, live_neighbours }| {
            let alive = job.grid.is_alive(job.cell);
            let state = calls.call(job.cell).map(|()| life::next_state(alive, live_neighbours));
            let _ = job.results.send((job.cell, state));
        })?;
        work(&jobs)
    })
}

/// Starts `count` threads that do `work` with what comes out of `inbox` until it is closed.
fn start_workers<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    stage: &str,
    count: usize,
    inbox: Receiver<T>,
    work: impl Fn(T) + Clone + Send + 'scope,
) -> anyhow::Result<()> {
    for (n, (inbox, work)) in iter::repeat_n((inbox, work), count).enumerate() {
        thread::Builder::new()
            .name(format!("{stage} {n}"))
            .spawn_scoped(scope, move || inbox.into_iter().for_each(work))
            .with_context(|| format!("cannot start worker {} of {count}", n + 1))?;
    }
    Ok(())
}

/// All results of the generation arrive, one of them an error, and the workers go on: they decide
/// the generation a second time, and this time no call fails.
fn tell_failure(story: &mut Story, workers: usize, latency: Duration) -> anyhow::Result<()> {
    let calls = SlowCalls::open(latency)?.failing_once_at(Cell { row: 2, column: 3 });
    let start = Grid::glider();
    let (decided, again) =
        with_workers(workers, &calls, |jobs| Ok((decide_all(&start, jobs)?, step(&start, jobs)?)))?;
    let mut errors = decided.iter().filter_map(|(_, state)| state.as_ref().err());
    story.fact("results", decided.len())?;
    story.fact("error", errors.next().context("no call was refused")?.to_string())?;
    story.fact("digest_of_retry", life::digest(&[again]))?;
    story.fact("reference", life::digest(&life::reference(&start, 1)[1..]))?;
    Ok(())
}
