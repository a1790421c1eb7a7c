//! The story of item 60: a task for each cell, all of them on one thread.

use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use common::report::Story;
use common::timing::measure;
use life::calls::{CellFailed, SlowCalls, by_row};
use life::memory::{Memory, UNKNOWN};
use life::{Cell, Grid, LifeFlags, Size};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use calls::AsyncCalls;

mod calls;

/// Item 60: the Game of Life with a task for each cell, on one thread
#[derive(Debug, Parser)]
struct Flags {
    #[command(flatten)]
    life: LifeFlags,

    /// The large grid
    #[arg(long, default_value = "100x100", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| Size::parse(text, 1_000_000))]
    large: Size,

    /// The huge grid
    #[arg(long, default_value = "250x400", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| Size::parse(text, 1_000_000))]
    huge: Size,

    /// How long each system call takes where all are to be open at once: longer than it takes to
    /// start so many tasks
    #[arg(long, default_value = "500ms", allow_hyphen_values = true)]
    #[arg(value_parser = common::program::duration)]
    long_latency: Duration,
}

fn main() -> ExitCode {
    common::program::run(tell)
}

fn tell(Flags { life, large, huge, long_latency }: Flags) -> anyhow::Result<()> {
    let LifeFlags { generations, latency, output } = life;
    let title = "Achieve Highly Concurrent I/O with Coroutines";
    let mut story = Story::begin(60, title, output)?;
    // One thread, this one: tasks run while it is inside `block_on`.
    let runtime =
        Builder::new_current_thread().enable_all().build().context("cannot start the runtime")?;
    let before = Memory::now();

    story.step("tasks", "each cell of each generation gets a new task")?;
    let calls = open_calls(&runtime, SlowCalls::open(latency)?.noted(by_row))?;
    let (grids, elapsed) = measure(|| {
        life::generations(Grid::glider(), generations.into(), |grid| {
            runtime.block_on(step(grid, &calls))
        })
    });
    calls.notes.record_in(&story.timeline, "tasks");
    story.fact("tasks_started", calls.notes.begun())?;
    life::tell_run(&mut story, &grids?, elapsed, &calls.notes)?;

    story.step("large", "a task for each cell of a large grid")?;
    let calls = open_calls(&runtime, SlowCalls::open(latency)?)?;
    let start = Grid::soup(large, life::SEED);
    let (next, elapsed) = measure(|| runtime.block_on(step(&start, &calls)));
    life::tell_run(&mut story, &[start, next?], elapsed, &calls.notes)?;

    story.step("large_at_once", "the same, all alive at the same time, in slower calls")?;
    tell_all_at_once(&mut story, &runtime, large, long_latency, before)?;

    story.step("huge_at_once", "the same with the huge grid")?;
    tell_all_at_once(&mut story, &runtime, huge, long_latency, before)?;

    story.step("failure", "a call is refused while the others wait for a minute")?;
    tell_failure(&mut story, &runtime)?;

    story.finish(&[&["tasks"]])?;
    Ok(())
}

/// One generation, a task for each cell.
async fn step(grid: &Grid, calls: &Arc<AsyncCalls>) -> anyhow::Result<Grid> {
    let mut tasks = fan_out(grid, calls);
    let next = fan_in(grid, &mut tasks).await;
    // After an error: cancels the tasks that are left, and waits until they are gone.
    tasks.shutdown().await;
    next
}

/// What a task returns; they end in any order.
type Decided = Result<(Cell, bool), CellFailed>;

fn fan_out(grid: &Grid, calls: &Arc<AsyncCalls>) -> JoinSet<Decided> {
    let mut tasks = JoinSet::new();
    // A task may outlive this function, so that it can't borrow the grid; it shares it.
    let shared = Arc::new(grid.clone());
    for cell in grid.cells() {
        let (grid, calls) = (Arc::clone(&shared), Arc::clone(calls));
        tasks.spawn(async move {
            calls.call(cell).await?;
            Ok((cell, grid.next_state(cell)))
        });
    }
    tasks
}

async fn fan_in(grid: &Grid, tasks: &mut JoinSet<Decided>) -> anyhow::Result<Grid> {
    let mut next = Grid::dead(grid.size());
    while let Some(outcome) = tasks.join_next().await {
        let (cell, alive) = outcome.context("the task of a cell panicked")??;
        next.set(cell, alive);
    }
    Ok(next)
}

fn open_calls(runtime: &Runtime, calls: SlowCalls) -> anyhow::Result<Arc<AsyncCalls>> {
    let _inside = runtime.enter();
    Ok(Arc::new(AsyncCalls::new(calls).context("cannot wait for a socket asynchronously")?))
}

/// What the tasks of [`step_all_at_once`] share.
struct AllAtOnce {
    grid: Grid,
    calls: Arc<AsyncCalls>,
    all_have_called: Barrier,
    during: OnceLock<(Option<Memory>, usize)>,
}

/// One generation. A task whose call is over stays until all have made their calls, and the last
/// one to arrive measures the process and counts the tasks.
async fn step_all_at_once(
    start: &Grid,
    calls: &Arc<AsyncCalls>,
) -> anyhow::Result<(Grid, Option<Memory>, usize)> {
    let all_have_called = Barrier::new(start.size().cells());
    let all = Arc::new(AllAtOnce {
        grid: start.clone(),
        calls: Arc::clone(calls),
        all_have_called,
        during: OnceLock::new(),
    });
    let mut tasks = JoinSet::new();
    for cell in start.cells() {
        let all = Arc::clone(&all);
        tasks.spawn(async move {
            all.calls.call(cell).await?;
            if all.all_have_called.wait().await.is_leader() {
                let alive = Handle::current().metrics().num_alive_tasks();
                // Nobody else sets it: there is one leader.
                let _ = all.during.set((Memory::now(), alive));
            }
            Ok((cell, all.grid.next_state(cell)))
        });
    }
    let next = fan_in(start, &mut tasks).await;
    tasks.shutdown().await;
    let (memory, alive) = *all.during.get().context("the tasks did not meet")?;
    Ok((next?, memory, alive))
}

fn tell_all_at_once(
    story: &mut Story,
    runtime: &Runtime,
    size: Size,
    latency: Duration,
    before: Option<Memory>,
) -> anyhow::Result<()> {
    let start = Grid::soup(size, life::SEED);
    let calls = open_calls(runtime, SlowCalls::open(latency)?)?;
    let (outcome, elapsed) = measure(|| runtime.block_on(step_all_at_once(&start, &calls)));
    let (next, during, alive) = outcome?;
    story.fact("tasks_alive", alive)?;
    life::tell_run(story, &[start, next], elapsed, &calls.notes)?;
    let beyond_latency = elapsed.saturating_sub(latency);
    story.time("beyond_latency_each", beyond_latency.div_f64(size.cells() as f64))?;
    let (Some(before), Some(during)) = (before, during) else {
        story.fact("threads_of_process", UNKNOWN)?;
        story.fact("resident_kib_each", UNKNOWN)?;
        return Ok(());
    };
    let resident = during.resident_kib.saturating_sub(before.resident_kib);
    story.fact("threads_of_process", during.threads)?;
    story.fact("resident_kib_each", resident as f64 / size.cells() as f64)?;
    Ok(())
}

fn tell_failure(story: &mut Story, runtime: &Runtime) -> anyhow::Result<()> {
    let grid = Grid::glider();
    let minute = Duration::from_secs(60);
    // The last cell, so that the others have begun their calls.
    let calls = SlowCalls::open(minute)?.failing_once_at(Cell { row: 4, column: 8 });
    let calls = open_calls(runtime, calls)?;
    let (failure, elapsed) = measure(|| {
        runtime.block_on(async {
            let mut tasks = fan_out(&grid, &calls);
            let failed = fan_in(&grid, &mut tasks).await.err().context("no call was refused")?;
            let open = calls.notes.open_now();
            tasks.abort_all();
            let mut cancelled = 0;
            while let Some(outcome) = tasks.join_next().await {
                cancelled += usize::from(outcome.is_err_and(|error| error.is_cancelled()));
            }
            anyhow::Ok((failed, open, cancelled))
        })
    });
    let (failed, open, cancelled) = failure?;
    story.fact("error", failed.to_string())?;
    story.fact("calls_open_then", open)?;
    story.fact("tasks_cancelled", cancelled)?;
    story.fact("calls_open_after", calls.notes.open_now())?;
    story.time("latency", minute)?;
    story.time("elapsed", elapsed)?;
    Ok(())
}
