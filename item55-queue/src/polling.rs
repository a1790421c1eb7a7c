//! Workers who ask a queue again and again.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use common::threads::{Join, spawn};

use crate::PollQueue;
use crate::delivery::STAGES;

/// How long a worker sleeps when it has found its queue empty, as in the notes. It stands for what
/// is wrong with polling: it is always too long, or too short.
const PAUSE: Duration = Duration::from_millis(10);

/// Sends `items` items through three workers: download, resize, upload. Returns how many have come
/// through, and how often a worker has asked its queue for an item. The notes' workers never end; these
/// do, when all is done.
///
/// ```
/// let (processed, polls) = item55_queue::polling(10)?;
/// assert_eq!(processed, 10);
/// assert!(polls >= 3 * 10 + 3, "each has also asked in vain");
/// # anyhow::Ok(())
/// ```
pub fn polling(items: u32) -> anyhow::Result<(usize, u32)> {
    let queues: [PollQueue<u32>; 4] = Default::default();
    // Relaxed: the flag only says when to stop; the queues' locks order everything else.
    let all_done = AtomicBool::new(false);
    thread::scope(|scope| {
        let mut workers = Vec::new();
        for (name, queues) in STAGES.into_iter().zip(queues.windows(2)) {
            let worker = spawn(scope, name, || poll(&queues[0], &queues[1], &all_done));
            // Those that have started must not wait for one that hasn't.
            workers.push(worker.inspect_err(|_| all_done.store(true, Relaxed))?);
        }
        (0..items).for_each(|number| queues[0].put(number));
        // The main thread polls, too, and gives way to the others.
        while queues[3].len() < items as usize {
            thread::yield_now();
        }
        all_done.store(true, Relaxed);
        let polls: Vec<u32> = workers.into_iter().map(Join::joined).collect::<Result<_, _>>()?;
        Ok((queues[3].len(), polls.iter().sum()))
    })
}

/// Moves items from one queue to the next; returns how often it has asked for one.
fn poll(inbox: &PollQueue<u32>, outbox: &PollQueue<u32>, all_done: &AtomicBool) -> u32 {
    let mut polls = 0;
    loop {
        polls += 1;
        match inbox.get() {
            Some(item) => outbox.put(item),
            None if all_done.load(Relaxed) => return polls,
            None => thread::sleep(PAUSE),
        }
    }
}
