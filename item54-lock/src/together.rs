//! Threads that all begin their work, or none of them does.

use std::sync::{Barrier, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use common::threads::spawn;
use common::timeline::span;

/// Lets each of `threads` call `increment` `how_many` times, and returns the time that took. All meet
/// before the first call: no thread is done before another has begun.
pub fn count_together(
    threads: u32,
    how_many: u32,
    increment: impl Fn() + Sync,
) -> anyhow::Result<Duration> {
    let everyone_is_here = Barrier::new(threads as usize);
    let count = || {
        everyone_is_here.wait();
        (0..how_many).for_each(|_| increment());
    };
    start_together((0..threads).map(|_| || span("count", count)))
}

/// Runs each of `workers` in a thread of its own, joins them all, and returns the time from the word that
/// lets them begin to the last end.
///
/// The threads wait for that word in a [`OnceLock`], and the word may be "no". At a [`Barrier`] they would
/// wait for each other: a barrier for five opens when the fifth comes, so if the system refused the
/// fifth thread, the four others would wait for ever.
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
