//! One generation, a job for each cell.

use life::Grid;
use life::calls::{CellFailed, SlowCalls};
use rayon::ThreadPool;
use rayon::prelude::*;

/// The generation after `grid`.
pub fn step(grid: &Grid, pool: &ThreadPool, calls: &SlowCalls) -> Result<Grid, CellFailed> {
    // New: what was done for each cell is a job now.
    let decide = |cell| calls.call(cell).map(|()| grid.next_state(cell));
    // New: the pool does the jobs, and collects the states in the order of the cells. At most one
    // cell in a job: rayon takes work for computing, and would give a thread several.
    let decide_all = || grid.cells().into_par_iter().with_max_len(1).map(decide).collect();
    let states: Result<Vec<bool>, CellFailed> = pool.install(decide_all);
    Ok(grid.with_states(states?))
}
