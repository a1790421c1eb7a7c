//! Work while a child runs.

use std::time::Duration;

use anyhow::Context;
use common::slow_syscall;
use common::timeline::Lanes;

use crate::exit_status;
use crate::life::Life;
use crate::sleep::start_sleep;

/// What is done between two questions: a system call of that length. It could be anything.
const UNIT: Duration = Duration::from_millis(10);

/// Works while a child sleeps, and asks it after each unit of work whether it has ended. Returns how
/// many units that were, and the child's status.
///
/// # Errors
///
/// Fails when `sleep` can't be started, or asked.
pub fn poll(lanes: &Lanes, duration: Duration) -> anyhow::Result<(u32, i32)> {
    let life = Life::begin(lanes, "sleep".into());
    let mut lane = lanes.lane("main");
    let mut sleep = start_sleep(duration)?;
    let mut units = 0;
    let status = loop {
        if let Some(status) = sleep.try_wait().context("cannot ask whether sleep has ended")? {
            break status;
        }
        lane.record("work", || slow_syscall(UNIT))?;
        units += 1;
    };
    life.end();
    Ok((units, exit_status(status)))
}
