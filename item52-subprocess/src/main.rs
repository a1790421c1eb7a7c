//! The story of item 52, in the order of the notes.

mod subcommands;

use std::env;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use common::children::a_child_is_left;
use common::ending::is_ignored;
use common::program::duration_within;
use common::stdout::StdoutFailed;
use common::story::{OutputFlags, Story};
use common::timing::measure;
use common::unit::show_time;
use item52_subprocess::proofs::{
    one_expression, pipes_open, time_of_a_child, watched_pipelines, watched_sleeps,
};
use item52_subprocess::{
    FLOOD, Job, flood_read, flood_unread, poll, run_echo, run_failing, time_out,
};
use rustix::process::Signal;
use subcommands::ChildTask;

/// Item 52: run child processes, beside each other and connected by pipes
#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    child: Option<ChildTask>,

    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, clap::Args)]
struct Flags {
    /// How long the sleeping children sleep, at most 1h
    #[arg(long, default_value = "1s", value_parser = duration_within("1ms", "1h"))]
    sleep: Duration,

    /// How many children sleep at once, at most 1000
    #[arg(long, default_value_t = 10, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1000))]
    children: u16,

    /// How many pipelines run at once, at most 100
    #[arg(long, default_value_t = 3, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=100))]
    pipelines: u16,

    /// How many random bytes each pipeline encrypts, at most 1000000
    #[arg(long, default_value_t = 100, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    bytes: u32,

    /// How long to wait for a child that takes too long, at most 1h
    #[arg(long, default_value = "100ms", value_parser = duration_within("1ms", "1h"))]
    timeout: Duration,

    #[command(flatten)]
    output: OutputFlags,
}

/// So many of the sleeps are drawn: they are all alike.
const MOST_LANES: usize = 4;

fn main() -> ExitCode {
    common::program::run(|cli: Cli| match cli.child {
        None => tell(&cli.flags).map(|()| ExitCode::SUCCESS),
        Some(task) => task.work(),
    })
}

fn tell(flags: &Flags) -> anyhow::Result<()> {
    let story = Story::begin(52, env!("CARGO_PKG_DESCRIPTION"), flags.output)?;
    // Some children are this program again, with a subcommand.
    let me = &env::current_exe().context("cannot find this program's own file")?;
    let pipes_at_first = pipes_open()?;

    let running = story.step("run", "start a child, read what it prints, see how it ended")?;
    let (output, status) = run_echo()?;
    running.fact("output", output.trim_end()).notes("hello from subprocess!");
    running.fact("status", status);
    let (outcome, status) = run_failing(me)?;
    running.fact("failing_child", outcome);
    running.fact("failing_status", status);

    let polling = story.step("poll", "do units of work until sleep has ended; ask after each")?;
    let (polled, of_one) = measure(|| polling.enter(|| poll(flags.sleep)));
    let (units, status) = polled?;
    let one_sleep = show_time(flags.sleep);
    polling.fact("units_of_work", units).about(&format!("{one_sleep} ÷ 10 ms a unit"));
    polling.fact("status", status).notes("0");
    polling.figure("elapsed_s", of_one);

    let sleeping = story.step("parallel", "start many sleeps, then wait for each")?;
    let children = flags.children;
    let (slept, of_many) = measure(|| sleeping.enter(|| watched_sleeps(children, flags.sleep)));
    let (running_at_once, statuses) = slept?;
    sleeping.fact("running_at_once", running_at_once);
    sleeping.fact("statuses", statuses);
    sleeping.proof("child_s", time_of_a_child()?);
    let arithmetic = format!("1 × {one_sleep}, for they sleep at the same time");
    sleeping.fact("elapsed_s", of_many).notes("1.04 s for ten, not 10 s").about(&arithmetic);

    let [of_one, of_many] = [of_one, of_many].map(show_time);
    let look =
        format!("main works while a child sleeps; one takes {of_one}, {children} take {of_many}");
    story.picture_of_first(MOST_LANES, &look, &[&polling, &sleeping])?;

    let piping = story.step("pipelines", "random bytes > encrypt > hash > digest, side by side")?;
    let jobs = (0..flags.pipelines).map(|_| Job::random(flags.bytes as usize));
    let jobs: Vec<Job> = jobs.collect::<Result<_, _>>()?;
    let (running_at_once, (statuses, tails)) = piping.enter(|| watched_pipelines(me, &jobs))?;
    let arithmetic = format!("{} pipelines × 2 children", flags.pipelines);
    piping.fact("running_at_once", running_at_once).about(&arithmetic);
    piping.fact("statuses", statuses).notes("0 for each");
    piping.fact("digest_tails", tails);
    let again = jobs.iter().map(|job| one_expression(me, job));
    piping.proof("in_one_expression", again.collect::<Result<Vec<_>, _>>()?);
    let alone = jobs.iter().map(Job::in_one_process);
    piping.proof("in_one_process", alone.collect::<Result<Vec<_>, _>>()?);
    story.picture("for a moment, the children of all pipelines live at once", &[&piping])?;

    let limit = show_time(flags.timeout);
    let says = format!("a sleep of 10 s gets {limit}; then it is asked to end");
    let hurrying = story.step("timeout", &says)?;
    let (status, elapsed) = measure(|| time_out(flags.timeout));
    let status = status?;
    hurrying.fact("elapsed_s", elapsed).notes("0.1 s");
    hurrying.fact("status", status).notes("-15");
    hurrying.proof("sigterm_is_ignored", is_ignored(Signal::TERM.as_raw()));
    say_if_killed(&story, status)?;

    let flooding = story.step("flood", "a child prints more than its pipe holds")?;
    let (status, held) = flood_unread(me, flags.timeout)?;
    flooding.fact("written_bytes", FLOOD);
    flooding.fact("unread_status", status);
    flooding.fact("held_by_the_pipe_bytes", held);
    let (read_status, read) = flood_read(me)?;
    flooding.fact("read_status", read_status);
    flooding.fact("read_bytes", read);
    say_if_killed(&story, status)?;
    story.say("If nobody reads, the child waits until it is ended. So read while you wait.")?;

    let ending = story.step("end", "what is left of all this")?;
    ending.fact("a_child_is_left", a_child_is_left()?);
    ending.fact("pipes_left_open", pipes_open()?.abs_diff(pipes_at_first));

    story.finish()?;
    Ok(())
}

fn say_if_killed(story: &Story, status: i32) -> Result<(), StdoutFailed> {
    if status == -Signal::KILL.as_raw() {
        story.say("The child did not heed SIGTERM, so it was killed: SIGKILL is signal 9.")?;
    }
    Ok(())
}
