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

/// What the workers did.
#[derive(Debug, Default)]
pub struct Polled {
    /// How many items have come through.
    pub processed: usize,
    /// How often a worker has asked its queue for an item.
    pub polls: u64,
    /// How often it got none.
    pub wasted: u64,
}

/// Sends `items` items through three workers: download, resize, upload. The notes' never end; these
/// do, when all is done.
///
/// # Errors
///
/// Fails when the system does not give three threads.
///
/// ```
/// let polled = item55_queue::polling(10)?;
/// assert_eq!(polled.processed, 10);
/// assert_eq!(polled.polls, 3 * 10 + polled.wasted);
/// # anyhow::Ok(())
/// ```
pub fn polling(items: u32) -> anyhow::Result<Polled> {
    let queues: [PollQueue<u32>; 4] = Default::default();
    // Relaxed: the flag only says when to stop; the queues' locks order everything else.
    let all_done = AtomicBool::new(false);
    thread::scope(|scope| {
        let mut workers = Vec::new();
        for (name, queues) in STAGES.into_iter().zip(queues.windows(2)) {
            let who = format!("worker {name}");
            let worker = spawn(scope, &who, || poll(&queues[0], &queues[1], &all_done));
            // Those that have started must not wait for one that hasn't.
            workers.push(worker.inspect_err(|_| all_done.store(true, Relaxed))?);
        }
        for number in 0..items {
            queues[0].put(number);
        }
        // The main thread polls, too, and gives way to the others.
        while queues[3].len() < items as usize {
            thread::yield_now();
        }
        all_done.store(true, Relaxed);

        let mut polled = Polled { processed: queues[3].len(), ..Polled::default() };
        for worker in workers {
            let (polls, wasted) = worker.joined()?;
            polled.polls += polls;
            polled.wasted += wasted;
        }
        Ok(polled)
    })
}

/// Moves items from one queue to the next; returns how often it has asked, and how often in vain.
fn poll(
    in_queue: &PollQueue<u32>,
    out_queue: &PollQueue<u32>,
    all_done: &AtomicBool,
) -> (u64, u64) {
    let (mut polls, mut wasted) = (0, 0);
    loop {
        polls += 1;
        if let Some(item) = in_queue.get() {
            out_queue.put(item);
            continue;
        }
        wasted += 1;
        if all_done.load(Relaxed) {
            return (polls, wasted);
        }
        thread::sleep(PAUSE);
    }
}
