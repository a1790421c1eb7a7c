//! The story of item 64.

use std::env;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::{Parser, Subcommand};
use common::children::a_child_is_left;
use common::rounds::{Best, best_by_turns};
use common::story::{OutputFlags, Step, Story};
use common::timing::measure;
use item64_parallelism::child::serve;
use item64_parallelism::proofs::{
    by_euclid, look_at_pool, look_at_processes, look_at_threads, serve_with_windows,
};
use item64_parallelism::{
    Child, PAIRS, Pair, in_a_row, in_pool, in_processes, in_threads, start_pool,
};

/// Item 64: ten greatest common divisors, by threads and by child processes
#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Flags {
    /// How many threads or child processes share the work, at most 64
    #[arg(long, default_value_t = 2, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=64))]
    workers: u16,

    /// How many times each version runs, by turns, at most 100; the best of its runs is reported
    #[arg(long, default_value_t = 5, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=100))]
    rounds: u16,

    #[command(flatten)]
    output: OutputFlags,

    #[command(subcommand)]
    command: Option<Role>,
}

#[derive(Debug, Subcommand)]
enum Role {
    /// Be a child: read pairs from stdin, one `12 18` a line, and answer each with its divisor
    Worker {
        /// Tell when it was computed, too
        #[arg(long)]
        windows: bool,
    },
}

fn main() -> ExitCode {
    common::program::run(|flags: Flags| match flags.command {
        Some(Role::Worker { windows: false }) => serve(|pair| pair.by_trial().to_string()),
        Some(Role::Worker { windows: true }) => serve_with_windows(),
        None => tell(&flags),
    })
}

fn tell(flags: &Flags) -> anyhow::Result<()> {
    let (workers, rounds) = (usize::from(flags.workers), usize::from(flags.rounds));
    let story = Story::begin(64, env!("CARGO_PKG_DESCRIPTION"), flags.output)?;
    story.say("Ten greatest common divisors, each by trial of millions of numbers.")?;

    let serial = story.step("serial", "one pair after the other")?;
    let pool = start_pool(workers)?;
    let program = env::current_exe().context("cannot find this program's own file")?;
    let (children, starting) = measure(|| Child::start_all(&program, &["worker"], workers));
    let mut children = children?;
    let [in_a_row, by_threads, by_rayon, by_children] = best_by_turns(
        rounds,
        [
            &mut |lanes| Ok(in_a_row(lanes, &PAIRS, Pair::by_trial)),
            &mut |lanes| in_threads(lanes, workers, &PAIRS, Pair::by_trial),
            &mut |lanes| Ok(in_pool(lanes, &pool, &PAIRS, Pair::by_trial)),
            &mut |lanes| in_processes(lanes, &mut children, &PAIRS, Child::ask),
        ],
    )?;
    serial.fact("gcds", in_a_row.found.clone());
    serial.proof("by_euclid", PAIRS.map(by_euclid).to_vec());
    serial.figure("elapsed_s", in_a_row.elapsed).best_of(rounds);

    let tell_beside = |step: &Step<'_>, version: &Best<Vec<u32>>| {
        step.proof("gcds", version.found.clone());
        step.figure("elapsed_s", version.elapsed).best_of(rounds);
        step.figure("speed_up", in_a_row.times_slower_than(version));
    };

    let threads = story.step("threads", "each thread takes the next pair when it is free")?;
    tell_beside(&threads, &by_threads);
    look_at_threads()?.tell(&threads);

    let rayon = story.step("rayon", "the same, in one line: par_iter")?;
    tell_beside(&rayon, &by_rayon);
    look_at_pool()?.tell(&rayon);

    let processes = story.step("processes", "the same, but each thread asks a child process")?;
    tell_beside(&processes, &by_children);
    look_at_processes(&program)?.tell(&processes);

    serial.show(in_a_row.lanes);
    threads.show(by_threads.lanes);
    rayon.show(by_rayon.lanes);
    processes.show(by_children.lanes);
    let look = "the same ten pairs, one after the other and several at the same time";
    story.picture(look, &[&serial, &threads, &rayon, &processes])?;

    let trip = story.step("trip", "what a child costs besides: a pair (1, 1) is no work")?;
    let (answers, round_trip) = cost_of_a_trip(&mut children[0])?;
    children.into_iter().try_for_each(Child::join)?;
    trip.figure("start_s", starting / u32::from(flags.workers));
    trip.figure("round_trip_s", round_trip);
    trip.proof("answers", answers);
    trip.proof("a_child_is_left", a_child_is_left()?);
    story.say("Threads share their memory: they make no trips, and there is nothing to pack.")?;

    story.finish()?;
    Ok(())
}

/// How many answers came back, and the time of one trip to a child and back.
fn cost_of_a_trip(child: &mut Child) -> anyhow::Result<(usize, Duration)> {
    const TRIPS: u32 = 100;
    let trips = || (0..TRIPS).map(|_| child.ask(Pair(1, 1))).collect::<anyhow::Result<Vec<_>>>();
    let (answers, elapsed) = measure(trips);
    Ok((answers?.len(), elapsed / TRIPS))
}
