//! The story of item 64.

use std::env;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};
use common::children::a_child_is_left;
use common::rounds::{Best, best_by_turns};
use common::story::{Entry, OutputFlags, Step, Story};
use common::threads::{start_pool, with_pool};
use common::timing::{measure, three_digits};
use common::unit::show_time;
use item64_parallelism::child::serve;
use item64_parallelism::proofs::{by_euclid, see_processes, see_rayon, see_threads};
use item64_parallelism::trip::{Trip, Trips, echo, trips};
use item64_parallelism::{Child, PAIRS, in_a_row, in_pool, in_processes, in_threads};

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

    /// Be a child that sends back what it is sent: the length of a message on a line, and then its bytes
    Echo,
}

fn main() -> ExitCode {
    common::program::run(|flags: Flags| match flags.command {
        Some(Role::Worker) => serve(),
        Some(Role::Echo) => echo(),
        None => tell(&flags),
    })
}

fn tell(flags: &Flags) -> anyhow::Result<()> {
    let (workers, rounds) = (usize::from(flags.workers), usize::from(flags.rounds));
    let story = Story::begin(64, env!("CARGO_PKG_DESCRIPTION"), flags.output)?;
    story.say("Ten greatest common divisors, each by trial of millions of numbers.")?;
    story.say("Four versions of the work take turns; the best round of each is told.")?;
    let program = env::current_exe().context("cannot find this program's own file")?;
    let (children, starting) = measure(|| Child::start_all(&program, workers));
    let mut children = children?;
    let [by_one, by_threads, by_rayon, by_children] = by_turns(&mut children, rounds)?;
    children.into_iter().try_for_each(Child::join)?;
    let tell = |step: &Step<'_>, version: &Best<Vec<u32>>| {
        step.show(&version.lanes);
        step.figure("elapsed_s", version.elapsed).best_of(rounds);
    };
    let tell_beside_one = |step: &Step<'_>, version: &Best<Vec<u32>>| {
        tell(step, version);
        step.proof("gcds", version.found.clone());
        step.figure("times_as_fast_as_serial", by_one.times_slower_than(version));
    };

    let serial = story.step("serial", "one pair after the other")?;
    serial.fact("gcds", by_one.found.clone());
    serial.proof("by_euclid", PAIRS.map(by_euclid).to_vec());
    tell(&serial, &by_one);

    let threads = story.step("threads", "each thread takes the next pair when it is free")?;
    tell_beside_one(&threads, &by_threads);
    see_threads()?.tell(&threads);

    let rayon = story.step("rayon", "the same, in one line: par_iter")?;
    tell_beside_one(&rayon, &by_rayon);
    see_rayon()?.tell(&rayon);

    let processes = story.step("processes", "the same, but each thread asks a child process")?;
    tell_beside_one(&processes, &by_children);
    see_processes(&program)?.tell(&processes);

    let look = "the same ten pairs: `main` does them all, or the workers share them";
    story.picture(look, &[&serial, &threads, &rayon, &processes])?;

    let trip = story.step("trip", "two integers to a child and back: no work, the trip alone")?;
    let Trips { two_integers, megabyte, shared, was_moved } = trips(&program, rounds)?;
    trip.figure("start_s", starting / u32::from(flags.workers));
    tell_trip(&trip, two_integers, rounds);
    trip.proof("a_child_is_left", a_child_is_left()?);

    let heavy = story.step("megabyte", "a megabyte to a child and back, through pipes as well")?;
    let (few, many) = (show_time(two_integers.took), show_time(megabyte.took));
    let times =
        |slow: Trip, fast: Trip| three_digits(slow.took.as_secs_f64() / fast.took.as_secs_f64());
    tell_trip(&heavy, megabyte, rounds)
        .about(&format!("{} × the trip of two integers, {few}", times(megabyte, two_integers)));

    let light = story.step("shared", "a megabyte to a thread and back: threads share memory")?;
    tell_trip(&light, shared, rounds)
        .about(&format!("{many} through pipes ÷ {}", times(megabyte, shared)));
    light.fact("moved_in_memory", was_moved);

    Ok(story.finish()?)
}

fn tell_trip<'step>(step: &'step Step<'step>, trip: Trip, rounds: usize) -> Entry<'step> {
    step.proof("came_back_equal", trip.came_back_equal);
    step.figure("round_trip_s", trip.took).best_of(rounds)
}

/// Four ways to share out the same pairs.
fn by_turns(children: &mut [Child], rounds: usize) -> anyhow::Result<[Best<Vec<u32>>; 4]> {
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
