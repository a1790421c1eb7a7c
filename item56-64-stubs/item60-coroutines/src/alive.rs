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
    pub memory: Option<Memory>,
}

/// The generation after `grid`. A task whose call is over stays until all have made their calls,
/// and the last one to arrive counts the tasks and measures the process.
pub async fn step_all_alive(grid: &Grid, calls: &Arc<AsyncCalls>) -> anyhow::Result<Alive> {
    let shared = Arc::new((grid.clone(), Barrier::new(grid.size().cells()), OnceLock::new()));
    let mut tasks = JoinSet::new();
    for cell in grid.cells() {
        let (shared, calls) = (Arc::clone(&shared), Arc::clone(calls));
        tasks.spawn(async move {
            let (grid, all_have_called, found) = &*shared;
            calls.call(cell).await?;
            if all_have_called.wait().await.is_leader() {
                let tasks = Handle::current().metrics().num_alive_tasks();
                // Nobody else sets it: there is one leader.
                let _ = found.set((tasks, calls.notes.so_far().ended, Memory::now()));
            }
            Ok((cell, grid.next_state(cell)))
        });
    }
    let next = fan_in(grid, &mut tasks).await;
    tasks.shutdown().await;
    let (tasks, calls, memory) = *shared.2.get().context("the tasks did not meet")?;
    Ok(Alive { next: next?, tasks, calls, memory })
}
