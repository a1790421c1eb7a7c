//! The story of item 54, in the order of the notes.

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use common::report::{OutputFlags, Story};
use common::timeline::{Lane, Timeline};
use common::timing::measure;
use crossbeam::channel;
use item54_lock::{AtomicCounter, LockCounter, RacyCounter, start_together};
use rayon::prelude::*;

/// Item 54: five threads count together, without a lock and with one
#[derive(Debug, Parser)]
struct Flags {
    /// How many threads count, at most 10000
    #[arg(long, default_value_t = 5, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=MOST_THREADS))]
    threads: u32,

    /// How many times each thread adds one
    #[arg(long, default_value_t = 100_000, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u32))]
    how_many: u32,

    #[command(flatten)]
    output: OutputFlags,
}

/// A thread that the system refuses is an error, and told. But a thread that has started and finds
/// no memory mapping left for its signal stack makes the standard library abort the program. Linux
/// gives a process 65,530 mappings, and each thread takes four.
const MOST_THREADS: i64 = 10_000;

/// Between two of its yields, a thread of the race counts this often.
const YIELD_EVERY: u64 = 1_000;

fn main() -> ExitCode {
    common::program::run(tell)
}

fn tell(Flags { threads, how_many, output }: Flags) -> anyhow::Result<()> {
    let expected = u64::from(threads) * u64::from(how_many);
    let title = "Use Lock to Prevent Data Races in Threads";
    let mut story = Story::begin(54, title, output)?;
    story.say(&format!("{threads} threads add 1 to a counter, {how_many} times each."))?;

    story.step("race", "each increment is a read and a write, others come in between")?;
    let (found, racing) = race(&story.timeline, threads, how_many)?;
    story.fact_beside("expected", expected, "500000")?;
    story.fact_beside("found", found, "367540, and 450379")?;
    story.fact("lost", expected - found)?;
    story.time_beside("elapsed", racing, "0.085 s")?;

    story.step("replay", "the unlucky order, forced: A reads, B reads, B writes, A writes")?;
    story.fact("increments", 2)?;
    story.fact("found", replay()?)?;

    story.step("lock", "the counter lives inside a mutex")?;
    let counter = LockCounter::new();
    let locking = count(&story.timeline, "lock", (threads, how_many), || counter.increment())?;
    story.fact_beside("found", counter.count(), "500000")?;
    story.time_beside("elapsed", locking, "0.143 s")?;

    story.step("atomic", "one indivisible fetch_add, no lock")?;
    let counter = AtomicCounter::new();
    let adding = count(&story.timeline, "atomic", (threads, how_many), || counter.increment())?;
    story.fact("found", counter.count())?;
    story.time("elapsed", adding)?;

    story.step("subtotals", "each thread keeps a count of its own; rayon adds them at the end")?;
    let (found, summing) = count_subtotals(threads, how_many)?;
    story.fact("found", found)?;
    story.time("elapsed", summing)?;

    story.step("cost", "nanoseconds per increment, from the runs above")?;
    for (name, elapsed) in
        [("race", racing), ("lock", locking), ("atomic", adding), ("subtotals", summing)]
    {
        let per_increment = elapsed.as_secs_f64() * 1e9 / expected.max(1) as f64;
        story.fact(&format!("{name}_ns"), (per_increment * 100.0).round() / 100.0)?;
    }

    story.finish(&[&["race", "lock", "atomic"]])?;
    Ok(())
}

/// All threads meet between the read and the write of their first increment: every one of them
/// has read 0, so all but one of these increments are lost, on any machine. From then on each
/// gives way to the others there every so often, as the Python interpreter did in the book's day.
fn race(timeline: &Timeline, threads: u32, how_many: u32) -> anyhow::Result<(u64, Duration)> {
    let counter = RacyCounter::new();
    let everyone_has_read = Barrier::new(threads as usize);
    let elapsed = start_together(lanes(timeline, "race", threads).map(|mut lane| {
        let (counter, everyone_has_read) = (&counter, &everyone_has_read);
        move || {
            lane.record("count", || {
                for n in 0..u64::from(how_many) {
                    counter.increment_after(|| {
                        if n == 0 {
                            everyone_has_read.wait();
                        } else if n % YIELD_EVERY == 0 {
                            thread::yield_now();
                        }
                    });
                }
            });
        }
    }))?;
    Ok((counter.count(), elapsed))
}

/// Two threads, one increment each, in the order that loses one of them. A tells B when it has
/// read, by a message; B tells A when it has written, by dropping its end of the channel.
fn replay() -> anyhow::Result<u64> {
    let counter = RacyCounter::new();
    let (a_has_read, when_a_has_read) = channel::bounded::<()>(1);
    let (b_has_written, when_b_has_written) = channel::bounded::<()>(0);
    thread::scope(|scope| {
        let counter = &counter;
        let b = thread::Builder::new()
            .spawn_scoped(scope, move || {
                if when_a_has_read.recv().is_ok() {
                    counter.increment_after(|| ());
                }
                drop(b_has_written);
            })
            .context("cannot start the second thread of the replay")?;
        counter.increment_after(|| {
            // Neither can fail: B lives until it has received and dropped its end.
            let _ = a_has_read.send(());
            let _ = when_b_has_written.recv();
        });
        b.join().map_err(|_| anyhow::anyhow!("the second thread of the replay panicked"))
    })?;
    Ok(counter.count())
}

/// Each thread of `step` calls `increment` so many times, all of them at once.
fn count(
    timeline: &Timeline,
    step: &'static str,
    (threads, how_many): (u32, u32),
    increment: impl Fn() + Sync,
) -> anyhow::Result<Duration> {
    let count = || (0..how_many).for_each(|_| increment());
    let workers =
        lanes(timeline, step, threads).map(|mut lane| move || lane.record("count", count));
    Ok(start_together(workers)?)
}

/// The fastest way to share a counter is not to share it. Rayon spreads the subtotals over one
/// thread per core and adds them up.
fn count_subtotals(threads: u32, how_many: u32) -> anyhow::Result<(u64, Duration)> {
    // Rayon's global pool panics when the system refuses a thread; one of our own says so.
    let pool = rayon::ThreadPoolBuilder::new().build().context("cannot start rayon's threads")?;
    Ok(measure(|| {
        pool.install(|| {
            let subtotals = (0..threads).into_par_iter().map(|_| {
                // Without black_box the compiler would replace the loop by its result.
                (0..how_many).fold(0, |subtotal: u64, _| black_box(subtotal + 1))
            });
            subtotals.sum()
        })
    }))
}

fn lanes<'timeline>(
    timeline: &'timeline Timeline,
    step: &'static str,
    threads: u32,
) -> impl ExactSizeIterator<Item = Lane<'timeline>> {
    (0..threads).map(move |thread| timeline.lane(step, format!("thread {thread}")))
}
