//! Waiting until all that was put is done, although a worker dies.

use std::iter::repeat_n;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use common::threads::spawn;

use crate::{Tasks, task_queue};

/// Puts ten items for three workers and joins the queue; one worker panics on its item. Returns how many
/// items had been completed when the join returned, and how many workers the panic has ended.
pub fn join() -> anyhow::Result<(u32, usize)> {
    let (queue, tasks) = task_queue();
    // Relaxed: the join orders what the workers have done before it.
    let completed = AtomicU32::new(0);
    let work = |tasks: Tasks<u32>| {
        for task in tasks {
            thread::sleep(Duration::from_millis(1)); // or other work
            if task.item == 4 {
                // Unwinds like a panic, without its message: this one is on purpose.
                resume_unwind(Box::new("on purpose"));
            }
            completed.fetch_add(1, Relaxed);
        }
    };
    thread::scope(|scope| {
        let mut workers = Vec::new();
        for (n, tasks) in repeat_n(tasks, 3).enumerate() {
            workers.push(spawn(scope, format!("worker {n}"), move || work(tasks))?);
        }
        (0..10).for_each(|item| queue.put(item));
        queue.join();
        let completed = completed.load(Relaxed);
        let died = workers.into_iter().filter_map(|worker| worker.join().err()).count();
        Ok((completed, died))
    })
}
