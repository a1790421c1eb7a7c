//! What becomes of tasks for whose end nobody can wait any more.

use std::sync::Arc;

use life::{Cell, Grid};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use crate::calls::AsyncCalls;

/// The tasks were spawned alone. Dropping its `JoinHandle` *detaches* a task: it goes on, and nothing tells of
/// its end. Returns how many tasks answered after that.
pub async fn drop_handles(grid: &Grid, calls: &Arc<AsyncCalls>) -> usize {
    let mut handles = Vec::new();
    let (answer, answers) = unbounded_channel();
    for cell in grid.cells() {
        handles.push(tokio::spawn(call_and_answer(Arc::clone(calls), cell, answer.clone())));
    }
    drop(answer);
    calls.have_begun(handles.len()).await;
    drop(handles);
    count(answers).await
}

/// The tasks were spawned in a set. Dropping the set *cancels* them, each at the `await` where it waits.
/// Returns how many tasks answered after that.
pub async fn drop_set(grid: &Grid, calls: &Arc<AsyncCalls>) -> usize {
    let mut set = JoinSet::new();
    let (answer, answers) = unbounded_channel();
    for cell in grid.cells() {
        set.spawn(call_and_answer(Arc::clone(calls), cell, answer.clone()));
    }
    drop(answer);
    calls.have_begun(set.len()).await;
    drop(set);
    count(answers).await
}

async fn call_and_answer(calls: Arc<AsyncCalls>, cell: Cell, answer: UnboundedSender<Cell>) {
    if calls.call(cell).await.is_ok() {
        // It can't fail: the receiver is kept until there is no sender.
        let _ = answer.send(cell);
    }
}

/// How many answers come until no task is left. Each task holds a sender, whether it ends or is cancelled.
async fn count(mut answers: UnboundedReceiver<Cell>) -> usize {
    let mut count = 0;
    while answers.recv().await.is_some() {
        count += 1;
    }
    count
}
