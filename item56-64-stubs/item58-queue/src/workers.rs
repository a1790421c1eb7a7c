//! The workers: started once, for all generations.

use std::iter::repeat_n;
use std::thread::{self, Scope};

use common::threads::spawn;
use crossbeam::channel::{self, Receiver, Sender};
use life::calls::{CellFailed, SlowCalls};
use life::{Cell, Grid};

use crate::step::Job;

/// What a worker does with a job.
pub type Decide = fn(&SlowCalls, &Grid, Cell) -> Result<bool, CellFailed>;

/// Starts `count` workers that `decide` cells, does `work` with the queue that leads to them, and
/// joins them.
pub fn with_workers<T>(
    count: usize,
    calls: &SlowCalls,
    decide: Decide,
    work: impl FnOnce(&Sender<Job>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    thread::scope(|scope| {
        // No more jobs than workers wait in the queue. Sending one more waits.
        let (jobs, inbox) = channel::bounded(count);
        start_workers(scope, "worker", count, inbox, move |Job { grid, cell, results }| {
            // Sending fails when nobody wants the results any more.
            let _ = results.send((cell, decide(calls, &grid, cell)));
        })?;
        // The sender is dropped when this closure returns. The workers find their queue closed and
        // end, and the scope joins them.
        work(&jobs)
    })
}

/// Starts `count` threads that do `work` with what comes out of `inbox` until it is closed.
pub fn start_workers<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    name: &str,
    count: usize,
    inbox: Receiver<T>,
    work: impl Fn(T) + Clone + Send + 'scope,
) -> anyhow::Result<()> {
    for (n, (inbox, work)) in repeat_n((inbox, work), count).enumerate() {
        spawn(scope, format!("{name} {n}"), move || inbox.into_iter().for_each(work))?;
    }
    Ok(())
}
