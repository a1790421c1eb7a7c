//! The story of item 53, in the order of the notes.

use std::hint::black_box;
use std::process::ExitCode;
use std::thread::{self, available_parallelism};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use clap::Parser;
use common::program::duration;
use common::report::{OutputFlags, Story};
use common::slow_syscall;
use common::timeline::{Span, Timeline};
use common::timing::{measure, process_cpu_time};
use item53_blocking_io::{Factored, try_all, try_to_square_root};
use rayon::ThreadPool;
use rayon::prelude::*;

/// Item 53: threads that compute, and threads that wait
#[derive(Debug, Parser)]
struct Flags {
    /// The numbers to factorise
    #[arg(long, value_delimiter = ',', default_value = "2139079,1214759,1516637,1852285")]
    #[arg(allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..))]
    numbers: Vec<u32>,

    /// How many slow system calls to make, at most 1000
    #[arg(long, default_value_t = 5, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1000))]
    calls: u16,

    /// How long each of them takes
    #[arg(long, default_value = "100ms", value_parser = duration)]
    latency: Duration,

    #[command(flatten)]
    output: OutputFlags,
}

/// Computing is timed so often, and the best time counts: the others were disturbed more.
const ROUNDS: usize = 5;

/// A system may leave two threads on one core for a moment although another is free. Parallel work
/// is tried for so long, if need be, until it is seen on several.
const PATIENCE: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    common::program::run(tell)
}

fn tell(Flags { numbers, calls, latency, output }: Flags) -> anyhow::Result<()> {
    let title = "Use Threads for Blocking I/O, Avoid for Parallelism";
    let mut story = Story::begin(53, title, output)?;

    story.step("one_thread", "find the factors of each number, dividing by 1, 2, 3, ... itself")?;
    let alone = Timed::alone(&story.timeline, |timeline| in_one_thread(timeline, &numbers));
    story.fact("cores", cores())?;
    story.fact("factors", alone.factors())?;
    story.fact("sums_of_factors", alone.sums())?;
    story.fact("divisions", alone.divisions())?;
    story.fact("sum_of_numbers", numbers.iter().copied().map(u64::from).sum::<u64>())?;
    story.time_beside("elapsed", alone.elapsed, "0.253 s")?;

    story.step("threads", "the same, with a thread for each number")?;
    let threads =
        Timed::parallel(&story.timeline, &alone, |timeline| in_threads(timeline, &numbers))?;
    tell_parallel(&mut story, &threads, &alone, "0.446 s, Python's threads")?;

    story.step("rayon", "the same with rayon: a thread per core, the numbers shared out")?;
    // Rayon's global pool panics when the system refuses a thread; one of our own says so.
    let pool = rayon::ThreadPoolBuilder::new().build().context("cannot start rayon's threads")?;
    let rayon = Timed::parallel(&story.timeline, &alone, |_| Ok(with_rayon(&pool, &numbers)))?;
    tell_parallel(&mut story, &rayon, &alone, "")?;

    story.step("square_root", "one thread, a better algorithm: divide up to the square root")?;
    let better = Timed::alone(&story.timeline, |_| to_square_roots(&numbers));
    story.fact("sums_of_factors", better.sums())?;
    story.fact("divisions", better.divisions())?;
    story.time("elapsed", better.elapsed)?;
    story.fact("speedup", alone.times_slower_than(&better))?;
    story.say("Look for the better algorithm first, then for the second core.")?;

    story.step("in_a_row", "slow system calls, one after the other")?;
    let (outcome, elapsed) = measure(|| in_a_row(&story.timeline, calls, latency));
    outcome?;
    story.fact("calls", calls)?;
    story.time("sum_of_waits", latency * u32::from(calls))?;
    story.time_beside("elapsed", elapsed, "0.503 s, and 0.520 s")?;

    story.step("at_once", "the same calls, each in a thread, while the main thread computes")?;
    let (computed, elapsed) = measure(|| at_once(&story.timeline, calls, latency));
    story.fact("calls", calls)?;
    story.fact_beside("computed", computed?, "5")?;
    story.fact("computed_meanwhile", computed_meanwhile(&story.timeline))?;
    story.time_beside("elapsed", elapsed, "0.102 s, and 0.107 s")?;

    story.finish(&[&["one_thread", "threads"], &["in_a_row", "at_once"]])?;
    Ok(())
}

fn tell_parallel(
    story: &mut Story,
    parallel: &Timed,
    alone: &Timed,
    notes: &str,
) -> anyhow::Result<()> {
    story.fact("sums_of_factors", parallel.sums())?;
    story.fact("cores_free", parallel.cores_free)?;
    story.fact("cores_used", parallel.cores_used)?;
    story.time_beside("elapsed", parallel.elapsed, notes)?;
    story.fact("speedup", alone.times_slower_than(parallel))?;
    Ok(())
}

/// The same work, timed in several rounds.
struct Timed {
    found: Vec<Factored>,
    /// The shortest.
    elapsed: Duration,
    /// Processor time divided by wall time, the most of all rounds. It says whether threads ran in
    /// parallel even where two cores are two halves of one, and a speed-up would not show.
    cores_used: f64,
    /// The same of two threads that do nothing but run: on a busy machine less than two.
    cores_free: f64,
}

impl Timed {
    fn first(found: Vec<Factored>, elapsed: Duration) -> Self {
        Self { found, elapsed, cores_used: 0.0, cores_free: 0.0 }
    }

    fn alone(timeline: &Timeline, work: impl Fn(&Timeline) -> Vec<Factored>) -> Self {
        let (found, elapsed) = measure(|| work(timeline));
        let mut best = Self::first(found, elapsed);
        for _ in 1..ROUNDS {
            // Only the first round is drawn.
            best.elapsed = best.elapsed.min(measure(|| work(&Timeline::new())).1);
        }
        best
    }

    fn parallel(
        timeline: &Timeline,
        alone: &Self,
        work: impl Fn(&Timeline) -> anyhow::Result<Vec<Factored>>,
    ) -> anyhow::Result<Self> {
        let (found, elapsed) = measure(|| work(timeline));
        let mut best = Self::first(found?, elapsed);
        let give_up = Instant::now() + PATIENCE;
        for round in 1.. {
            let seen = best.cores_used > 1.5 || cores() == 1;
            if round >= ROUNDS && (seen || Instant::now() > give_up) {
                break;
            }
            let (outcome, cores_free) = cores_used_by(|| two_busy_threads(alone.elapsed));
            outcome?;
            let ((found, elapsed), cores_used) =
                cores_used_by(|| measure(|| work(&Timeline::new())));
            best = Self {
                found: found?,
                elapsed: best.elapsed.min(elapsed),
                cores_used: best.cores_used.max(cores_used),
                cores_free: best.cores_free.max(cores_free),
            };
        }
        Ok(best)
    }

    /// The factors of each number, separated by spaces.
    fn factors(&self) -> Vec<String> {
        let joined = |found: &Factored| {
            found.factors.iter().map(u32::to_string).collect::<Vec<_>>().join(" ")
        };
        self.found.iter().map(joined).collect()
    }

    /// The sum of the factors of each number: short, and another one if a factor is missing.
    fn sums(&self) -> Vec<u64> {
        let sum = |found: &Factored| found.factors.iter().copied().map(u64::from).sum();
        self.found.iter().map(sum).collect()
    }

    fn divisions(&self) -> u64 {
        self.found.iter().map(|found| found.divisions).sum()
    }

    fn times_slower_than(&self, other: &Self) -> f64 {
        self.elapsed.as_secs_f64() / other.elapsed.as_secs_f64()
    }
}

/// How many threads can run at the same time.
fn cores() -> usize {
    available_parallelism().map_or(1, usize::from)
}

/// Processor time divided by wall time.
fn cores_used_by<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let processor = process_cpu_time();
    let (value, elapsed) = measure(work);
    let processor = process_cpu_time() - processor;
    (value, processor.as_secs_f64() / elapsed.as_secs_f64())
}

/// Uses whatever two threads can get for a moment.
fn two_busy_threads(moment: Duration) -> anyhow::Result<()> {
    let until = Instant::now() + moment;
    let spin = || while Instant::now() < until {};
    thread::scope(|scope| {
        let other = thread::Builder::new().spawn_scoped(scope, spin);
        let other = other.context("cannot start a second thread")?;
        spin();
        other.join().map_err(|_| anyhow!("a thread panicked"))
    })
}

fn in_one_thread(timeline: &Timeline, numbers: &[u32]) -> Vec<Factored> {
    let find = |number: &u32| {
        let mut lane = timeline.lane("one_thread", number.to_string());
        lane.record("factorise", || try_all(*number))
    };
    numbers.iter().map(find).collect()
}

fn in_threads(timeline: &Timeline, numbers: &[u32]) -> anyhow::Result<Vec<Factored>> {
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for number in numbers {
            let mut lane = timeline.lane("threads", number.to_string());
            let find = move || lane.record("factorise", || try_all(*number));
            let thread = thread::Builder::new().spawn_scoped(scope, find);
            threads.push(thread.with_context(|| format!("cannot start a thread for {number}"))?);
        }
        let join = |thread: thread::ScopedJoinHandle<'_, _>| {
            thread.join().map_err(|_| anyhow!("a thread panicked"))
        };
        threads.into_iter().map(join).collect()
    })
}

fn with_rayon(pool: &ThreadPool, numbers: &[u32]) -> Vec<Factored> {
    pool.install(|| numbers.par_iter().copied().map(try_all).collect())
}

fn to_square_roots(numbers: &[u32]) -> Vec<Factored> {
    numbers.iter().copied().map(try_to_square_root).collect()
}

fn in_a_row(timeline: &Timeline, calls: u16, latency: Duration) -> anyhow::Result<()> {
    for call in 0..calls {
        let mut lane = timeline.lane("in_a_row", format!("call {call}"));
        lane.record("wait", || slow_syscall(latency))?;
    }
    Ok(())
}

/// Returns how much the main thread has computed while the calls waited.
fn at_once(timeline: &Timeline, calls: u16, latency: Duration) -> anyhow::Result<u32> {
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for call in 0..calls {
            let mut lane = timeline.lane("at_once", format!("call {call}"));
            let wait = move || lane.record("wait", || slow_syscall(latency));
            let thread = thread::Builder::new().spawn_scoped(scope, wait);
            threads.push(thread.with_context(|| format!("cannot start a thread for call {call}"))?);
        }

        let mut main = timeline.lane("at_once", MAIN);
        let mut computed = 0;
        for _ in 0..5 {
            main.record("compute", || black_box(try_all(black_box(50_000))));
            computed += 1;
        }
        drop(main);

        for thread in threads {
            thread.join().map_err(|_| anyhow!("a thread panicked"))??;
        }
        Ok(computed)
    })
}

const MAIN: &str = "main thread";

/// How many computations had ended when the first of the calls returned.
fn computed_meanwhile(timeline: &Timeline) -> usize {
    let (computed, calls): (Vec<Span>, Vec<Span>) =
        timeline.spans_of("at_once").into_iter().partition(|span| span.lane == MAIN);
    let first_return = calls.iter().map(|call| call.end_us).min().unwrap_or(0);
    computed.iter().filter(|span| span.end_us <= first_return).count()
}
