//! The story of item 53, in the order of the notes.

use std::process::ExitCode;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use common::program::duration_within;
use common::rounds::{Best, best_by_turns};
use common::story::{OutputFlags, Story};
use common::threads::{cores, start_and_join, start_pool, with_pool};
use common::timeline::overlap;
use common::timing::measure;
use common::unit::show_time;
use common::witness::CROWD;
use item53_blocking_io::proofs::{
    computed_meanwhile, divisions, factors, look_at, time_of_computing, written_sum,
};
use item53_blocking_io::{
    COMPUTATIONS, Factored, at_once, in_a_row, in_one_thread, in_threads, try_all,
    try_to_square_root, with_rayon,
};

/// Each way to factorise is measured so often; the best counts.
const ROUNDS: usize = 5;

/// The notes' numbers.
const NUMBERS: [u32; 4] = [2_139_079, 1_214_759, 1_516_637, 1_852_285];

/// Each number gets a thread. And the slow algorithm takes as many divisions as the sum of the numbers: a
/// hundred million take a processor a fraction of a second, and are made three times in each round.
const MOST: usize = 1_000;
const LARGEST_SUM: u64 = 100_000_000;

/// Item 53: threads that compute, and threads that wait
#[derive(Debug, Parser)]
struct Flags {
    /// The numbers to factorise: at most 1000, and their sum at most 100,000,000
    #[arg(long, value_delimiter = ',', default_values_t = NUMBERS)]
    #[arg(allow_hyphen_values = true, value_parser = clap::value_parser!(u32).range(1..))]
    numbers: Vec<u32>,

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

fn main() -> ExitCode {
    common::program::run(tell)
}

fn tell(Flags { numbers, calls, latency, output }: Flags) -> anyhow::Result<()> {
    let sum: u64 = numbers.iter().copied().map(u64::from).sum();
    if numbers.len() > MOST || sum > LARGEST_SUM {
        let says = format!("--numbers: more than {MOST}, or a sum above {LARGEST_SUM}");
        return Err(Flags::command().error(ErrorKind::ValueValidation, says).into());
    }
    let story = Story::begin(53, env!("CARGO_PKG_DESCRIPTION"), output)?;
    story.say(&format!(
        "Four ways to find factors run by turns, {ROUNDS} times; the best of each is shown."
    ))?;
    let [by_one, by_threads, by_rayon, by_root] = best_of_four_ways(&numbers)?;

    let alone = story.step("one_thread", "one number after the other: divide n by 1, 2, … n")?;
    alone.show(&by_one.lanes);
    alone.fact("divisions", divisions(&by_one.found)).about(&written_sum(&numbers));
    alone.proof("factors", factors(&by_one.found));
    alone.proof("sum_of_numbers", sum);
    alone.figure("elapsed_s", by_one.elapsed).best_of(ROUNDS).notes("0.253 s");

    let threads = story.step("threads", "the same divisions, with a thread for each number")?;
    threads.show(&by_threads.lanes);
    threads.proof("factors", factors(&by_threads.found));
    threads.figure("elapsed_s", by_threads.elapsed).best_of(ROUNDS).notes("0.446 s");
    threads.figure("speed_up_over_one_thread", by_one.times_slower_than(&by_threads));
    look_at(in_threads)?.tell(&threads);

    let rayon = story.step("rayon", "the same divisions, with a thread for each core")?;
    rayon.show(&by_rayon.lanes);
    rayon.proof("factors", factors(&by_rayon.found));
    rayon.figure("elapsed_s", by_rayon.elapsed).best_of(ROUNDS);
    rayon.figure("speed_up_over_one_thread", by_one.times_slower_than(&by_rayon));
    let anew = |numbers: &[u32], way| {
        let pool = start_pool(CROWD)?;
        Ok(with_pool(&pool, || with_rayon(&pool, numbers, way)))
    };
    look_at(anew)?.tell(&rayon);

    let root = story.step("square_root", "one thread, fewer divisions: up to the root of n")?;
    root.show(&by_root.lanes);
    root.proof("factors", factors(&by_root.found));
    let roots: Vec<u32> = numbers.iter().map(|number| number.isqrt()).collect();
    root.fact("divisions", divisions(&by_root.found)).about(&written_sum(&roots));
    root.figure("elapsed_s", by_root.elapsed).best_of(ROUNDS);
    root.figure("speed_up_over_one_thread", by_one.times_slower_than(&by_root));
    story.say("Look for the better algorithm first, then for the second core.")?;

    let [in_threads, in_rayon] = [&threads, &rayon].map(|step| overlap(&step.spans()));
    let look = format!("numbers in work at once: 1; up to {in_threads}; up to {in_rayon}");
    story.picture(&look, &[&alone, &threads, &rayon])?;

    let row = story.step("in_a_row", "slow system calls, one after the other")?;
    let (outcome, elapsed) = measure(|| row.enter(|| in_a_row(calls, latency)));
    outcome?;
    row.proof("sum_of_waits_s", latency * u32::from(calls));
    let one = show_time(latency);
    row.fact("elapsed_s", elapsed)
        .notes("0.503 s, and 0.520 s")
        .about(&format!("{calls} calls × {one}"));

    let block = story.step("at_once", "each call in a thread, while the main thread computes")?;
    let (outcome, elapsed) = measure(|| block.enter(|| at_once(calls, latency)));
    outcome?;
    let spans = block.spans();
    block.proof("calls", calls);
    block.proof("computed", COMPUTATIONS);
    block.proof("computing_s", time_of_computing(&spans));
    block.proof("thread_start_s", start_and_join(3)?);
    block.fact("computations_meanwhile", computed_meanwhile(&spans)).notes("5");
    let at_once = overlap(spans.iter().filter(|span| span.label == "wait"));
    let arithmetic = format!("1 × {one}, for calls that wait at the same time");
    block.figure("elapsed_s", elapsed).notes("0.102 s, and 0.107 s").about(&arithmetic);
    let look = format!("a staircase, 1 call at a time; and a block, {at_once} calls at once");
    story.picture(&look, &[&row, &block])?;

    Ok(story.finish()?)
}

/// The best round of each of four ways to factorise the same numbers. They take turns, so that a busy
/// moment of the machine meets all four alike.
fn best_of_four_ways(numbers: &[u32]) -> anyhow::Result<[Best<Vec<Factored>>; 4]> {
    let pool = start_pool(cores())?;
    best_by_turns(
        ROUNDS,
        [
            &mut || Ok(in_one_thread(numbers, try_all)),
            &mut || in_threads(numbers, try_all),
            &mut || Ok(with_pool(&pool, || with_rayon(&pool, numbers, try_all))),
            &mut || Ok(in_one_thread(numbers, try_to_square_root)),
        ],
    )
}
