//! One generation, by way of a queue.

use std::sync::Arc;

use anyhow::{Context, ensure};
use crossbeam::channel::{self, Sender};
use life::calls::{CellFailed, SlowCalls};
use life::{Cell, Grid};

/// New: what the queue holds. The workers outlive the generation, so a job can't borrow its grid.
/// All jobs share the grid.
pub struct Job {
    pub grid: Arc<Grid>,
    pub cell: Cell,
    pub results: Sender<Decided>,
}

/// New: what comes back, in any order. So each result names its cell. A worker has no caller to return
/// an error to, so the error is a result, too.
pub type Decided = (Cell, Result<bool, CellFailed>);

/// The generation after `grid`.
pub fn step(grid: &Grid, jobs: &Sender<Job>) -> anyhow::Result<Grid> {
    let decided = decide_all(grid, jobs)?;
    ensure!(decided.len() == grid.size().cells(), "a worker has ended without a result");
    let mut next = Grid::dead(grid.size());
    for (cell, state) in decided {
        next.set(cell, state?);
    }
    Ok(next)
}

/// New: fan-out and fan-in, by queues.
pub fn decide_all(grid: &Grid, jobs: &Sender<Job>) -> anyhow::Result<Vec<Decided>> {
    let (results, decided) = channel::unbounded();
    let shared = Arc::new(grid.clone());
    for cell in grid.cells() {
        let job = Job { grid: Arc::clone(&shared), cell, results: results.clone() };
        jobs.send(job).ok().context("the workers have ended")?;
    }
    // Each job holds a sender of its own. When the last of them is dropped, the results end.
    drop(results);
    Ok(decided.iter().collect())
}

/// What a worker does with a job.
pub fn decide(calls: &SlowCalls, grid: &Grid, cell: Cell) -> Result<bool, CellFailed> {
    calls.call(cell)?;
    Ok(grid.next_state(cell))
}
