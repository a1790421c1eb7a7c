//! Builds the items and runs them: as children, within a time limit, leaving nothing behind.

pub mod cargo;
pub mod child;
pub mod groups;
mod leftovers;

use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::judge::{Item, Run};

/// Runs `command --json` and reads the report of `item` that it prints. After `limit`, it is ended
/// together with its own children; so is whatever it leaves behind.
pub fn run(item: &Item, command: &[impl AsRef<OsStr>], limit: Duration) -> Run {
    let start = Instant::now();
    let [program, arguments @ ..] = command else { unreachable!("a command has a program") };
    let mut command = Command::new(program);
    let printed = child::printed(command.args(arguments).arg("--json"), limit);
    let left_behind = printed.as_ref().is_ok_and(|printed| printed.left_behind);
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
    Run { report, left_behind, elapsed: start.elapsed() }
}

/// Whether `program` is a script whose `#!` line ends in CR: the system looks for an interpreter whose name
/// ends so, and says that there is no such file.
fn begins_with_cr_lf(program: &Path) -> bool {
    let mut line = Vec::new();
    let read = |file: File| BufReader::new(file).take(1024).read_until(b'\n', &mut line);
    File::open(program).and_then(read).is_ok() && line.starts_with(b"#!") && line.ends_with(b"\r\n")
}
