//! Never wait for ever.

use std::time::Duration;

use anyhow::Context;
use common::children::Child;

use crate::exit_status;
use crate::poll::start_sleep;

/// Waits for a child that sleeps for 10 s, for `timeout` at most. Returns its status.
pub fn time_out(timeout: Duration) -> anyhow::Result<i32> {
    wait_or_terminate(&mut start_sleep(Duration::from_secs(10))?, timeout)
}

/// Waits for `timeout` at most (by the crate `wait-timeout`: the standard library has no such wait),
/// then asks the child to end (SIGTERM). A child may ignore SIGTERM, so the wait for that has a limit, too:
/// when the grace of [`Child::end`] is over, the child is killed (SIGKILL), which no child can ignore.
pub(crate) fn wait_or_terminate(child: &mut Child, timeout: Duration) -> anyhow::Result<i32> {
    if let Some(status) = child.wait_timeout(timeout).context("cannot wait for a child")? {
        return Ok(exit_status(status));
    }
    // `end` also waits for the child, which would otherwise stay in the system's table, a zombie.
    Ok(exit_status(child.end().context("cannot end a child")?))
}
