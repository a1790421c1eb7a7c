//! The story of item 53, in the order of the notes.

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use common::program::duration_within;
use common::rounds::best_by_turns;
use common::story::{OutputFlags, Story};
use common::threads::cores;
use common::timing::measure;
use item53_blocking_io::proofs::{
    computed_meanwhile, divisions, factors, look_at_rayon, look_at_threads, time_of_computing,
};
use item53_blocking_io::{
    COMPUTATIONS, Numbers, at_once, in_a_row, in_one_thread, in_threads, start_pool, try_all,
    try_to_square_root, with_rayon,
};

/// Item 53: threads that compute, and threads that wait
#[derive(Debug, Parser)]
struct Flags {
    /// The numbers to factorise; their sum may be 100000000
    #[arg(long, default_value_t, allow_hyphen_values = true)]
    numbers: Numbers,

    /// How many slow system calls to make, at most 1000
    #[arg(long, default_value_t = 5, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1000))]
    calls: u16,

    /// How long each of them takes, up to 1min
    #[arg(long, default_value = "100ms", value_parser = duration_within("1ms", "1min"))]
    latency: Duration,

    #[command(flatten)]
    output: OutputFlags,
}

/// Each way to compute is measured so often, by turns; the best counts.
const ROUNDS: usize = 5;

fn main() -> ExitCode {
    common::program::run(tell)
}

fn tell(Flags { numbers: Numbers(numbers), calls, latency, output }: Flags) -> anyhow::Result<()> {
    let story = Story::begin(53, env!("CARGO_PKG_DESCRIPTION"), output)?;

    let alone =
        story.step("one_thread", "the factors of each number: divide by 1, 2, ... itself")?;
    let pool = start_pool(cores())?;
    let [by_one, by_threads, by_rayon, by_root] = best_by_turns(
        ROUNDS,
        [
            &mut |lanes| Ok(in_one_thread(lanes, &numbers, try_all)),
            &mut |lanes| in_threads(lanes, &numbers, try_all),
            &mut |lanes| Ok(with_rayon(&pool, lanes, &numbers, try_all)),
            &mut |lanes| Ok(in_one_thread(lanes, &numbers, try_to_square_root)),
        ],
    )?;
    alone.fact("factors", factors(&by_one.found));
    alone.fact("divisions", divisions(&by_one.found));
    alone.proof("sum_of_numbers", numbers.iter().copied().map(u64::from).sum::<u64>());
    alone.figure("elapsed_s", by_one.elapsed).best_of(ROUNDS).notes("0.253 s");

    let threads = story.step("threads", "the same, with a thread for each number")?;
    threads.proof("factors", factors(&by_threads.found));
    threads.figure("elapsed_s", by_threads.elapsed).best_of(ROUNDS).notes("0.446 s");
    threads.figure("speed_up", by_one.times_slower_than(&by_threads));
    look_at_threads()?.tell(&threads);

    let rayon = story.step("rayon", "the same with rayon: a thread for each core")?;
    rayon.proof("factors", factors(&by_rayon.found));
    rayon.figure("elapsed_s", by_rayon.elapsed).best_of(ROUNDS);
    rayon.figure("speed_up", by_one.times_slower_than(&by_rayon));
    look_at_rayon()?.tell(&rayon);

    let root = story.step("square_root", "one thread, and a better algorithm: stop at the root")?;
    root.proof("factors", factors(&by_root.found));
    root.fact("divisions", divisions(&by_root.found));
    root.figure("elapsed_s", by_root.elapsed).best_of(ROUNDS);
    root.figure("speed_up", by_one.times_slower_than(&by_root));
    story.say("Look for the better algorithm first, then for the second core.")?;

    alone.show(by_one.lanes);
    threads.show(by_threads.lanes);
    rayon.show(by_rayon.lanes);
    root.show(by_root.lanes);
    let look = "one after the other, several at the same time, and next to no work at all";
    story.picture(look, &[&alone, &threads, &rayon, &root])?;

    let row = story.step("in_a_row", "slow system calls, one after the other")?;
    let (outcome, elapsed) = measure(|| in_a_row(row.lanes(), calls, latency));
    outcome?;
    row.proof("sum_of_waits_s", latency * u32::from(calls));
    row.fact("elapsed_s", elapsed).notes("0.503 s, and 0.520 s");

    let block = story.step("at_once", "each call in a thread, while the main thread computes")?;
    let (outcome, elapsed) = measure(|| at_once(block.lanes(), calls, latency));
    outcome?;
    block.proof("calls", calls);
    block.proof("computed", COMPUTATIONS);
    let spans = block.lanes().spans();
    block.proof("computing_s", time_of_computing(&spans));
    block.fact("computed_meanwhile", computed_meanwhile(spans)).notes("5");
    block.figure("elapsed_s", elapsed).notes("0.102 s, and 0.107 s");

    story.picture("a staircase, and a block: waiting takes no processor", &[&row, &block])?;

    story.finish()?;
    Ok(())
}
