//! The story of item 57: a new thread for each cell of each generation.

use std::fmt;
use std::io;
use std::process::ExitCode;
use std::sync::OnceLock;
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

use anyhow::{Context, anyhow};
use clap::Parser;
use common::report::Story;
use common::timing::measure;
use crossbeam::sync::WaitGroup;
use life::calls::{CellFailed, SlowCalls, by_row};
use life::memory::{Memory, UNKNOWN};
use life::{Cell, Grid, LifeFlags, Size};

/// Item 57: the Game of Life with a new thread for each cell; what those threads cost
#[derive(Debug, Parser)]
struct Flags {
    #[command(flatten)]
    life: LifeFlags,

    /// The large grid, of up to 12000 cells, each with a thread of its own
    #[arg(long, default_value = "100x100", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| Size::parse(text, MOST_THREADS))]
    large: Size,
}

/// Each thread takes four of the 65,530 memory mappings that Linux gives a process: its stack, its
/// signal stack and a guard page for each. A system that refuses a thread says so and can be told;
/// but the standard library aborts the program when a thread has started and there is no mapping
/// left for its signal stack, which happens at about 16,380 threads.
const MOST_THREADS: usize = 12_000;

fn main() -> ExitCode {
    common::program::run(tell)
}

fn tell(Flags { life, large }: Flags) -> anyhow::Result<()> {
    let LifeFlags { generations, latency, output } = life;
    let title = "Avoid Creating New Thread Instances for On-demand Fan-out";
    let mut story = Story::begin(57, title, output)?;

    story.step("threads", "each cell of each generation gets a new thread")?;
    let calls = SlowCalls::open(latency)?.noted(by_row);
    let (grids, elapsed) = measure(|| {
        life::generations(Grid::glider(), generations.into(), |grid| step(grid, &calls))
    });
    calls.notes.record_in(&story.timeline, "threads");
    life::tell_run(&mut story, &grids?, elapsed, &calls.notes)?;
    story.fact("threads_started", calls.notes.begun())?;

    story.step("one", "a thread that does nothing")?;
    story.time("start_and_join", start_and_join()?)?;

    story.step("large", "a thread for each cell of a large grid, all alive at the same time")?;
    tell_large(&mut story, large, latency)?;

    story.step("failure", "the call of cell 2,3 is refused: its error waits in its handle")?;
    let failing = Cell { row: 2, column: 3 };
    let calls = SlowCalls::open(latency)?.failing_once_at(failing);
    let outcomes = decide_all(&Grid::glider(), &calls)?;
    let errors = outcomes.iter().flatten().filter_map(|state| state.as_ref().err());
    let errors: Vec<&CellFailed> = errors.collect();
    story.fact("threads_joined", outcomes.len())?;
    story.fact("cells_decided", outcomes.len() - errors.len())?;
    story.fact("error", errors.first().context("no call was refused")?.to_string())?;

    story.finish(&[&["threads"]])?;
    Ok(())
}

/// One generation, a thread for each cell.
fn step(grid: &Grid, calls: &SlowCalls) -> anyhow::Result<Grid> {
    collect_states(grid, decide_all(grid, calls)?)
}

fn collect_states(grid: &Grid, outcomes: Vec<Outcome>) -> anyhow::Result<Grid> {
    let states = outcomes.into_iter().map(|outcome| match outcome {
        Ok(state) => Ok(state?),
        Err(_panic) => Err(anyhow!("the thread of a cell panicked")),
    });
    Ok(grid.with_states(states.collect::<anyhow::Result<_>>()?))
}

/// What comes out of joining a thread: what it returned, or its panic.
type Outcome = thread::Result<Result<bool, CellFailed>>;

fn decide_all(grid: &Grid, calls: &SlowCalls) -> Result<Vec<Outcome>, ThreadRefused> {
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for cell in grid.cells() {
            let decide = move || {
                calls.call(cell)?;
                Ok(grid.next_state(cell))
            };
            // If it fails, the scope joins those that have been started.
            let thread = thread::Builder::new().spawn_scoped(scope, decide);
            threads.push(thread.map_err(|cause| ThreadRefused {
                started: threads.len(),
                wanted: grid.size().cells(),
                cause,
            })?);
        }
        Ok(threads.into_iter().map(ScopedJoinHandle::join).collect())
    })
}

/// The system gave fewer threads than there are cells.
#[derive(Debug)]
struct ThreadRefused {
    started: usize,
    wanted: usize,
    cause: io::Error,
}

impl fmt::Display for ThreadRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { started, wanted, cause } = self;
        write!(f, "cannot start thread {} of {wanted}: {cause}", started + 1)
    }
}

impl std::error::Error for ThreadRefused {}

/// How long it takes to start a thread that does nothing and to join it; the mean of many.
fn start_and_join() -> anyhow::Result<Duration> {
    const REPEATS: u32 = 200;
    let (outcome, elapsed) = measure(|| {
        for _ in 0..REPEATS {
            let thread = thread::Builder::new().spawn(|| ()).context("cannot start a thread")?;
            thread.join().map_err(|_| anyhow!("a thread that does nothing panicked"))?;
        }
        anyhow::Ok(())
    });
    outcome?;
    Ok(elapsed / REPEATS)
}

/// Either all cells were decided, or the system refused a thread; the rest is known either way.
struct AllAtOnce {
    outcome: Result<Grid, ThreadRefused>,
    started: usize,
    before: Option<Memory>,
    during: Option<Memory>,
}

/// So many threads are let go at a time. Ten thousand that end at once would all queue for the one
/// lock with which the kernel guards the address space; on a busy machine that takes a minute.
const AT_A_TIME: usize = 100;

/// One generation of a large grid. A thread whose call is over stays until all have been started
/// and have made their calls: as if each call took longer than starting the threads.
fn step_all_at_once(grid: &Grid, calls: &SlowCalls) -> anyhow::Result<AllAtOnce> {
    let wanted = grid.size().cells();
    let all_have_called = WaitGroup::new();
    let may_end: Vec<OnceLock<()>> = vec![OnceLock::new(); wanted.div_ceil(AT_A_TIME)];
    let before = Memory::now();
    thread::scope(|scope| {
        let mut threads = Vec::new();
        let mut refusal = None;
        for cell in grid.cells() {
            let have_called = all_have_called.clone();
            let may_end = &may_end[threads.len() / AT_A_TIME];
            let decide_and_stay = move || {
                let outcome = calls.call(cell);
                drop(have_called);
                may_end.wait();
                outcome.map(|()| grid.next_state(cell))
            };
            match thread::Builder::new().spawn_scoped(scope, decide_and_stay) {
                Ok(thread) => threads.push(thread),
                Err(cause) => {
                    refusal = Some(cause);
                    break;
                }
            }
        }
        all_have_called.wait();
        let during = Memory::now();

        let started = threads.len();
        let mut threads = threads.into_iter();
        let mut outcomes = Vec::new();
        for may_end in &may_end {
            // Nobody else sets it.
            let _ = may_end.set(());
            outcomes.extend(threads.by_ref().take(AT_A_TIME).map(ScopedJoinHandle::join));
        }
        let outcome = match refusal {
            None => Ok(collect_states(grid, outcomes)?),
            Some(cause) => Err(ThreadRefused { started, wanted, cause }),
        };
        Ok(AllAtOnce { outcome, started, before, during })
    })
}

fn tell_large(story: &mut Story, size: Size, latency: Duration) -> anyhow::Result<()> {
    let start = Grid::soup(size, life::SEED);
    let calls = SlowCalls::open(latency)?;
    let (all_at_once, elapsed) = measure(|| step_all_at_once(&start, &calls));
    let AllAtOnce { outcome, started, before, during } = all_at_once?;
    story.fact("threads_wanted", size.cells())?;
    story.fact("threads_started", started)?;
    match outcome {
        Ok(next) => {
            story.fact("refusal", "none")?;
            life::tell_run(story, &[start, next], elapsed, &calls.notes)?;
        }
        Err(refused) => {
            story.fact("refusal", refused.cause.to_string())?;
            story.fact("digest", "none")?;
            story.time("until_refused", elapsed)?;
        }
    }
    let (Some(before), Some(during)) = (before, during) else {
        story.fact("threads_of_process", UNKNOWN)?;
        story.fact("reserved_kib_each", UNKNOWN)?;
        story.fact("resident_kib_each", UNKNOWN)?;
        return Ok(());
    };
    let each =
        |before: u64, during: u64| during.saturating_sub(before) as f64 / started.max(1) as f64;
    story.fact("threads_of_process", during.threads)?;
    story.fact("reserved_kib_each", each(before.reserved_kib, during.reserved_kib))?;
    story.fact("resident_kib_each", each(before.resident_kib, during.resident_kib))?;
    Ok(())
}
