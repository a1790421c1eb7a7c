//! The simplest way: run a child, wait for it, look at what it printed and how it ended.

use std::path::Path;

use anyhow::Context;
use common::children::{start_captured, start_connected};
use duct::cmd;

use crate::exit_status;

/// Runs `echo` and returns what it printed, and its status.
pub fn run_echo() -> anyhow::Result<(String, i32)> {
    let echo = cmd!("echo", "hello from subprocess!");
    let mut echo = start_captured(echo).context("cannot start echo")?;
    let output = echo.wait_with_output().context("echo failed")?;
    Ok((String::from_utf8_lossy(&output.stdout).into_owned(), exit_status(output.status)))
}

/// Runs a child that exits with 3, this program, `me`, twice: once as duct does it, and once `unchecked`.
/// Returns what the first wait returned, and the status that the second one returned.
///
/// With duct, to wait for a child that fails is an error; Python needs a call to `check_returncode` for
/// that. `unchecked` asks duct for the status instead.
pub fn run_failing(me: &Path) -> anyhow::Result<(&'static str, i32)> {
    let fail = cmd!(me, "fail");
    let checked = start_connected(fail.clone()).context("cannot start a child that fails")?;
    let outcome = if checked.wait().is_err() { "an error" } else { "no error" };
    let unchecked = start_connected(fail.unchecked()).context("cannot start a child that fails")?;
    Ok((outcome, exit_status(unchecked.wait().context("cannot wait for a child")?.status)))
}
