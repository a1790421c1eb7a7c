//! The story of item 62: several growing files are merged into one, by three versions of the same
//! program as it is ported from threads to tokio.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};
use common::program::duration_within;
use common::story::{OutputFlags, Step, Story};
use item62_mix::follow::follow;
use item62_mix::logs::Writing;
use item62_mix::temporary::Temporary;
use item62_mix::trial::{Outcome, Trial};
use item62_mix::{mixed, tasks, threads};

/// Item 62: growing log files, followed and merged by threads, by both, and by tasks
#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Flags {
    /// How many log files are being written, at most 100
    #[arg(long, default_value_t = 5, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=100))]
    writers: u16,

    /// How many lines are written to each, at most 5000
    #[arg(long, default_value_t = 10, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(..=5000))]
    lines: u16,

    /// The longest pause before a line, at most 1s; each pause is random
    #[arg(long, default_value = "100ms", allow_hyphen_values = true)]
    #[arg(value_parser = duration_within("0s", "1s"))]
    pause: Duration,

    /// What the random pauses begin with: the same seed, the same pauses
    #[arg(long, default_value_t = 62, allow_negative_numbers = true)]
    seed: u64,

    /// How long a follower waits before it looks for more, at most 1s
    #[arg(long, default_value = "10ms", allow_hyphen_values = true)]
    #[arg(value_parser = duration_within("1ms", "1s"))]
    poll: Duration,

    #[command(flatten)]
    output: OutputFlags,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Follow files of other programs and merge their lines, until SIGINT or SIGTERM
    Follow {
        /// The files to follow, each from its start
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,

        /// The file to merge them into; what it held before is lost
        #[arg(long, value_name = "FILE")]
        out: PathBuf,

        /// How long to wait before looking for more, at most 1s; longer while nothing grows
        #[arg(long, default_value = "100ms", allow_hyphen_values = true)]
        #[arg(value_parser = duration_within("1ms", "1s"))]
        poll: Duration,
    },
}

fn main() -> ExitCode {
    common::program::run(|flags: Flags| match &flags.command {
        Some(Command::Follow { files, out, poll }) => follow(files, out, *poll),
        None => tell(&flags),
    })
}

fn tell(flags: &Flags) -> anyhow::Result<()> {
    let Flags { writers, lines, pause, seed, poll, output, .. } = *flags;
    refuse_long_silence(lines, pause)?;
    let temporary = Temporary::create()?;
    let writing = Writing { lines, longest_pause: pause, seed };
    let trial = Trial { dir: temporary.path(), writers, writing, poll };

    let story = Story::begin(62, env!("CARGO_PKG_DESCRIPTION"), output)?;
    story
        .say(&format!("{writers} programs write {lines} lines each; we merge what they write."))?;

    let threading =
        story.step("threads", "a thread per file, and a lock around the merged file")?;
    tell_outcome(&threading, trial.run(threading.lanes(), threads::merge)?);

    let mixing =
        story.step("spawn_blocking", "the same followers, in tokio's pool; a task merges")?;
    tell_outcome(&mixing, trial.run(mixing.lanes(), mixed::merge)?);

    let awaiting = story.step("tasks", "tokio all the way: the followers are tasks")?;
    tell_outcome(&awaiting, trial.run(awaiting.lanes(), tasks::merge)?);

    let look = "a block is a line that is half written; at its end the line is merged";
    story.picture_of_first(2, look, &[&threading, &mixing, &awaiting])?;
    story.finish()?;
    Ok(())
}

fn tell_outcome(step: &Step<'_>, Outcome { lines, halves, elapsed }: Outcome) {
    step.fact("written", lines.written);
    step.fact("merged", lines.merged);
    step.proof("missing", lines.missing);
    step.proof("repeated", lines.repeated);
    step.proof("out_of_order", lines.out_of_order);
    step.fact("half_lines_seen", halves);
    step.fact("torn", lines.torn);
    step.figure("elapsed_s", elapsed);
}

/// Two flags that are fine on their own may be at odds with each other: a story is told in seconds.
fn refuse_long_silence(lines: u16, pause: Duration) -> Result<(), clap::Error> {
    const LONGEST_WRITING: Duration = Duration::from_secs(20);
    if pause * u32::from(lines) <= LONGEST_WRITING {
        return Ok(());
    }
    let complaint = format!("'--lines {lines} --pause {pause:?}' would write for too long");
    Err(clap::Error::raw(ErrorKind::ValueValidation, complaint))
}
