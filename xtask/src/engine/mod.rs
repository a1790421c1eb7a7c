//! Builds the items and runs them: as children, within a time limit, leaving nothing behind.

pub mod cargo;
pub mod child;
pub mod groups;
mod leftovers;

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use common::report::Report;

use crate::judge::{self, Item};
use crate::verdict::Judgement;

/// One run of an item's program.
#[derive(Debug)]
pub struct Run {
    /// What it reported, or in one line why there is no report to judge.
    pub report: Result<Report, String>,
    /// Whether it has left children of its own behind. They have been ended.
    pub left_behind: bool,
    pub elapsed: Duration,
}

impl Run {
    /// Runs `command --json` and reads the report that it prints. After `limit`, it is ended together
    /// with its own children; so is whatever it leaves behind.
    pub fn of(item: &Item, command: &[impl AsRef<OsStr>], limit: Duration) -> Self {
        let start = Instant::now();
        let [program, arguments @ ..] = command else { unreachable!("a command has a program") };
        let mut command = Command::new(program);
        let printed = child::printed(command.args(arguments).arg("--json"), limit);
        let left_behind = printed.as_ref().is_ok_and(|printed| printed.left_behind);
        let program = Path::new(program).display();
        let report = printed
            .map_err(|error| format!("cannot run {program}: {error}"))
            .and_then(|printed| printed.report(item.number));
        Self { report, left_behind, elapsed: start.elapsed() }
    }

    /// What `item`'s table says to it.
    pub fn judged(&self, item: &Item) -> Vec<Judgement> {
        judge::judge(item, self.report.as_ref().map_err(String::as_str), self.left_behind)
    }

    /// The same, where the program is the one in Python.
    pub fn judged_in_python(&self, item: &Item) -> Vec<Judgement> {
        judge::judge_in_python(item, self.report.as_ref().map_err(String::as_str), self.left_behind)
    }
}
