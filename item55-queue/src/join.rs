//! Waiting until all that was put is done, although a worker dies.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use common::slow_syscall;
use common::threads::spawn;

use crate::{Tasks, task_queue};

/// How many items are put.
const ITEMS: u32 = 10;

/// The item at which its worker panics.
const DEADLY: u32 = 4;

/// What was done when `join` returned.
#[derive(Debug)]
pub struct Joined {
    /// How many items a worker had completed by then.
    pub completed: u32,
    /// How many workers panicked.
    pub panicked: u32,
}

/// Puts ten items for three workers and joins the queue; one worker panics on its item.
///
/// # Errors
///
/// Fails when the system does not give three threads, or a socket for each.
pub fn join() -> anyhow::Result<Joined> {
    let (queue, tasks) = task_queue();
    // Relaxed: the join orders what the workers have done before it.
    let completed = AtomicU32::new(0);
    let work = |tasks: Tasks<u32>| {
        for task in tasks {
            slow_syscall(Duration::from_millis(1))?;
            if task.item == DEADLY {
                // Unwinds like a panic, without its message: this one is on purpose.
                resume_unwind(Box::new("on purpose"));
            }
            completed.fetch_add(1, Relaxed);
        }
        anyhow::Ok(())
    };
    thread::scope(|scope| {
        let mut workers = Vec::new();
        for tasks in tasks.shared_by(3) {
            workers.push(spawn(scope, "a worker", move || work(tasks))?);
        }
        for item in 0..ITEMS {
            queue.put(item);
        }
        queue.join();
        let completed = completed.load(Relaxed);

        let (mut worked, mut panicked) = (Ok(()), 0);
        // All are joined before any error is told: the scope would panic with one that was not.
        for worker in workers {
            match worker.join() {
                Ok(outcome) => worked = worked.and(outcome),
                Err(_panic) => panicked += 1,
            }
        }
        worked.map(|()| Joined { completed, panicked })
    })
}
