//! Threads that start their work at the same moment, or not at all.

use std::fmt;
use std::io;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use common::timeline::Lanes;

/// The system did not give all the threads that were asked for.
#[derive(Debug)]
pub struct CannotStart {
    /// How many threads had been started.
    pub started: usize,
    /// How many were wanted.
    pub wanted: usize,
    cause: io::Error,
}

impl fmt::Display for CannotStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { started, wanted, .. } = self;
        write!(f, "cannot start thread {} of {wanted}", started + 1)
    }
}

impl std::error::Error for CannotStart {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}

/// Lets each of `threads` call `increment` `how_many` times, all of them at once, and returns the
/// time it took.
///
/// # Errors
///
/// Fails when the system does not give so many threads; then none has counted.
pub fn count_together(
    lanes: &Lanes,
    threads: u32,
    how_many: u32,
    increment: impl Fn() + Sync,
) -> Result<Duration, CannotStart> {
    let count = || (0..how_many).for_each(|_| increment());
    start_together((0..threads).map(|thread| {
        let mut lane = lanes.lane(format!("thread {thread}"));
        move || lane.record("count", count)
    }))
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
/// # Ok::<(), item54_lock::CannotStart>(())
/// ```
pub fn start_together<Worker: FnOnce() + Send>(
    workers: impl ExactSizeIterator<Item = Worker>,
) -> Result<Duration, CannotStart> {
    let wanted = workers.len();
    let go = OnceLock::new();
    let start = thread::scope(|scope| {
        for (started, worker) in workers.enumerate() {
            let wait_for_go = || *go.wait();
            let thread = thread::Builder::new().spawn_scoped(scope, move || {
                if wait_for_go() {
                    worker();
                }
            });
            if let Err(cause) = thread {
                // Nobody else sets it, and this thread only once: here or below.
                let _ = go.set(false);
                return Err(CannotStart { started, wanted, cause });
            }
        }
        let start = Instant::now();
        let _ = go.set(true);
        Ok(start)
    })?;
    Ok(start.elapsed())
}
