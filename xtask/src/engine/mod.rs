//! Builds the items and runs them: as children, within a time limit, leaving nothing behind.

pub mod cargo;
pub mod child;
pub mod groups;
mod leftovers;

use std::ffi::OsStr;
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
    let program = Path::new(program).display();
    let report = printed
        .map_err(|error| format!("cannot run {program}: {error}"))
        .and_then(|printed| printed.report(item.number));
    Run { report, left_behind, elapsed: start.elapsed() }
}
