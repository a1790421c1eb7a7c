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

    let running = story.step("run", "start a child, read what it prints, look how it ended")?;
    let (output, status) = run_echo()?;
    running.fact("output", output.trim_end()).notes("hello from subprocess!");
    running.fact("status", status);
    let (outcome, status) = run_failing(me)?;
    running.fact("failing_child", outcome);
    running.fact("failing_status", status);

    let polling = story.step("poll", "work while sleep runs; ask now and then if it has ended")?;
    let (polled, elapsed) = measure(|| polling.enter(|| poll(flags.sleep)));
    let (units, status) = polled?;
    polling.fact("units", units);
    polling.fact("status", status).notes("0");
    polling.figure("elapsed_s", elapsed);

    let sleeping = story.step("parallel", "start many sleeps, then wait for each")?;
    let sleep = || watched_sleeps(flags.children, flags.sleep);
    let (slept, elapsed) = measure(|| sleeping.enter(sleep));
    let (running_at_once, statuses) = slept?;
    sleeping.fact("running_at_once", running_at_once);
    sleeping.fact("statuses", statuses);
    sleeping.proof("child_s", time_of_a_child()?);
    sleeping.fact("elapsed_s", elapsed).notes("1.04 s for ten, not 10 s");

    let look = "main works while a child sleeps; many sleep no longer than one";
    story.picture(look, &[&polling, &sleeping])?;

    let piping = story.step("pipelines", "random bytes > encrypt > hash > digest, side by side")?;
    let jobs = (0..flags.pipelines).map(|_| Job::random(flags.bytes as usize));
    let jobs: Vec<Job> = jobs.collect::<Result<_, _>>()?;
    let (running_at_once, (statuses, tails)) = piping.enter(|| watched_pipelines(me, &jobs))?;
    piping.fact("running_at_once", running_at_once);
    piping.fact("statuses", statuses).notes("0 for each");
    piping.fact("digest_tails", tails);
    let again = jobs.iter().map(|job| one_expression(me, job));
    piping.proof("in_one_expression", again.collect::<Result<Vec<_>, _>>()?);
    let alone = jobs.iter().map(Job::in_one_process);
    piping.proof("in_one_process", alone.collect::<Result<Vec<_>, _>>()?);
    story.picture("the children of all pipelines live at the same time", &[&piping])?;

    let hurrying = story.step("timeout", "a sleep of 10 s gets less; then it is asked to end")?;
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
    story.say("Unread, it hangs until it is ended. So read while you wait.")?;

    let ending = story.step("end", "what is left of all this")?;
    ending.fact("a_child_is_left", a_child_is_left()?);
    ending.proof("pipes_at_first", pipes_at_first);
    ending.proof("pipes_open", pipes_open()?);

    story.finish()?;
    Ok(())
}

fn say_if_killed(story: &Story, status: i32) -> Result<(), StdoutFailed> {
    if status == -Signal::KILL.as_raw() {
        story.say("The child did not heed SIGTERM, so it was killed: SIGKILL is signal 9.")?;
    }
    Ok(())
}
