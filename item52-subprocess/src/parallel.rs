//! Many children at once: first start all, then wait for each.

use std::time::{Duration, Instant};

use anyhow::Context;
use common::children::Child;
use common::timeline::lane;

use crate::exit_status;
use crate::poll::start_sleep;

/// Starts so many children that sleep, and says when each was started. If the system gives no more
/// processes, those that were started are ended.
pub fn start_sleeps(children: u16, duration: Duration) -> anyhow::Result<Vec<(Instant, Child)>> {
    (0..children).map(|_| Ok((Instant::now(), start_sleep(duration)?))).collect()
}

/// Waits for each; returns how it ended.
pub fn wait_for_each(sleeps: Vec<(Instant, Child)>) -> anyhow::Result<Vec<i32>> {
    let mut statuses = Vec::new();
    for (n, (start, mut sleep)) in sleeps.into_iter().enumerate() {
        statuses.push(exit_status(sleep.wait().context("cannot wait for sleep")?));
        lane(format!("sleep {n}")).record("lives", start);
    }
    Ok(statuses)
}
