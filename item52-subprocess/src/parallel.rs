//! Many children at once.

use std::time::Duration;

use anyhow::Context;
use common::timeline::Lanes;

use crate::exit_status;
use crate::life::Life;
use crate::proofs::still_running;
use crate::sleep::start_sleep;

/// What many sleeping children gave.
#[derive(Debug)]
pub struct Parallel {
    /// How many were still running when the last had been started.
    pub running_at_once: usize,
    /// How each of them ended.
    pub statuses: Vec<i32>,
}

/// Starts all of the `children`, then waits for each.
///
/// # Errors
///
/// Fails when the system gives no more processes; those that were started are ended.
pub fn parallel(lanes: &Lanes, children: u16, duration: Duration) -> anyhow::Result<Parallel> {
    let mut sleeps = Vec::new();
    for n in 0..children {
        let life = Life::begin(lanes, format!("sleep {n}"));
        sleeps.push((start_sleep(duration)?, life));
    }
    let running_at_once = still_running(sleeps.iter_mut().map(|(sleep, _)| sleep.try_wait()))?;
    let mut statuses = Vec::new();
    for (mut sleep, life) in sleeps {
        statuses.push(exit_status(sleep.wait().context("cannot wait for sleep")?));
        life.end();
    }
    Ok(Parallel { running_at_once, statuses })
}
