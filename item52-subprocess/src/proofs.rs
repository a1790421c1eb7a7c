//! What only the judge needs to know.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Context;
use common::children::{spawn, start_captured};
use common::timing::measure;
use duct::cmd;

use crate::job::{Job, tail};
use crate::parallel::{start_sleeps, wait_for_each};
use crate::pipelines::{feed, finish, start_pipeline};

/// How many were running at once, and what else is known of them.
pub type Watched<T> = anyhow::Result<(usize, T)>;

/// Many sleeps at once. When the last has been started, each is asked whether it runs.
pub fn watched_sleeps(children: u16, duration: Duration) -> Watched<Vec<i32>> {
    let mut sleeps = start_sleeps(children, duration)?;
    let running = still_running(sleeps.iter_mut().map(|(_, sleep)| sleep.try_wait()))?;
    Ok((running, wait_for_each(sleeps)?))
}

/// How long it takes to run a child that does nothing: the mean of five.
pub fn time_of_a_child() -> anyhow::Result<Duration> {
    let (outcome, elapsed) =
        measure(|| (0..5).try_for_each(|_| spawn(&mut Command::new("true"))?.wait().map(drop)));
    outcome.context("cannot run true").map(|()| elapsed / 5)
}

/// A pipeline for each of `jobs`, all at once. Each child is asked whether it runs before any pipeline gets
/// its input. No child can have ended by then, because none has seen the end of its input.
pub fn watched_pipelines(me: &Path, jobs: &[Job]) -> Watched<(Vec<i32>, Vec<String>)> {
    let started = jobs.iter().map(|job| start_pipeline(me, job));
    let started = started.collect::<anyhow::Result<Vec<_>>>()?;
    let (inputs, pipelines): (_, Vec<_>) = started.into_iter().unzip();
    let running = still_running(pipelines.iter().map(|(_, encrypt, _)| encrypt.try_wait()))?
        + still_running(pipelines.iter().map(|(_, _, hash)| hash.try_wait()))?;
    feed(inputs, jobs)?;
    Ok((running, finish(pipelines)?))
}

/// How many children have no status yet, of those that have been asked for it.
fn still_running<Status>(
    asked: impl Iterator<Item = io::Result<Option<Status>>>,
) -> anyhow::Result<usize> {
    let statuses = asked.collect::<io::Result<Vec<_>>>();
    let statuses = statuses.context("cannot ask whether a child has ended")?;
    Ok(statuses.iter().filter(|status| status.is_none()).count())
}

/// One pipeline more, by an expression: duct makes the pipe from `encrypt` to `hash`, and checks how
/// both ended. Returns the last ten bytes of the digest.
pub fn one_expression(me: &Path, job: &Job) -> anyhow::Result<String> {
    let (plain, mut input) = io::pipe().context("cannot make a pipe to encrypt")?;
    let pipeline = job.encrypt(me).stdin_file(plain).pipe(cmd!(me, "hash"));
    let mut pipeline = start_captured(pipeline).context("cannot start a pipeline")?;
    // All of it can be written before anything is read, because hash prints only at the end.
    input.write_all(&job.data).context("cannot write to a pipeline")?;
    drop(input);
    Ok(tail(&pipeline.wait_with_output().context("a pipeline failed")?.stdout))
}

/// How many of this process's open files are pipes.
pub fn pipes_open() -> anyhow::Result<usize> {
    let files = fs::read_dir("/dev/fd").context("cannot list the open files")?;
    // The file that lists them is gone by the time we look at it.
    let kinds = files.filter_map(|file| fs::metadata(file.ok()?.path()).ok());
    Ok(kinds.filter(|kind| kind.file_type().is_fifo()).count())
}
