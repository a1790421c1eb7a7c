//! Builds the items and runs them: as children, within a time limit, leaving nothing behind.

use std::collections::{BTreeMap, HashSet};
use std::env;
use std::ffi::OsString;
use std::io::{self, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use common::report::Report;
use common::timing::Human;
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;
use wait_timeout::ChildExt;

use crate::expectations::Item;

/// More than any report needs; a child that prints more is not believed.
const MOST_BYTES: u64 = 16 << 20;

/// The cargo that runs this program.
pub fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// The root of the workspace. Cargo tells where it found this package; what was true when it was
/// compiled is wrong once the folder has been moved.
pub fn workspace() -> anyhow::Result<PathBuf> {
    let package = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    let root = package.parent().context("this package is not in a workspace")?;
    Ok(root.to_owned())
}

/// Builds the programs of `items` and returns their paths, from what cargo itself reports.
pub fn build(items: &[&Item]) -> anyhow::Result<BTreeMap<String, PathBuf>> {
    let output = Command::new(cargo())
        .args(["build", "--message-format", "json-render-diagnostics", "--bins"])
        .args(items.iter().flat_map(|item| ["--package", item.package]))
        .current_dir(workspace()?)
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run cargo build")?;
    if !output.status.success() {
        bail!("cargo build failed ({})", output.status);
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    Ok(messages
        .lines()
        .filter_map(|line| {
            let message: Value = serde_json::from_str(line).ok()?;
            let executable = message["executable"].as_str()?;
            Some((message["target"]["name"].as_str()?.to_owned(), PathBuf::from(executable)))
        })
        .collect())
}

/// The process groups of the items that are running: each item leads one, and its own children
/// belong to it.
#[derive(Debug, Default)]
pub struct Groups(Mutex<HashSet<Pid>>);

impl Groups {
    /// Ends everything that runs. No item can be started while the result is held.
    pub fn end_all(&self) -> MutexGuard<'_, HashSet<Pid>> {
        let running = self.running();
        for group in &*running {
            let _ = kill_process_group(*group, Signal::KILL);
        }
        running
    }

    fn running(&self) -> MutexGuard<'_, HashSet<Pid>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(&self, command: &mut Command) -> io::Result<Running<'_>> {
        // Held across the start: a signal must not come between it and the registration.
        let mut running = self.running();
        let child = command.process_group(0).spawn()?;
        let group = Pid::from_child(&child);
        running.insert(group);
        Ok(Running { child, group, groups: self })
    }
}

/// An item that has been started. Dropping it ends it and its children.
struct Running<'groups> {
    child: Child,
    group: Pid,
    groups: &'groups Groups,
}

impl Running<'_> {
    /// Ends the item and what it has started; says whether anything but the item was left.
    fn end(&mut self) -> io::Result<(ExitStatus, bool)> {
        if self.child.try_wait()?.is_none() {
            let _ = kill_process_group(self.group, Signal::KILL);
        }
        let status = self.child.wait()?;
        // Its leader has been waited for: whoever still answers is a child it has left behind.
        let left_behind = kill_process_group(self.group, Signal::KILL).is_ok();
        Ok((status, left_behind))
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        // After `end`, this finds nothing to do.
        let _ = self.end();
        self.groups.running().remove(&self.group);
    }
}

/// How a child ended.
#[derive(Debug)]
pub struct Finished {
    pub report: Result<Report, Misbehaved>,
    /// Whether it has left children of its own behind. They have been ended.
    pub left_behind: bool,
    pub elapsed: Duration,
}

/// Why there is no report to judge: one line.
#[derive(Debug, PartialEq, Eq)]
pub struct Misbehaved(pub String);

/// Runs `program --json` and reads its report. After `limit`, it is ended together with its own
/// children; so is whatever it leaves behind.
pub fn run(program: &Path, item: u32, limit: Duration, groups: &Groups) -> Finished {
    let start = Instant::now();
    let mut left_behind = false;
    let report = watch(program, limit, groups, &mut left_behind)
        .map_err(|error| Misbehaved(format!("cannot run {}: {error}", program.display())))
        .and_then(|ended| ended.report(item));
    Finished { report, left_behind, elapsed: start.elapsed() }
}

fn watch(
    program: &Path,
    limit: Duration,
    groups: &Groups,
    left_behind: &mut bool,
) -> io::Result<Ended> {
    let mut command = Command::new(program);
    command.arg("--json").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = groups.start(&mut command)?;
    // Read while it runs: a child whose pipe is full would wait for ever.
    let stdout = read_aside(running.child.stdout.take());
    let stderr = read_aside(running.child.stderr.take());
    let in_time = running.child.wait_timeout(limit)?.is_some();
    let (status, others_left) = running.end()?;
    *left_behind = others_left;
    Ok(Ended {
        status: in_time.then_some(status).ok_or(limit),
        stdout: finish_reading(&stdout)?,
        stderr: finish_reading(&stderr)?,
    })
}

/// Reads a pipe in a thread of its own, which ends when the pipe is closed: by the end of the
/// child and its children at the latest.
fn read_aside(pipe: Option<impl Read + Send + 'static>) -> Receiver<io::Result<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = match pipe {
            Some(pipe) => pipe.take(MOST_BYTES + 1).read_to_end(&mut bytes),
            None => Ok(0),
        };
        // Fails if nobody waits any more.
        let _ = sender.send(read.map(|_| bytes));
    });
    receiver
}

/// Not a join: a process that has left the item's group could keep the pipe open for ever.
fn finish_reading(receiver: &Receiver<io::Result<Vec<u8>>>) -> io::Result<Vec<u8>> {
    receiver
        .recv_timeout(Duration::from_secs(5))
        .unwrap_or_else(|_| Err(io::Error::other("a process it has left keeps its output open")))
}

/// How a child ended and what it printed.
struct Ended {
    /// The error is the time limit that it outlived.
    status: Result<ExitStatus, Duration>,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Ended {
    fn report(self, item: u32) -> Result<Report, Misbehaved> {
        let failed = |reason: String| {
            let stderr = String::from_utf8_lossy(&self.stderr);
            match stderr.lines().find(|line| !line.trim().is_empty()) {
                Some(line) => Misbehaved(format!("{reason}: {}", line.trim())),
                None => Misbehaved(reason),
            }
        };
        let status = self
            .status
            .map_err(|limit| failed(format!("ended after its time limit, {}", Human(limit))))?;
        if let Some(signal) = status.signal() {
            return Err(failed(format!("crashed by signal {signal}")));
        }
        if !status.success() {
            return Err(failed(format!("{status}")));
        }
        if self.stdout.len() as u64 > MOST_BYTES {
            return Err(failed(format!("printed more than {} MiB", MOST_BYTES >> 20)));
        }
        let report: Report = serde_json::from_slice(&self.stdout)
            .map_err(|error| failed(format!("printed no report: {error}")))?;
        if report.item != item {
            return Err(failed(format!("reported item {}, not {item}", report.item)));
        }
        Ok(report)
    }
}
