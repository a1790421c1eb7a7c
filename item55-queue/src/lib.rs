//! Item 55: use queues to coordinate work between threads.
//!
//! - [`PollQueue`]: the notes' hand-made queue, and workers who [poll](polling) it.
//! - [`waiting`]: queues that make their users wait, when empty and when full; what a bound does to
//!   [`memory`].
//! - [`task_queue`]: a queue that knows when all its tasks are done, also after a [panic](join()).
//! - [`pipeline`]: stages of workers with such queues in between; [`delivery`]: the notes' program.
//! - [`last_loop`]: why the notes' last loop never prints.
//! - [`failure`]: work that fails, and fails for one item alone; [`bad_item`] shows it.
//! - [`proofs`]: what shows that it is all true.

pub mod bad_item;
pub mod delivery;
pub mod failure;
mod join;
pub mod last_loop;
pub mod memory;
pub mod pipeline;
mod poll_queue;
mod polling;
pub mod proofs;
mod tasks;
pub mod waiting;

pub use join::join;
pub use poll_queue::PollQueue;
pub use polling::polling;
pub use tasks::{Task, TaskQueue, Tasks, task_queue};
