//! A deadlock: two locks that two threads take in opposite order. And the cure: one order for all.

use std::sync::{Barrier, TryLockError::WouldBlock};
use std::thread;

use common::threads::{Join, spawn};

#[cfg(loom)]
use loom::sync::Mutex;
#[cfg(not(loom))]
use std::sync::Mutex;

use crate::count_together;

const UNHARMED: &str = "no thread panics while it adds";

/// Takes two locks, the second while it holds the first, and adds one to what each of them protects.
///
/// If another thread takes the same two locks in the opposite order, each thread may hold its first
/// lock and wait for the other's. Both then wait for ever.
///
/// ```
/// use std::sync::Mutex;
///
/// let (left, right) = (Mutex::new(0), Mutex::new(0));
/// item54_lock::add_to_both(&left, &right);
/// assert_eq!((left.into_inner().unwrap(), right.into_inner().unwrap()), (1, 1));
/// ```
pub fn add_to_both(first: &Mutex<u64>, second: &Mutex<u64>) {
    let mut first = first.lock().expect(UNHARMED);
    let mut second = second.lock().expect(UNHARMED);
    *first += 1;
    *second += 1;
}

/// Two threads, A and B, in the middle of [`add_to_both`], with the locks in opposite order: each holds
/// its first lock and asks for its second. Returns whether A finds that taken, and whether B does.
///
/// `try_lock` tells at once what `lock` would wait for, so that nobody hangs here.
///
/// ```
/// assert_eq!(item54_lock::deadlock()?, [true, true]);
/// # anyhow::Ok(())
/// ```
pub fn deadlock() -> anyhow::Result<[bool; 2]> {
    let (left, right) = (Mutex::new(0), Mutex::new(0));
    let meeting = Barrier::new(2);
    let finds_taken = |first: &Mutex<u64>, second: &Mutex<u64>| {
        let _guard = first.lock().expect(UNHARMED);
        meeting.wait(); // A and B hold a lock each.
        let is_taken = matches!(second.try_lock(), Err(WouldBlock));
        meeting.wait(); // A and B have tried. Only now may they let go.
        is_taken
    };
    thread::scope(|scope| {
        let b = spawn(scope, "B", || finds_taken(&right, &left))?;
        // A is the calling thread: if the system refuses B, nobody waits for it at the meeting.
        let a = finds_taken(&left, &right);
        Ok([a, b.joined()?])
    })
}

/// The cure: two threads [add to both](add_to_both) so many times, and both take the left lock first.
/// Returns what is in the left one and in the right one.
///
/// The thread that holds the right lock holds the left one, too, so it waits for no other: it adds, and
/// lets go.
///
/// ```
/// assert_eq!(item54_lock::one_order(1000)?, [2000, 2000]);
/// # anyhow::Ok(())
/// ```
pub fn one_order(times: u32) -> anyhow::Result<[u64; 2]> {
    let (left, right) = (Mutex::new(0), Mutex::new(0));
    count_together(2, times, || add_to_both(&left, &right))?;
    Ok([left, right].map(|each| each.into_inner().expect(UNHARMED)))
}
