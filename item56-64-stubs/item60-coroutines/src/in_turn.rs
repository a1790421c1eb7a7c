//! The trap: a call that is awaited is not concurrent with anything.

use life::Grid;
use life::calls::CellFailed;

use crate::calls::AsyncCalls;

/// The generation after `grid`. The code is item 56's, word for word, but for `async` and `await`.
pub async fn step_in_turn(grid: &Grid, calls: &AsyncCalls) -> Result<Grid, CellFailed> {
    let mut states = Vec::new();
    for cell in grid.cells() {
        calls.call(cell).await?;
        states.push(grid.next_state(cell));
    }
    Ok(grid.with_states(states))
}
