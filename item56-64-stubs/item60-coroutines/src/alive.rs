//! A hundred thousand tasks, all alive at the same time.

use std::sync::{Arc, OnceLock};

use anyhow::Context;
use life::Grid;
use life::memory::Memory;
use tokio::runtime::Handle;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::calls::AsyncCalls;
use crate::step::fan_in;

/// A generation, and what was found while all its tasks were alive.
pub struct Alive {
    /// The grid that came of it.
    pub next: Grid,
    /// How many tasks there were.
    pub tasks: usize,
    /// How many calls had been made.
    pub calls: usize,
    /// The memory then.
    pub during: Option<Memory>,
}

/// The generation after `grid`. A task whose call is over stays until all have made their calls,
/// and the last one to arrive counts the tasks and measures the process.
pub async fn step_all_alive(grid: &Grid, calls: &Arc<AsyncCalls>) -> anyhow::Result<Alive> {
    let all_have_called = Arc::new(Barrier::new(grid.size().cells()));
    let found = Arc::new(OnceLock::new());
    let shared = Arc::new(grid.clone());
    let mut tasks = JoinSet::new();
    for cell in grid.cells() {
        let (grid, calls) = (Arc::clone(&shared), Arc::clone(calls));
        let (all_have_called, found) = (Arc::clone(&all_have_called), Arc::clone(&found));
        tasks.spawn(async move {
            calls.call(cell).await?;
            if all_have_called.wait().await.is_leader() {
                let alive = Handle::current().metrics().num_alive_tasks();
                // Nobody else sets it: there is one leader.
                let _ = found.set((alive, calls.notes.ended(), Memory::now()));
            }
            Ok((cell, grid.next_state(cell)))
        });
    }
    let next = fan_in(grid, &mut tasks).await;
    tasks.shutdown().await;
    let (tasks, calls, during) = *found.get().context("the tasks did not meet")?;
    Ok(Alive { next: next?, tasks, calls, during })
}
