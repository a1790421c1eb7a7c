//! Builds the items and runs them: as children, within a time limit, leaving nothing behind.

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use common::children;
use common::report::Report;
use common::timing::Human;
use serde_json::Value;

use crate::judge::Item;
use crate::leftovers::Mark;
use crate::table::clean;

/// More than any report needs; a child that prints more is not believed.
const MOST_BYTES: u64 = 16 << 20;

/// How long a pipe may take to be closed once all are ended who were found to hold it.
const PATIENCE: Duration = Duration::from_secs(5);

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

/// What `cargo` prints to stdout with these arguments, in the root of the workspace.
pub fn ask_cargo<'a>(arguments: impl IntoIterator<Item = &'a str>) -> anyhow::Result<String> {
    let mut command = Command::new(cargo());
    command.args(arguments).current_dir(workspace()?);
    let what = command.get_args().next().map(|task| task.to_string_lossy().into_owned());
    ask(&mut command, &format!("cargo {}", what.unwrap_or_default()))
}

/// What `command` prints to stdout; `what` is what errors call it.
pub fn ask(command: &mut Command, what: &str) -> anyhow::Result<String> {
    let mut child = children::spawn(command.stdin(Stdio::null()).stdout(Stdio::piped()))
        .with_context(|| format!("cannot run {what}"))?;
    let mut printed = String::new();
    if let Some(mut stdout) = child.take_stdout() {
        stdout.read_to_string(&mut printed).with_context(|| format!("cannot read {what}"))?;
    }
    let status = child.wait().with_context(|| format!("cannot wait for {what}"))?;
    if !status.success() {
        bail!("{what} failed ({status})");
    }
    Ok(printed)
}

/// Builds the programs of `items` and returns their paths.
pub fn build(items: &[&Item]) -> anyhow::Result<BTreeMap<&'static str, PathBuf>> {
    build_packages(items.iter().map(|item| item.package))
}

/// Builds packages whose program is called like them, and returns the paths of those programs, from
/// what cargo itself reports.
pub fn build_packages(
    packages: impl Iterator<Item = &'static str> + Clone,
) -> anyhow::Result<BTreeMap<&'static str, PathBuf>> {
    let arguments = ["build", "--message-format", "json-render-diagnostics", "--bins"];
    let named = packages.clone().flat_map(|package| ["--package", package]);
    let messages = ask_cargo(arguments.into_iter().chain(named))?;
    let built: BTreeMap<String, PathBuf> = messages
        .lines()
        .filter_map(|line| {
            let message: Value = serde_json::from_str(line).ok()?;
            let executable = message["executable"].as_str()?;
            Some((message["target"]["name"].as_str()?.to_owned(), PathBuf::from(executable)))
        })
        .collect();
    let path_of = |package| {
        let path = built.get(package).cloned();
        path.map(|path| (package, path))
            .with_context(|| format!("cargo build made no program {package}"))
    };
    packages.map(path_of).collect()
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

/// Runs `command --json` and reads the report that it prints. After `limit`, it is ended together
/// with its own children; so is whatever it leaves behind.
pub fn run(command: &[impl AsRef<OsStr>], item: u32, limit: Duration) -> Finished {
    let start = Instant::now();
    let [program, arguments @ ..] = command else { unreachable!("a command has a program") };
    let mut command = Command::new(program);
    let ended = printed(command.args(arguments).arg("--json"), limit);
    let left_behind = ended.as_ref().is_ok_and(|ended| ended.left_behind);
    let program = Path::new(program);
    let report = ended
        .map_err(|error| Misbehaved(format!("cannot run {}: {error}", program.display())))
        .and_then(|ended| ended.report(item));
    Finished { report, left_behind, elapsed: start.elapsed() }
}

/// Runs `command` for `limit` at most and returns how it ended and what it printed.
pub fn printed(command: &mut Command, limit: Duration) -> io::Result<Printed> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mark = Mark::put_on(command);
    let mut child = children::spawn(command)?;
    let group = child.pid();
    // Read while it runs: a child whose pipe is full would wait for ever.
    let stdout = read_aside(child.take_stdout())?;
    let stderr = read_aside(child.take_stderr())?;
    let status = child.wait_timeout(limit)?.ok_or(limit);
    if status.is_err() {
        child.end()?;
    }
    let found = mark.end_all_that_carry_it(group);
    let patience = Instant::now() + PATIENCE;
    let (stdout, stderr) = (finish_reading(&stdout, patience)?, finish_reading(&stderr, patience)?);
    let held_open = stdout.is_none() || stderr.is_none();
    let (stdout, stderr) = (stdout.unwrap_or_default(), stderr.unwrap_or_default());
    Ok(Printed { status, left_behind: found || held_open, held_open, stdout, stderr })
}

/// The system and its release, such as Linux 6.1.
pub fn system() -> (String, String) {
    let name = rustix::system::uname();
    let text = |part: &std::ffi::CStr| part.to_string_lossy().into_owned();
    (text(name.sysname()), text(name.release()))
}

/// The compiler that is used here, such as rustc 1.95.0.
pub fn compiler() -> String {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let said = printed(Command::new(rustc).arg("--version"), Duration::from_secs(10));
    let said = said.map(|said| String::from_utf8_lossy(&said.stdout).into_owned());
    let said = said.unwrap_or_default();
    said.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}

/// Reads a pipe in a thread of its own, which ends when the pipe is closed: by the end of the
/// child and its children at the latest.
fn read_aside(
    pipe: Option<impl Read + Send + 'static>,
) -> io::Result<Receiver<io::Result<Vec<u8>>>> {
    let (sender, receiver) = mpsc::channel();
    thread::Builder::new().spawn(move || {
        let mut bytes = Vec::new();
        let read = match pipe {
            Some(pipe) => pipe.take(MOST_BYTES + 1).read_to_end(&mut bytes),
            None => Ok(0),
        };
        // Fails if nobody waits any more.
        let _ = sender.send(read.map(|_| bytes));
    })?;
    Ok(receiver)
}

/// All that was printed, unless somebody still holds the pipe open when `patience` is over. Not a join:
/// a process that nobody could find could do so for ever.
fn finish_reading(
    receiver: &Receiver<io::Result<Vec<u8>>>,
    patience: Instant,
) -> io::Result<Option<Vec<u8>>> {
    receiver.recv_timeout(patience - Instant::now()).ok().transpose()
}

/// How a child ended and what it printed.
pub struct Printed {
    /// The error is the time limit that it outlived.
    pub status: Result<ExitStatus, Duration>,
    /// Whether it has left children of its own behind. They have been ended.
    pub left_behind: bool,
    /// Whether one that could not be found keeps the output open; then it is not known.
    pub held_open: bool,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

impl Printed {
    fn report(self, item: u32) -> Result<Report, Misbehaved> {
        let failed = |reason: String| {
            let stderr = String::from_utf8_lossy(&self.stderr);
            match stderr.lines().find(|line| !line.trim().is_empty()) {
                Some(line) => Misbehaved(clean(&format!("{reason}: {}", line.trim()))),
                None => Misbehaved(clean(&reason)),
            }
        };
        // Before its status: a child that is read no further fails, but not by its own fault.
        if self.stdout.len() as u64 > MOST_BYTES {
            return Err(Misbehaved(format!("printed more than {} MiB", MOST_BYTES >> 20)));
        }
        let status = self.status.map_err(|limit| {
            failed(format!("ended after its time limit, {}", Human::from(limit)))
        })?;
        if let Some(signal) = status.signal() {
            return Err(failed(format!("crashed by signal {signal}")));
        }
        if !status.success() {
            return Err(failed(format!("{status}")));
        }
        if self.held_open {
            return Err(failed("left a process that keeps its output open".into()));
        }
        let report: Report = serde_json::from_slice(&self.stdout)
            .map_err(|error| failed(format!("printed no report: {error}")))?;
        report.validate().map_err(|error| failed(format!("printed no sound report: {error}")))?;
        if report.item != item {
            return Err(failed(format!("reported item {}, not {item}", report.item)));
        }
        Ok(report)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_and_the_compiler_say_what_they_are() {
        let uname = Command::new("uname").arg("-sr").output().unwrap().stdout;
        let (name, release) = system();
        assert_eq!(String::from_utf8_lossy(&uname).trim(), format!("{name} {release}"));
        let compiler = compiler();
        let version = compiler.strip_prefix("rustc ").unwrap();
        assert!(version.starts_with("1.") && !version.contains(' '), "{compiler}");
    }
}
