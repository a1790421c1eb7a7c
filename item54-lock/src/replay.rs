//! The race in slow motion: the order that loses a count, forced.

use std::sync::Mutex;
use std::thread;

use common::threads::{Join, lock, spawn};
use crossbeam::channel;

use crate::RacyCounter;

/// What two increments left, and the order in which their reads and writes happened.
#[derive(Debug)]
pub struct Replayed {
    /// The count.
    pub found: u64,
    /// What happened, as it happened: "A reads" and so on.
    pub order: Vec<&'static str>,
}

/// Two threads, one increment each, in the order that loses one of them. A tells B when it has
/// read, by a message; B tells A when it has written, by dropping its end of the channel.
///
/// ```
/// let replayed = item54_lock::replay()?;
/// assert_eq!(replayed.found, 1, "two increments, one of them lost");
/// assert_eq!(replayed.order, ["A reads", "B reads", "B writes", "A writes"]);
/// # anyhow::Ok(())
/// ```
pub fn replay() -> anyhow::Result<Replayed> {
    let counter = &RacyCounter::default();
    let order = Mutex::new(Vec::new());
    let happened = |event| lock(&order).push(event);
    let (a_has_read, when_a_has_read) = channel::bounded::<()>(1);
    let (b_has_written, when_b_has_written) = channel::bounded::<()>(0);
    thread::scope(|scope| {
        let b = spawn(scope, "B", move || {
            if when_a_has_read.recv().is_ok() {
                counter.increment_after(|| happened("B reads"));
                happened("B writes");
            }
            drop(b_has_written);
        })?;
        counter.increment_after(|| {
            happened("A reads");
            // Neither call can fail: B lives until it has received and dropped its end.
            let _ = a_has_read.send(());
            let _ = when_b_has_written.recv();
        });
        happened("A writes");
        b.joined()
    })?;
    Ok(Replayed { found: counter.count(), order: lock(&order).clone() })
}
