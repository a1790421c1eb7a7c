//! One generation, one cell after the other.

use life::Grid;
use life::calls::{CellFailed, SlowCalls};

/// The generation after `grid`: each cell makes its call, and the first that fails ends it.
pub fn step(grid: &Grid, calls: &SlowCalls) -> Result<Grid, CellFailed> {
    let mut states = Vec::new();
    for cell in grid.cells() {
        calls.call(cell)?;
        states.push(grid.next_state(cell));
    }
    Ok(grid.with_states(states))
}
