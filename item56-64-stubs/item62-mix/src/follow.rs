//! `item62-mix follow`: the third version, for files of other programs.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use item62_mix::follow::Identity;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::logs::Log;
use crate::merger;
use crate::tasks::{BACKLOG, follow};

#[derive(Debug, clap::Args)]
pub struct FollowFlags {
    /// The files to follow, each from its start
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// The file to merge them into; what it held before is lost
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// How long to wait before looking for more, at most 1s
    #[arg(long, default_value = "100ms", allow_hyphen_values = true)]
    #[arg(value_parser = crate::poll_interval)]
    poll: Duration,
}

/// Follows until SIGHUP, SIGINT or SIGTERM. Then merges what is whole by then, and ends.
pub fn run(flags: &FollowFlags) -> anyhow::Result<()> {
    // Before the signals are ours: if the output is a named pipe, opening it waits for its reader,
    // and a signal must still be able to end that.
    let merged = open_output(&flags.out, &flags.files)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().enable_io().build();
    runtime.context("cannot start tokio")?.block_on(async {
        let stop = [SignalKind::hangup(), SignalKind::interrupt(), SignalKind::terminate()];
        let stop = stop.into_iter().map(signal).collect::<io::Result<Vec<Signal>>>();
        let stop = stop.context("cannot install the signal handlers")?;
        follow_until(stop, merged.into(), flags).await
    })
}

async fn follow_until(
    stop: Vec<Signal>,
    merged: tokio::fs::File,
    flags: &FollowFlags,
) -> anyhow::Result<()> {
    let ended = Arc::new(AtomicBool::new(false));

    let (sender, found) = mpsc::channel(BACKLOG);
    let mut followers = JoinSet::new();
    for (number, path) in flags.files.iter().enumerate() {
        let log = Log::new(path.clone(), Arc::clone(&ended));
        followers.spawn(follow(number, log, flags.poll, sender.clone()));
    }
    drop(sender);

    // The first signal ends the followers, and with the last of their senders the lines end.
    for mut signal in stop {
        let ended = Arc::clone(&ended);
        tokio::spawn(async move {
            signal.recv().await;
            // Release: as in `Log::write`.
            ended.store(true, Ordering::Release);
        });
    }
    let merged = merger::write_to(merged, found, Vec::new());
    let merged =
        async { merged.await.with_context(|| format!("cannot write {}", flags.out.display())) };
    // Whichever fails first is told: a follower that can't go on, or the merger.
    tokio::try_join!(merged, merger::join(followers))?;
    Ok(())
}

/// Opens the output, and empties it only when it is sure that it is none of the inputs: they
/// would be lost, and then merged into themselves for ever.
fn open_output(out: &Path, files: &[PathBuf]) -> anyhow::Result<File> {
    let mut seen: HashMap<Identity, &Path> = HashMap::new();
    for file in files {
        let metadata = fs::metadata(file);
        let metadata = metadata.with_context(|| format!("cannot follow {}", file.display()))?;
        let twice = seen.insert((&metadata).into(), file);
        ensure!(twice.is_none(), "cannot follow {} twice", file.display());
    }
    let opening = || format!("cannot open {} for the merged lines", out.display());
    let output = File::options().write(true).create(true).truncate(false).open(out);
    let output = output.with_context(opening)?;
    let metadata = output.metadata().with_context(opening)?;
    if let Some(file) = seen.get(&Identity::from(&metadata)) {
        bail!("cannot merge {} into itself", file.display());
    }
    // A pipe or a device has nothing to lose.
    if metadata.is_file() {
        output.set_len(0).with_context(opening)?;
    }
    Ok(output)
}
