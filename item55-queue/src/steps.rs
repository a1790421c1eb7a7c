//! A function per step: each does its work and returns what it found.

use std::collections::BTreeSet;
use std::io::{IsTerminal, stderr, stdout};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::Duration;

use anyhow::{Context, anyhow};
use common::slow_syscall;
use common::timeline::{Lane, Span, Timeline};
use common::timing::{measure, thread_cpu_time};
use crossbeam::channel;
use indicatif::{ProgressBar, ProgressStyle};
use item55_queue::pipeline::{Failure, Finished, Parcel, Stage, Work, run};
use item55_queue::{PollQueue, task_queue};

use crate::Flags;

/// How long a worker of the notes sleeps when it has found its queue empty.
const POLL_PAUSE: Duration = Duration::from_millis(10);

/// How long the slow side of a demonstration takes.
const SLOW: Duration = Duration::from_millis(30);

/// What the polling workers did.
pub struct Polled {
    pub processed: usize,
    pub polls: u64,
    pub successful: u64,
}

/// One worker each for download, resize and upload, as in the notes; but these end.
pub fn polling(timeline: &Timeline, items: u32) -> anyhow::Result<Polled> {
    let queues: [PollQueue<u32>; 4] = Default::default();
    // Relaxed: the flag only says when to stop; the queues' locks order everything else.
    let finished = AtomicBool::new(false);
    let (polls, successful) = thread::scope(|scope| {
        let mut workers = Vec::new();
        for (stage, queues) in ["download", "resize", "upload"].into_iter().zip(queues.windows(2)) {
            let lane = timeline.lane("polling", stage);
            let finished = &finished;
            let worker = spawn(scope, stage, move || poll(lane, stage, queues, finished));
            workers.push(worker.inspect_err(|_| finished.store(true, Relaxed))?);
        }
        for number in 0..items {
            queues[0].put(number);
        }
        // The main thread polls, too, as in the notes, and gives way to the others.
        while queues[3].len() < items as usize {
            thread::yield_now();
        }
        finished.store(true, Relaxed);
        let counts = workers.into_iter().map(joined).collect::<anyhow::Result<Vec<_>>>()?;
        anyhow::Ok(
            counts
                .into_iter()
                .fold((0, 0), |sum, (polls, successful)| (sum.0 + polls, sum.1 + successful)),
        )
    })?;
    Ok(Polled { processed: queues[3].len(), polls, successful })
}

/// Moves items from the first queue to the second; returns how often it has asked for one, and how
/// often it got one. The sleep stands for what is wrong with polling: it is always too long, or
/// too short.
fn poll(
    mut lane: Lane<'_>,
    stage: &'static str,
    queues: &[PollQueue<u32>],
    finished: &AtomicBool,
) -> (u64, u64) {
    let (mut polls, mut successful) = (0, 0);
    loop {
        polls += 1;
        if let Some(item) = queues[0].get() {
            lane.record(stage, || queues[1].put(item));
            successful += 1;
        } else if finished.load(Relaxed) {
            return (polls, successful);
        } else {
            thread::sleep(POLL_PAUSE);
        }
    }
}

/// What happened, in the order in which it was noted.
#[derive(Default)]
struct Events(Mutex<Vec<&'static str>>);

impl Events {
    fn note(&self, event: &'static str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }

    fn in_order(self) -> Vec<&'static str> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the consumer of a blocking queue did.
pub struct Blocked {
    pub order: Vec<&'static str>,
    /// From the consumer's get to its return.
    pub waited: Duration,
    /// The processor time that it used for it.
    pub processor: Duration,
}

/// The consumer asks once. It sleeps in the kernel until the producer, which takes its time, has
/// put an item.
pub fn blocking() -> anyhow::Result<Blocked> {
    let events = Events::default();
    let (sender, receiver) = channel::unbounded();
    let (waited, processor) = thread::scope(|scope| {
        let consumer = spawn(scope, "consumer", || {
            let processor = thread_cpu_time();
            events.note("consumer ready");
            let (item, waited) = measure(|| receiver.recv());
            events.note("consumer done");
            item.map(|()| (waited, thread_cpu_time() - processor))
        })?;
        slow_syscall(SLOW)?;
        events.note("producer put");
        // Fails if the consumer is gone, which its join will tell.
        let _ = sender.send(());
        events.note("producer done");
        joined(consumer)?.context("the consumer got nothing")
    })?;
    Ok(Blocked { order: events.in_order(), waited, processor })
}

/// What the producer for a bounded queue did.
pub struct Bounded {
    pub order: Vec<&'static str>,
    pub second_put_waited: Duration,
}

/// One place in the queue: the producer is held up until the consumer has made its first get.
pub fn bounded() -> anyhow::Result<Bounded> {
    let events = Events::default();
    let (sender, receiver) = channel::bounded(1);
    let second_put_waited = thread::scope(|scope| {
        // The consumer owns its end: should it fail, the queue is closed, and no put hangs.
        let events = &events;
        let consumer = spawn(scope, "consumer", move || {
            slow_syscall(SLOW)?;
            for [begins, done] in [["get 1 begins", "get 1 done"], ["get 2 begins", "get 2 done"]] {
                events.note(begins);
                receiver.recv().context("the producer put too little")?;
                events.note(done);
            }
            events.note("consumer done");
            anyhow::Ok(())
        })?;
        let _ = sender.send(1);
        events.note("put 1 done");
        let (_, second_put_waited) = measure(|| sender.send(2));
        events.note("put 2 done");
        events.note("producer done");
        joined(consumer)??;
        anyhow::Ok(second_put_waited)
    })?;
    Ok(Bounded { order: events.in_order(), second_put_waited })
}

pub const MEMORY_ITEMS: usize = 100;
pub const CAPACITY: usize = 10;

/// How long the queue became while the producer put items as fast as it could and the consumer
/// took a millisecond for each.
pub fn peak_length(capacity: Option<usize>) -> anyhow::Result<usize> {
    let (sender, receiver) = match capacity {
        Some(capacity) => channel::bounded(capacity),
        None => channel::unbounded(),
    };
    thread::scope(|scope| {
        let consumer = spawn(scope, "consumer", move || {
            receiver.into_iter().try_for_each(|_item| slow_syscall(Duration::from_millis(1)))
        })?;
        let mut peak = 0;
        for item in 0..MEMORY_ITEMS {
            // Fails if the consumer is gone, which its join will tell.
            let _ = sender.send(item);
            peak = peak.max(sender.len());
        }
        drop(sender);
        joined(consumer)??;
        Ok(peak)
    })
}

/// What was done when `join` returned.
pub struct Joined {
    pub put: u32,
    pub completed_at_join: u32,
    pub panicked: usize,
}

pub fn join() -> anyhow::Result<Joined> {
    let (queue, tasks) = task_queue();
    // Relaxed: the join orders what the workers have done before it.
    let completed = AtomicU32::new(0);
    let put = 10;
    thread::scope(|scope| {
        let mut workers = Vec::new();
        for n in 0..3 {
            let (tasks, completed) = (tasks.clone(), &completed);
            let worker = move || {
                for task in tasks {
                    slow_syscall(Duration::from_millis(1))?;
                    if task.item == 4 {
                        // Unwinds like a panic, without its message: this one is on purpose.
                        resume_unwind(Box::new("on purpose"));
                    }
                    completed.fetch_add(1, Relaxed);
                }
                anyhow::Ok(())
            };
            workers.push(spawn(scope, &format!("worker {n}"), worker)?);
        }
        (0..put).for_each(|item| queue.put(item));
        queue.join();
        let completed_at_join = completed.load(Relaxed);

        let (mut panicked, mut failed) = (0, None);
        for worker in workers {
            match worker.join() {
                Ok(outcome) => failed = outcome.err().or(failed),
                Err(_panic) => panicked += 1,
            }
        }
        failed.map_or(Ok(Joined { put, completed_at_join, panicked }), Err)
    })
}

/// How the closable pipeline did.
pub struct PipelineRun {
    pub processed: usize,
    /// How many different items came through.
    pub distinct: usize,
    /// How many of them have exactly one stamp of each stage.
    pub once_per_stage: usize,
    /// Of a slow system call, measured: the mean in the stage that takes longest.
    pub latency: Duration,
    pub elapsed: Duration,
    /// What the stage that takes longest needs, if its workers never wait for an item.
    pub bound: Duration,
    pub rounds_after_joins: usize,
}

const STAGES: [&str; 3] = ["download", "resize", "upload"];

pub fn pipeline(timeline: &Timeline, flags: &Flags) -> anyhow::Result<PipelineRun> {
    let bar = progress_bar(flags);
    let wait = |_: &Parcel| slow_syscall(flags.latency).map_err(|error| error.to_string());
    let wait_and_show = |parcel: &Parcel| wait(parcel).inspect(|()| bar.inc(1));
    let stages = three_stages(flags.workers, [&wait, &wait, &wait_and_show]);

    let run_all = || run("pipeline", &stages, flags.items, timeline, |_| ());
    let (finished, elapsed) = measure(run_all);
    bar.finish_and_clear();
    let Finished { done, failures } = finished?;
    if let Some(failure) = failures.first() {
        return Err(anyhow!("item {}: {}", failure.number, reason(failure)));
    }

    // The notes' last loop. It has nothing to wait for; nobody works any more, so if an item were
    // missing it would never come, hence the limit.
    let mut rounds_after_joins = 0;
    while done.len() < flags.items as usize && rounds_after_joins < MOST_ROUNDS {
        rounds_after_joins += 1;
    }

    let parcels: Vec<Parcel> = done.map(|task| task.item).collect();
    let distinct: BTreeSet<u32> = parcels.iter().map(|parcel| parcel.number).collect();
    let (bound, latency) = bound(&timeline.spans_of("pipeline"), flags);
    Ok(PipelineRun {
        processed: parcels.len(),
        distinct: distinct.len(),
        once_per_stage: parcels.iter().filter(|parcel| parcel.stamps == STAGES).count(),
        latency,
        elapsed,
        bound,
        rounds_after_joins,
    })
}

fn three_stages(workers: [usize; 3], work: [Work<'_>; 3]) -> [Stage<'_>; 3] {
    let [download, resize, upload] = STAGES;
    [
        Stage { name: download, workers: workers[0], work: work[0] },
        Stage { name: resize, workers: workers[1], work: work[1] },
        Stage { name: upload, workers: workers[2], work: work[2] },
    ]
}

/// A stage can't be done before its busiest worker is: ⌈items ÷ workers⌉ calls, one after the
/// other. The slowest stage bounds the pipeline.
fn bound(spans: &[Span], flags: &Flags) -> (Duration, Duration) {
    let of_stage = |(stage, workers): (&str, usize)| {
        let calls: Vec<u64> = spans
            .iter()
            .filter(|span| span.label == stage)
            .map(|span| span.end_us - span.start_us)
            .collect();
        let mean = calls.iter().sum::<u64>() as f64 / calls.len().max(1) as f64 / 1e6;
        let latency = Duration::from_secs_f64(mean);
        let turns = flags.items.div_ceil(u32::try_from(workers).unwrap_or(u32::MAX));
        (latency * turns, latency)
    };
    STAGES.into_iter().zip(flags.workers).map(of_stage).max().unwrap_or_default()
}

/// A bar for who waits at a terminal for more than a moment.
fn progress_bar(flags: &Flags) -> ProgressBar {
    let fewest = flags.workers.into_iter().min().unwrap_or(1);
    let estimate = flags.latency.as_secs_f64() * f64::from(flags.items) / fewest as f64;
    if flags.output.json || !stdout().is_terminal() || !stderr().is_terminal() || estimate < 2.0 {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("  {bar:40} {pos} of {len} items, {eta} left");
    ProgressBar::new(flags.items.into())
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// The lengths of the done queue that the notes' loop sees when it runs before the joins.
pub fn loop_before_joins(flags: &Flags) -> anyhow::Result<Vec<usize>> {
    let items = flags.items.div_ceil(4);
    let wait = |_: &Parcel| slow_syscall(flags.latency).map_err(|error| error.to_string());
    let stages = three_stages(flags.workers, [&wait, &wait, &wait]);
    let mut seen = Vec::new();
    let pause = flags.latency.max(Duration::from_millis(1));
    run("loop_before_joins", &stages, items, &Timeline::new(), |done| {
        while done.len() < items as usize && seen.len() < MOST_ROUNDS {
            seen.push(done.len());
            // Other work could be done here.
            if slow_syscall(pause).is_err() {
                break;
            }
        }
        seen.push(done.len());
    })?;
    Ok(seen)
}

/// An item that never comes must not keep a loop waiting for ever.
const MOST_ROUNDS: usize = 10_000;

/// Eight of `values` at the most, the first and the last among them, for a reader.
pub fn sample(values: &[usize]) -> Vec<usize> {
    let last = values.len().saturating_sub(1);
    let indices: BTreeSet<usize> = (0..8).map(|n| last * n / 7).collect();
    indices.into_iter().filter_map(|index| values.get(index)).copied().collect()
}

/// What came of a pipeline with one bad item.
pub struct Failing {
    pub bad_item: u32,
    pub processed: usize,
    pub failures: Vec<Failure>,
}

/// The second of the three stages fails on one item. Nothing waits here: only the counts matter.
pub fn failing_stage(items: u32, panics: bool) -> anyhow::Result<Failing> {
    let bad_item = items / 2;
    let fine = |_: &Parcel| Ok(());
    let resize = |parcel: &Parcel| match parcel.number {
        // Unwinds like a panic, without its message: this one is on purpose.
        number if number == bad_item && panics => resume_unwind(Box::new("not a picture")),
        number if number == bad_item => Err("not a picture".to_owned()),
        _ => Ok(()),
    };
    let stages = three_stages([3, 4, 5], [&fine, &resize, &fine]);
    let Finished { done, failures } = run("failing", &stages, items, &Timeline::new(), |_| ())?;
    Ok(Failing { bad_item, processed: done.count(), failures })
}

/// Where a parcel failed, and why.
pub fn reason(failure: &Failure) -> String {
    format!("{}: {}", failure.stage, failure.reason)
}

fn spawn<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    name: &str,
    work: impl FnOnce() -> T + Send + 'scope,
) -> anyhow::Result<ScopedJoinHandle<'scope, T>> {
    let thread = thread::Builder::new().name(name.to_owned()).spawn_scoped(scope, work);
    thread.with_context(|| format!("cannot start the thread of {name}"))
}

fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> anyhow::Result<T> {
    thread.join().map_err(|_| anyhow!("a thread panicked"))
}
