//! Two calls for each cell: one to count its neighbours, one to decide its state.

use std::thread;

use crossbeam::channel::{self, Sender};
use life::calls::{CellFailed, SlowCalls};
use life::{Cell, Grid, next_state};

use crate::step::Job;
use crate::workers::start_workers;

/// Both calls by the same worker: what `with_workers` needs for that.
pub fn decide_by_two_calls(calls: &SlowCalls, grid: &Grid, cell: Cell) -> Result<bool, CellFailed> {
    calls.call(cell)?;
    let live_neighbours = grid.live_neighbours(cell);
    calls.call(cell)?;
    Ok(next_state(grid.is_alive(cell), live_neighbours))
}

/// Each call by workers of its own: two stages, with `count` workers each and a queue in between.
pub fn with_two_stages<T>(
    count: usize,
    calls: &SlowCalls,
    work: impl FnOnce(&Sender<Job>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    thread::scope(|scope| {
        let (jobs, count_inbox) = channel::bounded(count);
        let (counted, decide_inbox) = channel::bounded::<(Job, usize)>(count);
        // The workers of the first stage hold the senders of the second queue, so that it closes
        // when they have ended.
        start_workers(scope, "count", count, count_inbox, move |job: Job| {
            match calls.call(job.cell) {
                Ok(()) => {
                    let live_neighbours = job.grid.live_neighbours(job.cell);
                    // Sending fails when the second stage has ended. Then this stage ends, too.
                    let _ = counted.send((job, live_neighbours));
                }
                // An error passes the second stage by.
                Err(failed) => {
                    let _ = job.results.send((job.cell, Err(failed)));
                }
            }
        })?;
        start_workers(scope, "decide", count, decide_inbox, |(job, live_neighbours)| {
            let alive = job.grid.is_alive(job.cell);
            let state = calls.call(job.cell).map(|()| next_state(alive, live_neighbours));
            let _ = job.results.send((job.cell, state));
        })?;
        work(&jobs)
    })
}
