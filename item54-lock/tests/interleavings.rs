//! Every interleaving of two threads that increment once each, on the very types that the program
//! uses. Loom replaces their primitives by its own and runs the closure once for each order in
//! which the threads' operations can happen; an ordinary test sees one of them.
//!
//! Run it with the command in README.md, "Model checks"; without `--cfg loom` there is nothing here.
#![cfg(loom)]

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use item54_lock::{AtomicCounter, LockCounter, RacyCounter};

/// The counts that two increments can end with, over all interleavings.
fn outcomes<Counter: Send + Sync + 'static>(
    new: fn() -> Counter,
    increment: fn(&Counter),
    count: fn(&Counter) -> u64,
) -> BTreeSet<u64> {
    // Not one of loom's: it collects across the runs.
    let outcomes = Arc::new(Mutex::new(BTreeSet::new()));
    let collected = Arc::clone(&outcomes);
    loom::model(move || {
        let counter = loom::sync::Arc::new(new());
        let other = loom::thread::spawn({
            let counter = counter.clone();
            move || increment(&counter)
        });
        increment(&counter);
        other.join().unwrap();
        collected.lock().unwrap_or_else(PoisonError::into_inner).insert(count(&counter));
    });
    let outcomes = outcomes.lock().unwrap_or_else(PoisonError::into_inner);
    println!("outcomes of two increments: {outcomes:?}");
    outcomes.clone()
}

#[test]
fn the_race_can_lose_an_increment_and_need_not() {
    let outcomes =
        outcomes(RacyCounter::new, |counter| counter.increment_after(|| ()), RacyCounter::count);
    assert_eq!(outcomes, BTreeSet::from([1, 2]));
}

#[test]
fn the_lock_never_loses_an_increment() {
    let outcomes = outcomes(LockCounter::new, LockCounter::increment, LockCounter::count);
    assert_eq!(outcomes, BTreeSet::from([2]));
}

#[test]
fn fetch_add_never_loses_an_increment() {
    let outcomes = outcomes(AtomicCounter::new, AtomicCounter::increment, AtomicCounter::count);
    assert_eq!(outcomes, BTreeSet::from([2]));
}
