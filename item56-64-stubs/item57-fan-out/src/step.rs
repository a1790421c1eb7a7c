//! One generation, a thread for each cell.

use std::thread;

use common::threads::{join_all, spawn};
use life::Grid;
use life::calls::SlowCalls;

/// The generation after `grid`.
pub fn step(grid: &Grid, calls: &SlowCalls) -> anyhow::Result<Grid> {
    // New: a scope, which joins the threads that are started in it, also after an error. So they
    // may borrow the grid and the calls.
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for cell in grid.cells() {
            // New: fan-out. What was done for each cell is done by a thread for each cell.
            let decide = move || {
                calls.call(cell)?;
                anyhow::Ok(grid.next_state(cell))
            };
            threads.push(spawn(scope, format!("cell {cell}"), decide)?);
        }
        // New: fan-in. What a thread returned, an error perhaps, waits until it is joined.
        let states = join_all(threads)?;
        Ok(grid.with_states(states))
    })
}
