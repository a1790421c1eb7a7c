//! The race: five threads count without a lock.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use common::timeline::Lanes;

use crate::{CannotStart, RacyCounter, start_together};

/// On average a thread counts so often before it gives way to the others: inside an increment,
/// where that loses counts, or between two, where it loses none.
const GIVES_WAY_ONCE_IN: u32 = 4_000;

/// Lets each of `threads` add one `how_many` times; returns the count and the time it took.
///
/// All meet between the read and the write of their first increment. Each has read 0 by then and
/// writes 1, so all but one of these increments are lost on any machine. Later ones are lost as
/// luck will have it: each thread gives way at moments of its own. (In step, all of them inside an
/// increment, each would only see its own counts, and the last would leave exactly `how_many`.)
///
/// # Errors
///
/// Fails when the system does not give so many threads.
///
/// ```
/// let (found, _) = item54_lock::race(&common::timeline::Lanes::new(), 5, 100)?;
/// assert!(found <= 500 - 4);
/// # Ok::<(), item54_lock::CannotStart>(())
/// ```
pub fn race(lanes: &Lanes, threads: u32, how_many: u32) -> Result<(u64, Duration), CannotStart> {
    let counter = RacyCounter::new();
    let everyone_has_read = Barrier::new(threads as usize);
    let elapsed = start_together((0..threads).map(|thread| {
        let (counter, everyone_has_read) = (&counter, &everyone_has_read);
        let mut lane = lanes.lane(format!("thread {thread}"));
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
        move || lane.record("count", count)
    }))?;
    Ok((counter.count(), elapsed))
}
