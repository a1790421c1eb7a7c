//! Threads that start their work at the same moment, or not at all.

use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use common::threads::spawn;
use common::timeline::span;

/// Lets each of `threads` call `increment` `how_many` times, all of them at once, and returns the
/// time it took.
pub fn count_together(
    threads: u32,
    how_many: u32,
    increment: impl Fn() + Sync,
) -> anyhow::Result<Duration> {
    let count = || (0..how_many).for_each(|_| increment());
    start_together((0..threads).map(|_| || span("count", count)))
}

/// Runs each of `workers` in a thread of its own, lets them begin together, joins them all, and
/// returns the time from the common start to the last end.
///
/// Why not a [`Barrier`](std::sync::Barrier)? A barrier for five opens for the fifth. If the
/// system refuses a thread, the ones that wait would wait for ever. Here they wait for a word from
/// the starter, and the word may be "no".
///
/// # Errors
///
/// When a thread can't be started, none of the workers has run.
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
///
/// let sum = AtomicU32::new(0);
/// let sum_ref = &sum;
/// item54_lock::start_together((1..6).map(|n| move || { sum_ref.fetch_add(n, Relaxed); }))?;
/// assert_eq!(sum.into_inner(), 15);
/// # anyhow::Ok(())
/// ```
pub fn start_together<Worker: FnOnce() + Send>(
    workers: impl ExactSizeIterator<Item = Worker>,
) -> anyhow::Result<Duration> {
    let failed = format!("cannot start {} threads", workers.len());
    let go = OnceLock::<bool>::new();
    let start = thread::scope(|scope| {
        let start_waiting = |(n, worker): (usize, Worker)| {
            let word = || *go.wait();
            spawn(scope, format!("thread {n}"), move || word().then(worker))
        };
        let threads: anyhow::Result<Vec<_>> = workers.enumerate().map(start_waiting).collect();
        let start = Instant::now();
        // It can't have been set before.
        let _ = go.set(threads.is_ok());
        threads.map(|_| start)
    });
    Ok(start.context(failed)?.elapsed())
}
