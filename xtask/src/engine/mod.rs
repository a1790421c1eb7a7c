//! Builds the items and runs them: as children, within a time limit, leaving nothing behind.

pub mod cargo;
pub mod child;
pub mod groups;
mod leftovers;

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::judge::{Item, Run};

/// Runs `command --json` and reads the report of `item` that it prints. After `limit`, it is ended
/// together with its own children; so is whatever it leaves behind.
pub fn run(item: &Item, command: &[impl AsRef<OsStr>], limit: Duration) -> Run {
    let (start, ended_before) = (Instant::now(), ended_for_memory());
    let [program, arguments @ ..] = command else { unreachable!("a command has a program") };
    let mut command = Command::new(program);
    let printed = child::printed(command.args(arguments).arg("--json"), limit);
    let left_behind = printed.as_ref().is_ok_and(|printed| printed.left_behind);
    let gave_up = printed.as_ref().is_ok_and(child::Printed::gave_up);
    let hung = printed.as_ref().is_ok_and(|printed| printed.status.is_err());
    let program = Path::new(program);
    let report = printed
        .map_err(|error| format!("cannot run {}: {error}", program.display()))
        .and_then(|printed| printed.report(item.number));
    let report = report.map_err(|reason| {
        if begins_with_cr_lf(program) {
            format!("cannot run {}: its first line ends in CR LF, not LF", program.display())
        } else {
            reason
        }
    });
    let denied = match &report {
        // The program itself, or a child that it can't do without.
        Err(_) if ended_for_memory() > ended_before => Some("the system ended it: out of memory"),
        Err(reason) if gave_up && is_refusal(reason) => Some("the system refused it that"),
        _ => None,
    };
    Run { report, gave_up, denied, hung, left_behind, elapsed: start.elapsed() }
}

/// Whether a program says that it can't start a thread or a process, for the system has no more of them, or
/// no memory (EAGAIN and ENOMEM of fork(2)).
fn is_refusal(reason: &str) -> bool {
    let has_none = ["Resource temporarily unavailable", "Cannot allocate memory"];
    reason.contains("cannot start") && has_none.iter().any(|words| reason.contains(words))
}

/// How many processes the system has ended because it, or their control group, had no memory left
/// (`oom_kill` in `/proc/vmstat`). Nobody knows elsewhere than on Linux.
fn ended_for_memory() -> Option<u64> {
    let counters = fs::read_to_string("/proc/vmstat").ok()?;
    counters.lines().find_map(|line| line.strip_prefix("oom_kill ")?.parse().ok())
}

/// Whether `program` is a script whose `#!` line ends in CR: the system looks for an interpreter whose name
/// ends so, and says that there is no such file.
fn begins_with_cr_lf(program: &Path) -> bool {
    let mut line = Vec::new();
    let read = |file: File| BufReader::new(file).take(1024).read_until(b'\n', &mut line);
    File::open(program).and_then(read).is_ok() && line.starts_with(b"#!") && line.ends_with(b"\r\n")
}
