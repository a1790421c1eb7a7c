//! The counters, each of which begins at zero. With `--cfg loom` the same code runs on loom's primitives,
//! which try every interleaving (`tests/interleavings.rs`).

#[cfg(loom)]
use loom::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering::Relaxed},
};
#[cfg(not(loom))]
use std::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering::Relaxed},
};

/// Counts as the book's `self.count += offset` does: a read, an addition and a write, with room
/// for other threads in between. It loses counts.
///
/// A plain integer shared among threads would be a data race, which is undefined behaviour; Rust
/// refuses it (see the [crate's page](crate)). An atomic that is read and written in two separate
/// operations has the same wrong logic and well-defined behaviour.
///
/// ```
/// use item54_lock::RacyCounter;
///
/// let counter = RacyCounter::default();
/// // While this increment is between its read and its write, another one comes and goes.
/// counter.increment_after(|| counter.increment_after(|| ()));
/// assert_eq!(counter.count(), 1, "two increments, one of them lost");
/// ```
#[derive(Debug, Default)]
pub struct RacyCounter {
    // Relaxed: the threads exchange nothing but this number, and no ordering of memory could mend
    // the gap between the read and the write.
    count: AtomicU64,
}

impl RacyCounter {
    /// Reads the count, does `meanwhile`, and writes back the count it read plus one.
    pub fn increment_after(&self, meanwhile: impl FnOnce()) {
        let seen = self.count.load(Relaxed);
        meanwhile();
        self.count.store(seen + 1, Relaxed);
    }

    /// The count so far.
    pub fn count(&self) -> u64 {
        self.count.load(Relaxed)
    }
}

/// Counts under a mutex: the book's `LockingCounter`.
///
/// The number lives *inside* the mutex. There is no way to reach the number without the lock, and no way
/// to forget the unlock: the guard unlocks when it is dropped.
///
/// ```
/// let counter = item54_lock::LockCounter::default();
/// std::thread::scope(|scope| {
///     scope.spawn(|| counter.increment());
///     scope.spawn(|| counter.increment());
/// });
/// assert_eq!(counter.count(), 2);
/// ```
#[derive(Debug, Default)]
pub struct LockCounter {
    count: Mutex<u64>,
}

impl LockCounter {
    /// Adds one.
    pub fn increment(&self) {
        *self.count.lock().expect("no thread panics while it adds") += 1;
    }

    /// The count so far.
    pub fn count(&self) -> u64 {
        *self.count.lock().expect("no thread panics while it adds")
    }
}

/// Counts with one indivisible operation. For a single number a Rust programmer would use that instead of
/// a lock. As soon as two values must change together, a lock is needed again.
///
/// ```
/// let counter = item54_lock::AtomicCounter::default();
/// std::thread::scope(|scope| {
///     scope.spawn(|| counter.increment());
///     scope.spawn(|| counter.increment());
/// });
/// assert_eq!(counter.count(), 2);
/// ```
#[derive(Debug, Default)]
pub struct AtomicCounter {
    // Relaxed: each addition is indivisible whatever the ordering, and the final count is read
    // after the threads have been joined, which orders everything they did.
    count: AtomicU64,
}

impl AtomicCounter {
    /// Adds one.
    pub fn increment(&self) {
        self.count.fetch_add(1, Relaxed);
    }

    /// The count so far.
    pub fn count(&self) -> u64 {
        self.count.load(Relaxed)
    }
}
