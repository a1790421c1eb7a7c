//! Item 54: use a lock to prevent data races in threads.
//!
//! Three counters that many threads may add to: one that loses counts ([`RacyCounter`]), one that
//! takes a lock ([`LockCounter`]), one that needs none ([`AtomicCounter`]). The [`race`], its
//! [`replay`] in slow motion, and a way not to share at all ([`add_subtotals`]). And what goes wrong with
//! two locks: a [`deadlock`], with [`one_order`] as its cure.
//!
//! # What Rust refuses
//!
//! In Python the race is one line: every thread says `counter.count += 1`. The same line does not
//! compile here. Only one thread at a time may borrow the counter mutably, and here two threads want
//! to:
//!
//! ```compile_fail,E0499
//! let mut count = 0;
//! std::thread::scope(|scope| {
//!     scope.spawn(|| count += 1);
//!     scope.spawn(|| count += 1); // error: cannot borrow `count` as mutable more than once
//! });
//! ```
//!
//! A `Cell` can be changed through a shared borrow. But a `Cell` is not `Sync`, which is Rust's word for
//! "threads may share it", so a borrow of it must not reach another thread:
//!
//! ```compile_fail,E0277
//! use std::cell::Cell;
//!
//! let count = Cell::new(0);
//! std::thread::scope(|scope| {
//!     scope.spawn(|| count.set(count.get() + 1)); // error: `Cell` cannot be shared
//!     scope.spawn(|| count.set(count.get() + 1));
//! });
//! ```
//!
//! The compiler refuses the *data race*: two threads at one memory location, one of which writes, without
//! any order between them. The *race condition*, a wrong result because of an unlucky order, is a matter
//! of logic. No compiler sees it: [`RacyCounter`] compiles, and loses counts.

pub mod cost;
mod counters;
mod deadlock;
mod race;
mod replay;
mod subtotals;
mod together;

pub use counters::{AtomicCounter, LockCounter, RacyCounter};
pub use deadlock::{add_to_both, deadlock, one_order};
pub use race::race;
pub use replay::{Replayed, replay};
pub use subtotals::add_subtotals;
pub use together::{count_together, start_together};
