//! One generation, a thread for each cell.

use std::thread;

use common::threads::{Join, spawn};
use life::Grid;
use life::calls::{CellFailed, SlowCalls};

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
                Ok(grid.next_state(cell))
            };
            threads.push(spawn(scope, &format!("the thread of cell {cell}"), decide)?);
        }
        // New: fan-in. What a thread returned, an error perhaps, waits until it is joined.
        let mut states = Vec::new();
        for thread in threads {
            let state: Result<bool, CellFailed> = thread.joined()?;
            states.push(state?);
        }
        Ok(grid.with_states(states))
    })
}
