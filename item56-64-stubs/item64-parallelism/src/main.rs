//! The story of item 64.

use std::env;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};
use common::children::a_child_is_left;
use common::rounds::{Best, best_by_turns};
use common::story::{OutputFlags, Step, Story};
use common::threads::{start_pool, with_pool};
use common::timing::measure;
use common::witness::CROWD;
use item64_parallelism::child::serve;
use item64_parallelism::proofs::{by_euclid, look_at};
use item64_parallelism::{Child, PAIRS, Pair, in_a_row, in_pool, in_processes, in_threads};

/// So many times a child is asked for next to nothing.
const TRIPS: u32 = 100;

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
    /// Be a child: read pairs from stdin, one `12 18` a line, and answer each with its divisor, and when
    /// it was computed
    Worker,
}

fn main() -> ExitCode {
    common::program::run(|flags: Flags| match flags.command {
        Some(Role::Worker) => serve(),
        None => tell(&flags),
    })
}

fn tell(flags: &Flags) -> anyhow::Result<()> {
    let (workers, rounds) = (usize::from(flags.workers), usize::from(flags.rounds));
    let story = Story::begin(64, env!("CARGO_PKG_DESCRIPTION"), flags.output)?;
    story.say("Ten greatest common divisors, each by trial of millions of numbers.")?;

    let program = env::current_exe().context("cannot find this program's own file")?;
    let (children, starting) = measure(|| Child::start_all(&program, workers));
    let mut children = children?;
    let [by_one, by_threads, by_rayon, by_children] = measured(&mut children, rounds)?;

    let serial = story.step("serial", "one pair after the other")?;
    serial.show(&by_one.lanes);
    serial.fact("gcds", by_one.found.clone());
    serial.proof("by_euclid", PAIRS.map(by_euclid).to_vec());
    serial.figure("elapsed_s", by_one.elapsed).best_of(rounds);

    let tell_beside = |step: &Step<'_>, version: &Best<Vec<u32>>| {
        step.show(&version.lanes);
        step.proof("gcds", version.found.clone());
        step.figure("elapsed_s", version.elapsed).best_of(rounds);
        step.figure("speed_up", by_one.times_slower_than(version));
    };

    let threads = story.step("threads", "each thread takes the next pair when it is free")?;
    tell_beside(&threads, &by_threads);
    look_at(|pairs| in_threads(CROWD, pairs))?.tell(&threads);

    let rayon = story.step("rayon", "the same, in one line: par_iter")?;
    tell_beside(&rayon, &by_rayon);
    let anew = |pairs: &[Pair]| {
        let pool = start_pool(CROWD)?;
        Ok(with_pool(&pool, || in_pool(&pool, pairs)))
    };
    look_at(anew)?.tell(&rayon);

    let processes = story.step("processes", "the same, but each thread asks a child process")?;
    tell_beside(&processes, &by_children);
    // A process costs more than a thread, and fewer are enough.
    let anew = |pairs: &[Pair]| {
        let mut crowd = Child::start_all(&program, CROWD / 2)?;
        let gcds = in_processes(&mut crowd, pairs)?;
        crowd.into_iter().try_for_each(Child::join)?;
        Ok(gcds)
    };
    look_at(anew)?.tell(&processes);

    let look = "the same ten pairs, one after the other and several at the same time";
    story.picture(look, &[&serial, &threads, &rayon, &processes])?;

    let trip = story.step("trip", "what a child costs besides: a pair (1, 1) is no work")?;
    let ask = |_| children[0].ask(Pair(1, 1));
    let (answers, elapsed) = measure(|| (0..TRIPS).map(ask).collect::<anyhow::Result<Vec<_>>>());
    children.into_iter().try_for_each(Child::join)?;
    trip.figure("start_s", starting / u32::from(flags.workers));
    trip.figure("round_trip_s", elapsed / TRIPS);
    trip.proof("answers", answers?.len());
    trip.proof("a_child_is_left", a_child_is_left()?);
    story.say("Threads share their memory: they make no trips, and there is nothing to pack.")?;

    Ok(story.finish()?)
}

/// Four ways to share out the same pairs, by turns.
fn measured(children: &mut [Child], rounds: usize) -> anyhow::Result<[Best<Vec<u32>>; 4]> {
    let workers = children.len();
    let pool = start_pool(workers)?;
    best_by_turns(
        rounds,
        [
            &mut || Ok(in_a_row(&PAIRS)),
            &mut || in_threads(workers, &PAIRS),
            &mut || Ok(with_pool(&pool, || in_pool(&pool, &PAIRS))),
            &mut || in_processes(children, &PAIRS),
        ],
    )
}
