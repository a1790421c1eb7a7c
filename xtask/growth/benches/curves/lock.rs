//! Item 54: an increment, by more and more threads.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use common::threads::start_pool;
use common::timing::measure;
use crossbeam::utils::CachePadded;
use item54_lock::{AtomicCounter, LockCounter, add_subtotals, start_together};

use crate::curve::{Curve, Shown, way};
use crate::sizes;

/// So many increments of each thread are a repetition.
const INCREMENTS: u64 = 10_000;

pub fn increments() -> Curve {
    let lock = way("a lock", |threads| {
        Ok(move |times| {
            let counter = LockCounter::default();
            count(threads, times, |_| counter.increment())
        })
    });
    let parking_lot = way("parking_lot", |threads| {
        Ok(move |times| {
            let counter = parking_lot::Mutex::new(0_u64);
            count(threads, times, |_| *counter.lock() += 1)
        })
    });
    let atomic = way("fetch_add", |threads| {
        Ok(move |times| {
            let counter = AtomicCounter::default();
            count(threads, times, |_| counter.increment())
        })
    });
    let padded = way("one each, padded", |threads| {
        Ok(move |times| {
            let counters: Vec<CachePadded<AtomicU64>> =
                (0..threads).map(|_| CachePadded::default()).collect();
            // Relaxed: the join hands the counts over.
            count(threads, times, |thread| _ = counters[thread].fetch_add(1, Relaxed))
        })
    });
    let subtotals = way("subtotals", |threads| {
        let pool = start_pool(usize::try_from(threads)?)?;
        Ok(move |times| {
            let (threads, increments) =
                (u32::try_from(threads)?, u32::try_from(times * INCREMENTS)?);
            Ok(measure(|| add_subtotals(&pool, threads, increments)).1)
        })
    });
    Curve {
        name: "increment",
        says: "item 54: the wall time of an increment, all threads together",
        unit: "threads",
        sizes: sizes(&[1, 2, 4, 8, 16], &[]),
        shown: Shown::Each(|threads| threads * INCREMENTS),
        ways: vec![lock, parking_lot, atomic, padded, subtotals],
        note: "Threads that share nothing gain by each core; threads that share lose by it.",
    }
}

fn count(threads: u64, times: u64, increment: impl Fn(usize) + Sync) -> anyhow::Result<Duration> {
    let increment = &increment;
    let threads = usize::try_from(threads)?;
    start_together((0..threads).map(|n| move || (0..times * INCREMENTS).for_each(|_| increment(n))))
}
