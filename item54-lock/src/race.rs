//! The race: five threads count without a lock.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use common::timeline::span;

use crate::{RacyCounter, start_together};

/// On average a thread counts so often before it gives way to the others: inside an increment,
/// where that loses counts, or between two, where it loses none.
const GIVES_WAY_ONCE_IN: u32 = 4_000;

/// Lets each of `threads` add one `how_many` times; returns the count and the time it took.
///
/// All meet between the read and the write of their first increment. Each has read 0 by then and
/// writes 1, so all but one of these increments are lost on any machine. How many later ones are lost
/// is left to luck: each thread gives way at random moments.
///
/// ```
/// let (found, _) = item54_lock::race(5, 100)?;
/// assert!(found <= 500 - 4);
/// # anyhow::Ok(())
/// ```
pub fn race(threads: u32, how_many: u32) -> anyhow::Result<(u64, Duration)> {
    let counter = &RacyCounter::default();
    let everyone_has_read = &Barrier::new(threads as usize);
    let elapsed = start_together((0..threads).map(|_| {
        let mut random = fastrand::Rng::new();
        let count = move || {
            for n in 0..how_many {
                let chance = random.u32(..2 * GIVES_WAY_ONCE_IN);
                counter.increment_after(|| {
                    if n == 0 {
                        everyone_has_read.wait();
                    } else if chance == 0 {
                        thread::yield_now();
                    }
                });
                if chance == 1 {
                    thread::yield_now();
                }
            }
        };
        move || span("count", count)
    }))?;
    Ok((counter.count(), elapsed))
}
