//! The story of item 62: several growing files are merged into one, by three versions of the same
//! program as it is ported from threads to tokio.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::ensure;
use clap::Parser;
use clap::error::ErrorKind;
use common::story::{OutputFlags, Step, Story};
use common::unit::show_time;
use item62_mix::settings::Settings;
use item62_mix::trial::{Outcome, run};
use item62_mix::{folder, mixed, tasks, threads};

/// Item 62: growing log files, followed and merged by threads, by both, and by tasks
#[derive(Debug, Parser)]
struct Flags {
    #[command(flatten)]
    settings: Settings,

    #[command(flatten)]
    output: OutputFlags,
}

fn main() -> ExitCode {
    common::program::run(tell)
}

fn tell(Flags { settings, output }: Flags) -> anyhow::Result<()> {
    refuse_long_silence(settings)?;
    let (dir, _removed_when_dropped) = folder::create()?;

    let story = Story::begin(62, env!("CARGO_PKG_DESCRIPTION"), output)?;
    let Settings { writers, lines, .. } = settings;
    let says = format!("{writers} programs write {lines} lines each; we merge what they write.");
    story.say(&says)?;

    let first = story.step("threads", "a thread per file, and a lock around the merged file")?;
    tell_outcome(&first, first.enter(|| run(&settings, &dir, threads::merge))?, settings);

    let second =
        story.step("spawn_blocking", "the same followers, in tokio's pool; a task merges")?;
    tell_outcome(&second, second.enter(|| run(&settings, &dir, mixed::merge))?, settings);

    let third = story.step("tasks", "tokio all the way: the followers are tasks")?;
    tell_outcome(&third, third.enter(|| run(&settings, &dir, tasks::merge))?, settings);

    let look = "writer: dark while a line is half written; follower: a mark at each merge";
    story.picture_of_first(2, look, &[&first, &second, &third])?;
    story.finish()?;
    Ok(())
}

fn tell_outcome(step: &Step<'_>, outcome: Outcome, settings: Settings) {
    step.fact("lines_written", outcome.written);
    step.fact("lines_merged", outcome.merged);
    step.proof("lines_missing", outcome.missing);
    step.proof("lines_repeated", outcome.repeated);
    step.proof("lines_out_of_order", outcome.out_of_order);
    step.fact("lines_met_half_written", outcome.halves);
    step.fact("lines_torn", outcome.torn);
    step.proof("thread_start_s", outcome.thread_start);
    let [pauses, poll] = [settings.slowest_writer(), settings.poll].map(show_time);
    step.figure("elapsed_s", outcome.elapsed)
        .about(&format!("{pauses} of pauses, each late, + up to a poll, {poll}"));
}

/// A story is told in seconds: two flags that are fine on their own may be at odds with each other.
fn refuse_long_silence(Settings { lines, pause, .. }: Settings) -> anyhow::Result<()> {
    let complaint = format!("'--lines {lines} --pause {pause:?}' would write for too long");
    let refusal = clap::Error::raw(ErrorKind::ValueValidation, complaint);
    ensure!(pause * u32::from(lines) <= Duration::from_secs(20), refusal);
    Ok(())
}
