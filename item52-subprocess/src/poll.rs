//! Work while a child runs.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Context;
use common::children::{Child, spawn};
use common::slow_syscall;
use common::timeline::{lane, span};

use crate::exit_status;

/// Starts `sleep`, which stands for any program that takes its time. Python: `subprocess.Popen`.
pub(crate) fn start_sleep(duration: Duration) -> anyhow::Result<Child> {
    let seconds = duration.as_secs_f64().to_string();
    spawn(Command::new("sleep").arg(seconds)).context("cannot start sleep")
}

/// Works while a child sleeps, and asks it after each unit of work whether it has ended. Returns how
/// many units that were, and the child's status.
pub fn poll(duration: Duration) -> anyhow::Result<(u32, i32)> {
    let (lane, start) = (lane("sleep"), Instant::now());
    let mut sleep = start_sleep(duration)?;
    let mut units = 0;
    while sleep.try_wait().context("cannot ask whether sleep has ended")?.is_none() {
        span("work", || slow_syscall(Duration::from_millis(10)))?; // or any other work
        units += 1;
    }
    lane.record("lives", start);
    Ok((units, exit_status(sleep.wait().context("cannot wait for sleep")?)))
}
