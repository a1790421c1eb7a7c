//! Item 55: use queues to coordinate work between threads.
//!
//! - [`PollQueue`]: the notes' hand-made queue, which has to be polled.
//! - [`task_queue`]: a queue that blocks, knows when all its tasks are done, and can be closed.
//! - [`pipeline`]: stages of workers with such queues in between.

pub mod pipeline;
mod poll_queue;
mod tasks;

pub use poll_queue::PollQueue;
pub use tasks::{Task, TaskQueue, Tasks, task_queue};
