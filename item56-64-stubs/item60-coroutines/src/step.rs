//! One generation, a task for each cell.

use std::sync::Arc;

use anyhow::Context;
use life::calls::CellFailed;
use life::{Cell, Grid};
use tokio::task::JoinSet;

use crate::calls::AsyncCalls;

/// The generation after `grid`.
pub async fn step(grid: &Grid, calls: &Arc<AsyncCalls>) -> anyhow::Result<Grid> {
    let mut tasks = fan_out(grid, calls);
    let next = fan_in(grid, &mut tasks).await;
    // After an error: cancels the tasks that are left, and waits until they are gone.
    tasks.shutdown().await;
    next
}

/// What a task returns. Tasks end in any order, so each names its cell.
pub type Decided = Result<(Cell, bool), CellFailed>;

/// New: what was done for each cell is done by a task for each cell.
pub fn fan_out(grid: &Grid, calls: &Arc<AsyncCalls>) -> JoinSet<Decided> {
    let mut tasks = JoinSet::new();
    // A task may outlive this function, so it can't borrow the grid. All tasks share the grid.
    let shared = Arc::new(grid.clone());
    for cell in grid.cells() {
        let (grid, calls) = (Arc::clone(&shared), Arc::clone(calls));
        tasks.spawn(async move {
            calls.call(cell).await?;
            Ok((cell, grid.next_state(cell)))
        });
    }
    tasks
}

/// New: waits for all tasks, or for the first that fails.
pub async fn fan_in(grid: &Grid, tasks: &mut JoinSet<Decided>) -> anyhow::Result<Grid> {
    let mut next = Grid::dead(grid.size());
    while let Some(outcome) = tasks.join_next().await {
        // The first `?` is for a task that panicked, the second for the error that a task returned.
        let (cell, alive) = outcome.context("the task of a cell panicked")??;
        next.set(cell, alive);
    }
    Ok(next)
}
