//! The story of item 62: several growing files are merged into one, by three versions of the same
//! program as it is ported from threads to tokio.

use std::fs;
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use anyhow::{Context, anyhow};
use clap::{Parser, Subcommand};
use common::program::complain;
use common::report::{OutputFlags, Story};
use common::timeline::Timeline;
use common::timing::measure;
use item62_mix::follow::Change;
use item62_mix::merge::Comparison;

use follow_command::FollowFlags;
use logs::{Log, pauses};

mod blocking;
mod follow_command;
mod logs;
mod merger;
mod tasks;
mod threads;

/// Item 62: growing log files, followed and merged by threads, by both, and by tasks
#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Flags {
    /// How many log files are being written
    #[arg(long, default_value_t = 5, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=100))]
    writers: u16,

    /// How many lines are written to each
    #[arg(long, default_value_t = 10, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16))]
    lines: u16,

    /// The longest pause before a line, at most 1h; each pause is random
    #[arg(long, default_value = "100ms", allow_hyphen_values = true)]
    #[arg(value_parser = pause)]
    pause: Duration,

    /// What the random pauses begin with: the same seed, the same pauses
    #[arg(long, default_value_t = 62, allow_negative_numbers = true)]
    seed: u64,

    /// How long a follower waits before it looks for more, at most 1s
    #[arg(long, default_value = "10ms", allow_hyphen_values = true)]
    #[arg(value_parser = poll_interval)]
    poll: Duration,

    #[command(flatten)]
    output: OutputFlags,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Follow files of other programs and merge their lines, until SIGINT or SIGTERM
    Follow(FollowFlags),
}

/// How the logs are to be merged.
#[derive(Clone, Copy, Debug)]
pub struct Merge<'a> {
    /// The merged file.
    pub into: &'a Path,
    /// How long a follower that has found nothing waits before it looks again.
    pub poll: Duration,
}

fn main() -> ExitCode {
    common::program::run(|flags: Flags| match &flags.command {
        Some(Command::Follow(follow)) => follow_command::run(follow),
        None => tell(&flags),
    })
}

fn tell(flags: &Flags) -> anyhow::Result<()> {
    let temporary = tempfile::tempdir().context("cannot create a temporary directory")?;
    // A signal would end the program before the directory is dropped, and with it removed.
    let path = temporary.path().to_owned();
    let _guard = common::program::on_termination(move || remove(&path))?;

    let title = "Mix Threads and Coroutines to Ease the Transition to asyncio";
    let mut story = Story::begin(62, title, flags.output)?;
    let Flags { writers, lines, .. } = flags;
    story
        .say(&format!("{writers} programs write {lines} lines each; we merge what they write."))?;

    story.step("threads", "a thread per file, and a lock around the merged file")?;
    run_version(&mut story, temporary.path(), flags, "threads", threads::merge)?;

    story.step("spawn_blocking", "the same followers, in tokio's pool; a task merges")?;
    run_version(&mut story, temporary.path(), flags, "spawn_blocking", blocking::merge)?;

    story.step("tasks", "tokio all the way: the followers are tasks")?;
    run_version(&mut story, temporary.path(), flags, "tasks", tasks::merge)?;

    story.finish(&[&["threads", "spawn_blocking", "tasks"]])?;
    Ok(())
}

/// Lets the writers write and `merge` merge at the same time, and compares afterwards.
fn run_version(
    story: &mut Story,
    temporary: &Path,
    flags: &Flags,
    name: &'static str,
    merge: impl FnOnce(&Timeline, &[Log], Merge<'_>) -> anyhow::Result<usize>,
) -> anyhow::Result<()> {
    let dir = temporary.join(name);
    fs::create_dir(&dir).with_context(|| format!("cannot create {}", dir.display()))?;
    let logs = Log::create(&dir, flags.writers)?;
    let merged = dir.join("merged");

    let (halves, elapsed) = measure(|| {
        let how = Merge { into: &merged, poll: flags.poll };
        beside_writers(&story.timeline, name, flags, &logs, || merge(&story.timeline, &logs, how))
    });
    let halves = halves?;

    let texts = logs.iter().map(Log::read).collect::<anyhow::Result<Vec<_>>>()?;
    let merged = fs::read(&merged).with_context(|| format!("cannot read {}", merged.display()))?;
    let found = Comparison::of(&texts, merged);
    story.fact("written", u32::from(flags.writers) * u32::from(flags.lines))?;
    story.fact("merged", found.merged)?;
    story.fact("missing", found.missing)?;
    story.fact("repeated", found.repeated)?;
    story.fact("torn", found.torn)?;
    story.fact("out_of_order", found.out_of_order)?;
    story.fact("half_lines_seen", halves)?;
    story.time("elapsed", elapsed)?;
    Ok(())
}

/// Does `work` while a thread for each log plays the program that writes it.
fn beside_writers<T>(
    timeline: &Timeline,
    step: &'static str,
    flags: &Flags,
    logs: &[Log],
    work: impl FnOnce() -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    thread::scope(|scope| {
        let writers = (0..).zip(logs).map(|(n, log)| {
            let pauses = pauses(flags.seed, n, flags.lines, flags.pause);
            let mut lane = timeline.lane(step, format!("writer {n}"));
            let write = move || log.write(&format!("writer {n}"), &pauses, &mut lane);
            thread::Builder::new().spawn_scoped(scope, write)
        });
        let writers: Vec<_> =
            writers.collect::<io::Result<_>>().context("cannot start a thread")?;
        let value = work()?;
        for writer in writers {
            writer.join().map_err(|_| anyhow!("a writer panicked"))??;
        }
        Ok(value)
    })
}

/// Removes the directory at `path`, to which the story may be adding files at this moment.
fn remove(path: &Path) {
    const ATTEMPTS: usize = 100;
    (0..ATTEMPTS).find(|_| fs::remove_dir_all(path).is_ok());
}

/// Tells what has happened to a file that is being followed.
pub fn tell_change(path: &Path, change: Change, dropped: usize) {
    let lost = match dropped {
        0 => String::new(),
        bytes => format!("; {bytes} bytes of an unfinished line are dropped"),
    };
    complain(&format!("{} was {change}, reading from its start{lost}", path.display()));
}

/// Tells that the end of a file has been left out.
pub fn tell_unfinished(path: &Path, unfinished: usize) {
    if unfinished > 0 {
        let left_out = format!("its last {unfinished} bytes are left out");
        complain(&format!("{} ends without a newline, {left_out}", path.display()));
    }
}

fn pause(text: &str) -> Result<Duration, String> {
    duration_within(text, Duration::ZERO, Duration::from_secs(3600))
}

/// At most a second, so that a follower soon hears that it may end.
fn poll_interval(text: &str) -> Result<Duration, String> {
    duration_within(text, Duration::from_millis(1), Duration::from_secs(1))
}

fn duration_within(text: &str, least: Duration, most: Duration) -> Result<Duration, String> {
    let duration = common::program::duration(text).map_err(|error| error.to_string())?;
    if (least..=most).contains(&duration) {
        Ok(duration)
    } else {
        Err(format!("it is not between {least:?} and {most:?}"))
    }
}
