//! Never wait for ever.

use std::process::ExitStatus;
use std::time::Duration;

use anyhow::Context;
use common::children::Child;
use common::timing::measure;

use crate::exit_status;
use crate::sleep::start_sleep;

/// Waits for a child that sleeps for 10 s, for `timeout` at most. Returns its status and how long it
/// took until it had ended.
///
/// # Errors
///
/// Fails when `sleep` can't be started, or waited for.
pub fn time_out(timeout: Duration) -> anyhow::Result<(i32, Duration)> {
    let mut sleep = start_sleep(Duration::from_secs(10))?;
    let (status, elapsed) = measure(|| wait_or_terminate(&mut sleep, timeout));
    Ok((exit_status(status?), elapsed))
}

/// Waits for `timeout` at most (by the crate `wait-timeout`: the standard library has no such wait),
/// then asks the child to end and waits for that.
pub(crate) fn wait_or_terminate(
    child: &mut Child,
    timeout: Duration,
) -> anyhow::Result<ExitStatus> {
    if let Some(status) = child.wait_timeout(timeout).context("cannot wait for a child")? {
        return Ok(status);
    }
    child.terminate().context("cannot end a child")?;
    // Without this wait it would stay in the system's table, a zombie.
    child.wait().context("cannot wait for a child")
}
