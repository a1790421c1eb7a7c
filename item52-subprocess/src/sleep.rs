//! The child of three steps.

use std::process::Command;
use std::time::Duration;

use anyhow::Context;
use common::children::{Child, spawn};

/// Starts `sleep`, which stands for any program that takes its time. Python: `subprocess.Popen`.
pub(crate) fn start_sleep(duration: Duration) -> anyhow::Result<Child> {
    let seconds = duration.as_secs_f64().to_string();
    spawn(Command::new("sleep").arg(seconds)).context("cannot start sleep")
}
