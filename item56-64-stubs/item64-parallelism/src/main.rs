//! The story of item 64.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use clap::{Parser, Subcommand};
use common::report::{OutputFlags, StdoutFailed, Story};
use common::timeline::{Lane, Timeline};
use common::timing::measure;
use item64_parallelism::gcd::{Answer, PAIRS, Pair};
use rayon::ThreadPool;
use rayon::prelude::*;

use children::{Children, Worker};

mod children;

/// Item 64: ten greatest common divisors, by threads and by child processes
#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Flags {
    /// How many threads or child processes share the work
    #[arg(long, default_value_t = 2, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=64))]
    workers: u16,

    /// How many times each version runs; the best of its runs is reported
    #[arg(long, default_value_t = 5, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1000))]
    rounds: u16,

    #[command(flatten)]
    output: OutputFlags,

    #[command(subcommand)]
    command: Option<Role>,
}

#[derive(Debug, Subcommand)]
enum Role {
    /// Be a child: read pairs from stdin, one `12 18` a line, answer each with its divisor and the
    /// nanoseconds of processor time it took, end with the input
    Worker,
}

/// A system may leave two threads on one core for a moment although another is free. After its
/// rounds, the program goes on for so long, if need be, until it has seen each version on several.
const PATIENCE: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    common::program::run(|flags: Flags| match flags.command {
        Some(Role::Worker) => work(),
        None => tell_and_clean_up(&flags),
    })
}

/// The life of a child process.
fn work() -> anyhow::Result<()> {
    let mut input = io::stdin().lock();
    let mut output = io::stdout().lock();
    while let Some(pair) = Pair::read(&mut input).context("cannot read a pair from stdin")? {
        writeln!(output, "{}", pair.answer())
            .and_then(|()| output.flush())
            .map_err(StdoutFailed)?;
    }
    Ok(())
}

fn tell_and_clean_up(flags: &Flags) -> anyhow::Result<()> {
    let children = Children::default();
    let to_end = children.clone();
    let _guard = common::program::on_termination(move || to_end.end())?;
    let outcome = tell(flags, &children);
    children.end();
    outcome
}

fn tell(flags: &Flags, children: &Children) -> anyhow::Result<()> {
    let workers = usize::from(flags.workers);
    let mut story =
        Story::begin(64, "Consider concurrent.futures for True Parallelism", flags.output)?;
    story.say("Ten greatest common divisors, each by trial of millions of numbers.")?;

    story.step("euclid", "the known answers, by an algorithm that takes no time")?;
    story.fact("gcds", PAIRS.map(Pair::by_euclid).to_vec())?;

    story.step("machine", "what there is to be parallel on")?;
    let cores = thread::available_parallelism().context("cannot count the cores")?;
    story.fact("cores", cores.get())?;

    // Rayon's global pool panics when the system refuses a thread; one of our own says so.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(workers).build();
    let pool = pool.context("cannot start rayon's threads")?;
    let (processes, starting) = measure(|| start(children, workers));
    let mut processes = processes?;

    // Round by round, so that a busy moment of the machine meets all versions alike.
    let [mut serial, mut threads, mut by_rayon, mut by_children] = [const { Best::NONE }; 4];
    let give_up = Instant::now() + PATIENCE;
    for round in 1.. {
        // The picture shows one round.
        let scratch = Timeline::new();
        let timeline = if round == 1 { &story.timeline } else { &scratch };
        serial.run(|| Ok(one_after_the_other(timeline)))?;
        threads.run(|| in_threads(timeline, workers))?;
        by_rayon.run(|| Ok(in_pool(timeline, &pool)))?;
        by_children.run(|| in_processes(timeline, &mut processes))?;

        let all = [&threads, &by_rayon, &by_children];
        let seen = cores.get() == 1 || workers == 1 || all.iter().all(|best| best.cores_used > 1.5);
        if round >= flags.rounds && (seen || Instant::now() > give_up) {
            break;
        }
    }

    story.step("serial", "one pair after the other")?;
    story.fact("gcds", serial.gcds.clone())?;
    story.time("elapsed", serial.elapsed)?;
    story.fact("cores_used", serial.cores_used)?;

    let versions = [
        ("threads", "each thread takes the next pair as soon as it is free", &threads),
        ("rayon", "the same, in one line: into_par_iter", &by_rayon),
        ("processes", "the same, but each thread asks a child process", &by_children),
    ];
    for (name, says, best) in versions {
        story.step(name, says)?;
        story.fact("gcds", best.gcds.clone())?;
        story.time("elapsed", best.elapsed)?;
        story.fact("speed_up", serial.elapsed.as_secs_f64() / best.elapsed.as_secs_f64())?;
        story.fact("cores_used", best.cores_used)?;
    }

    story.step("trip", "what a child process costs besides: a pair (1, 1) takes no computing")?;
    let (round_trip, there_and_back) = cost_of_a_trip(&mut processes)?;
    story.fact("answers", round_trip)?;
    story.time("start", starting / u32::from(flags.workers))?;
    story.time("round_trip", there_and_back)?;
    children.join(processes)?;
    story.fact("children_left", children.left())?;
    story.say("Threads share their memory: they make no trips, and there is nothing to pack.")?;

    story.finish(&[&["serial", "threads", "rayon", "processes"]])?;
    Ok(())
}

/// The best of the runs of one version.
struct Best {
    gcds: Vec<u32>,
    elapsed: Duration,
    /// Processor time divided by wall time: how many cores computed, on average.
    cores_used: f64,
}

impl Best {
    const NONE: Self = Self { gcds: Vec::new(), elapsed: Duration::MAX, cores_used: 0.0 };

    fn run(&mut self, version: impl FnOnce() -> anyhow::Result<Vec<Answer>>) -> anyhow::Result<()> {
        let (answers, elapsed) = measure(version);
        let answers = answers?;
        let cpu: Duration = answers.iter().map(|answer| answer.cpu).sum();
        let cores_used = cpu.as_secs_f64() / elapsed.as_secs_f64();
        self.gcds = answers.iter().map(|answer| answer.gcd).collect();
        self.elapsed = self.elapsed.min(elapsed);
        self.cores_used = self.cores_used.max(cores_used);
        Ok(())
    }
}

fn one_after_the_other(timeline: &Timeline) -> Vec<Answer> {
    let mut lane = timeline.lane("serial", "main");
    PAIRS.iter().map(|pair| lane.record("gcd", || pair.answer())).collect()
}

fn in_threads(timeline: &Timeline, workers: usize) -> anyhow::Result<Vec<Answer>> {
    let lanes = (0..workers).map(|n| timeline.lane("threads", format!("thread {n}")));
    share_out(lanes, |lane, pair| Ok(lane.record("gcd", || pair.answer())))
}

fn in_pool(timeline: &Timeline, pool: &ThreadPool) -> Vec<Answer> {
    let lanes: Vec<Mutex<Lane>> = (0..pool.current_num_threads())
        .map(|n| Mutex::new(timeline.lane("rayon", format!("thread {n}"))))
        .collect();
    pool.install(|| {
        let answer = |pair: Pair| {
            let thread = rayon::current_thread_index().expect("we are in the pool");
            // Each thread has a lane of its own, so nobody ever waits for this lock.
            let mut lane = lanes[thread].lock().unwrap_or_else(PoisonError::into_inner);
            lane.record("gcd", || pair.answer())
        };
        // One pair is much work: let them be stolen one by one.
        PAIRS.into_par_iter().with_max_len(1).map(answer).collect()
    })
}

fn in_processes(timeline: &Timeline, processes: &mut [Worker]) -> anyhow::Result<Vec<Answer>> {
    let workers = processes.iter_mut().enumerate();
    let workers =
        workers.map(|(n, worker)| (timeline.lane("processes", format!("child {n}")), worker));
    share_out(workers, |(lane, worker), pair| lane.record("gcd", || worker.ask(pair)))
}

/// Gives each of `workers` a thread, in which it takes the next pair as soon as it is free. The
/// answers are in the order of the pairs.
fn share_out<Worker: Send>(
    workers: impl Iterator<Item = Worker>,
    answer: impl Fn(&mut Worker, Pair) -> anyhow::Result<Answer> + Sync,
) -> anyhow::Result<Vec<Answer>> {
    // Relaxed: it deals out numbers, each once. The answers are handed over by the join.
    let next = AtomicUsize::new(0);
    let take_pairs = |mut worker: Worker| -> anyhow::Result<Vec<(usize, Answer)>> {
        let mut found = Vec::new();
        loop {
            let number = next.fetch_add(1, Relaxed);
            let Some(&pair) = PAIRS.get(number) else { return Ok(found) };
            found.push((number, answer(&mut worker, pair)?));
        }
    };
    let mut found = thread::scope(|scope| {
        let take_pairs = &take_pairs;
        let threads = workers
            .map(|worker| thread::Builder::new().spawn_scoped(scope, move || take_pairs(worker)))
            .collect::<io::Result<Vec<_>>>()
            .context("cannot start a thread")?;
        let mut found = Vec::new();
        for thread in threads {
            found.extend(thread.join().map_err(|_| anyhow!("a thread panicked"))??);
        }
        anyhow::Ok(found)
    })?;
    found.sort_unstable_by_key(|(number, _)| *number);
    Ok(found.into_iter().map(|(_, answer)| answer).collect())
}

/// Starts the children and waits until each has answered once: only then is it at work.
fn start(children: &Children, workers: usize) -> anyhow::Result<Vec<Worker>> {
    (0..workers)
        .map(|_| {
            let mut worker = children.start()?;
            worker.ask(Pair(1, 1))?;
            Ok(worker)
        })
        .collect()
}

/// How many answers came back, and the time of one trip to a child and back.
fn cost_of_a_trip(processes: &mut [Worker]) -> anyhow::Result<(usize, Duration)> {
    const TRIPS: u32 = 100;
    let worker = processes.first_mut().context("there is no child")?;
    let (answers, elapsed) =
        measure(|| (0..TRIPS).map(|_| worker.ask(Pair(1, 1))).collect::<anyhow::Result<Vec<_>>>());
    Ok((answers?.len(), elapsed / TRIPS))
}
