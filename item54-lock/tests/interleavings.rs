//! Every interleaving of two threads that increment once each, on the very types that the program
//! uses. Loom replaces their primitives by its own and runs the closure once for each order in
//! which the threads' operations can happen; an ordinary test sees one of them. Where all threads wait
//! for each other, loom panics and says "deadlock".
//!
//! Run it with the command in README.md, "The code that matters"; without `--cfg loom` there is nothing here.
#![cfg(loom)]

use std::collections::BTreeSet;
use std::sync::Arc;

use common::threads::lock;
use item54_lock::{AtomicCounter, LockCounter, RacyCounter, add_to_both};
use loom::sync::Mutex;

/// The order in which two increments end with 1.
const ONE_IS_LOST: &str =
    "two increments end with 1 if A reads 0, B reads 0, A writes 1, B writes 1";

/// The counts that two increments can end with, over all interleavings.
fn outcomes<Counter: Default + Send + Sync + 'static>(
    increment: fn(&Counter),
    count: fn(&Counter) -> u64,
) -> BTreeSet<u64> {
    // Not one of loom's: it collects across the runs.
    let outcomes = Arc::new(std::sync::Mutex::new(BTreeSet::new()));
    let collected = Arc::clone(&outcomes);
    loom::model(move || {
        let counter = loom::sync::Arc::new(Counter::default());
        let other = counter.clone();
        let other = loom::thread::spawn(move || increment(&other));
        increment(&counter);
        other.join().unwrap();
        lock(&collected).insert(count(&counter));
    });
    let name = std::any::type_name::<Counter>().rsplit("::").next().unwrap_or_default();
    println!("{name}: two increments can end in {:?}", lock(&outcomes));
    lock(&outcomes).clone()
}

#[test]
fn the_race_can_lose_an_increment_and_need_not() {
    let outcomes = outcomes(|counter| counter.increment_after(|| ()), RacyCounter::count);
    assert_eq!(outcomes, BTreeSet::from([1, 2]));
}

#[test]
fn the_lock_never_loses_an_increment() {
    let outcomes = outcomes(LockCounter::increment, LockCounter::count);
    assert_eq!(outcomes, BTreeSet::from([2]), "{ONE_IS_LOST}");
}

#[test]
fn fetch_add_never_loses_an_increment() {
    let outcomes = outcomes(AtomicCounter::increment, AtomicCounter::count);
    assert_eq!(outcomes, BTreeSet::from([2]), "{ONE_IS_LOST}");
}

/// Two threads that [add to both](add_to_both) once. The second takes the locks in the opposite order, or
/// in the same.
fn add_in_two_threads(in_opposite_order: bool) {
    loom::model(move || {
        // Not loom's `Arc`: to drop one while loom unwinds from a deadlock would abort the program.
        let locks = Arc::new([Mutex::new(0), Mutex::new(0)]);
        let others = Arc::clone(&locks);
        let other = loom::thread::spawn(move || {
            let [left, right] = &*others;
            if in_opposite_order { add_to_both(right, left) } else { add_to_both(left, right) }
        });
        let [left, right] = &*locks;
        add_to_both(left, right);
        other.join().unwrap();
        assert_eq!([*left.lock().unwrap(), *right.lock().unwrap()], [2, 2]);
    });
}

#[test]
#[should_panic(expected = "deadlock")]
fn two_locks_in_opposite_order_can_wait_for_each_other_for_ever() {
    add_in_two_threads(true);
}

#[test]
fn two_locks_in_one_order_never_do() {
    add_in_two_threads(false);
}
