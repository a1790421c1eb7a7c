//! Every interleaving of two threads that increment once each, on the very types that the program
//! uses. Loom replaces their primitives by its own and runs the closure once for each order in
//! which the threads' operations can happen; an ordinary test sees one of them.
//!
//! Run it with the command in README.md, "Model checks"; without `--cfg loom` there is nothing here.
#![cfg(loom)]

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use common::threads::lock;
use item54_lock::{AtomicCounter, LockCounter, RacyCounter};

/// The counts that two increments can end with, over all interleavings.
fn outcomes<Counter: Default + Send + Sync + 'static>(
    increment: fn(&Counter),
    count: fn(&Counter) -> u64,
) -> BTreeSet<u64> {
    // Not one of loom's: it collects across the runs.
    let outcomes = Arc::new(Mutex::new(BTreeSet::new()));
    let collected = Arc::clone(&outcomes);
    loom::model(move || {
        let counter = loom::sync::Arc::new(Counter::default());
        let other = counter.clone();
        let other = loom::thread::spawn(move || increment(&other));
        increment(&counter);
        other.join().unwrap();
        lock(&collected).insert(count(&counter));
    });
    println!("outcomes of two increments: {:?}", lock(&outcomes));
    lock(&outcomes).clone()
}

#[test]
fn the_race_can_lose_an_increment_and_need_not() {
    let outcomes = outcomes(|counter| counter.increment_after(|| ()), RacyCounter::count);
    assert_eq!(outcomes, BTreeSet::from([1, 2]));
}

#[test]
fn the_lock_never_loses_an_increment() {
    assert_eq!(outcomes(LockCounter::increment, LockCounter::count), BTreeSet::from([2]));
}

#[test]
fn fetch_add_never_loses_an_increment() {
    assert_eq!(outcomes(AtomicCounter::increment, AtomicCounter::count), BTreeSet::from([2]));
}
