//! A generation that fails while its calls are open.

use std::sync::Arc;

use anyhow::Context;
use life::Grid;

use crate::calls::AsyncCalls;
use crate::step::{fan_in, fan_out};

/// What came of it.
pub struct Cancelled {
    /// The error that ended the generation.
    pub error: anyhow::Error,
    /// How many calls were open then.
    pub open_then: usize,
    /// How many tasks were cancelled, each in its call.
    pub tasks: usize,
}

/// Fans out the cells of `grid`, one of whose calls fails, and cancels the others.
pub async fn fail_and_cancel(grid: &Grid, calls: &Arc<AsyncCalls>) -> anyhow::Result<Cancelled> {
    let mut tasks = fan_out(grid, calls);
    calls.have_begun(tasks.len()).await;
    let error = fan_in(grid, &mut tasks).await.err().context("no call was refused")?;
    let open_then = calls.notes.so_far().open;
    tasks.abort_all();
    let mut cancelled = 0;
    while let Some(outcome) = tasks.join_next().await {
        cancelled += usize::from(outcome.is_err_and(|error| error.is_cancelled()));
    }
    Ok(Cancelled { error, open_then, tasks: cancelled })
}
