//! The story of item 54, in the order of the notes.

use std::process::ExitCode;

use clap::Parser;
use common::story::{OutputFlags, Story};
use common::threads::{cores, start_pool};
use common::timeline::overlap;
use common::timing::measure;
use common::unit::show;
use item54_lock::cost::{ROUNDS, measure_costs};
use item54_lock::{
    AtomicCounter, LockCounter, add_subtotals, count_together, deadlock, one_order, race, replay,
};

/// Item 54: five threads count together, without a lock and with one
#[derive(Debug, Parser)]
struct Flags {
    /// How many threads count, at most 10000
    #[arg(long, default_value_t = 5, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=MOST_THREADS))]
    threads: u32,

    /// How many times each thread adds one
    #[arg(long, default_value_t = 100_000, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u32).range(..=10_000_000))]
    how_many: u32,

    #[command(flatten)]
    output: OutputFlags,
}

/// A thread that the system refuses is an error, and told. But a thread that has started and finds
/// no memory mapping left for its signal stack makes the standard library abort the program. Linux
/// gives a process 65,530 mappings, and each thread takes four.
const MOST_THREADS: i64 = 10_000;

/// How often each of two threads takes both locks.
const TIMES: u32 = 1_000;

fn main() -> ExitCode {
    common::program::run(tell)
}

fn tell(Flags { threads, how_many, output }: Flags) -> anyhow::Result<()> {
    let wanted = u64::from(threads) * u64::from(how_many);
    let story = Story::begin(54, env!("CARGO_PKG_DESCRIPTION"), output)?;
    let each = show("", &how_many.into());
    let who_adds =
        if threads == 1 { "1 thread adds".into() } else { format!("{threads} threads add") };
    story.say(&format!("{who_adds} 1 to a counter, {each} times each."))?;

    let racing =
        story.step("race", "an increment is a read and a write; others come in between")?;
    let (found, elapsed) = racing.enter(|| race(threads, how_many))?;
    racing.fact("expected", wanted).notes("500,000");
    racing.fact("found", found).notes("367,540, and 450,379");
    racing.fact("lost", wanted - found);
    racing.figure("elapsed_s", elapsed).notes("0.085 s");

    let replaying = story.step("replay", "two increments, in the order that loses one of them")?;
    let replayed = replay()?;
    replaying.fact("order", replayed.order);
    replaying.fact("found", replayed.found);

    let locking = story.step("lock", "the counter lives inside a mutex")?;
    let counter = LockCounter::default();
    let count = || count_together(threads, how_many, || counter.increment());
    let elapsed = locking.enter(count)?;
    locking.fact("found", counter.count()).notes("500,000");
    locking.figure("elapsed_s", elapsed).notes("0.143 s");

    let adding = story.step("atomic", "one indivisible fetch_add, no lock")?;
    let counter = AtomicCounter::default();
    let count = || count_together(threads, how_many, || counter.increment());
    let elapsed = adding.enter(count)?;
    adding.fact("found", counter.count());
    adding.figure("elapsed_s", elapsed);

    let [in_race, in_lock] = [&racing, &locking].map(|step| overlap(&step.spans()));
    let look = if threads == 1 {
        "one lane in each step: nobody comes between its reads and its writes".into()
    } else {
        format!(
            "dark at once: up to {in_race}; with the lock up to {in_lock}, of which at most one adds"
        )
    };
    story.picture(&look, &[&racing, &locking])?;

    let blocking = story.step("deadlock", "A holds left, B holds right; each wants the other's")?;
    let [right_is_taken, left_is_taken] = deadlock()?;
    blocking.fact("a_finds_right_taken", right_is_taken);
    blocking.fact("b_finds_left_taken", left_is_taken);
    story.say("A and B only try the second lock. If they waited for it, they would for ever.")?;

    let cure = format!("the cure: both take left first, then right, {TIMES} times each");
    let ordering = story.step("one_order", &cure)?;
    let [left, right] = one_order(TIMES)?;
    ordering.fact("left_count", left);
    ordering.fact("right_count", right);

    let summing = story.step("subtotals", "each counts for itself; rayon adds the counts up")?;
    let pool = start_pool(cores())?;
    let (found, elapsed) = measure(|| add_subtotals(&pool, threads, how_many));
    summing.fact("found", found);
    summing.figure("elapsed_s", elapsed);

    let comparing = story.step("cost", "the time of a round, divided by its increments")?;
    let [by_lock, by_atomic, by_race, by_subtotals] = measure_costs(&pool, threads, how_many)?;
    comparing.figure("lock_ns", by_lock).best_of(ROUNDS);
    comparing.figure("atomic_ns", by_atomic).best_of(ROUNDS);
    comparing.figure("race_ns", by_race).best_of(ROUNDS);
    comparing.figure("subtotals_ns", by_subtotals).best_of(ROUNDS);

    Ok(story.finish()?)
}
