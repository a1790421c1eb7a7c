//! What each way to count costs, measured in the same way.

use std::time::Duration;

use common::rounds::best_by_turns;
use common::timing::measure;
use rayon::ThreadPool;

use crate::{AtomicCounter, LockCounter, RacyCounter, add_subtotals, start_together};

/// How often each way is measured; the best counts.
pub const ROUNDS: usize = 15;

/// The nanoseconds of wall time that an increment costs: under a mutex, with `fetch_add`, in the race,
/// and when each thread counts for itself. They are measured by turns, [`ROUNDS`] times each.
pub fn measure_costs(pool: &ThreadPool, threads: u32, how_many: u32) -> anyhow::Result<[f64; 4]> {
    let best = best_by_turns(
        ROUNDS,
        [
            &mut || {
                let counter = LockCounter::default();
                count(threads, how_many, || counter.increment())
            },
            &mut || {
                let counter = AtomicCounter::default();
                count(threads, how_many, || counter.increment())
            },
            // The increment alone: what gives way in `race` would cost more than it.
            &mut || {
                let counter = RacyCounter::default();
                count(threads, how_many, || counter.increment_after(|| ()))
            },
            &mut || Ok(measure(|| add_subtotals(pool, threads, how_many)).1),
        ],
    )?;
    let increments = u64::from(threads) * u64::from(how_many);
    Ok(best.map(|best| best.found.as_secs_f64() * 1e9 / increments.max(1) as f64))
}

/// Like [`count_together`](crate::count_together), without the meeting: that would cost more than some
/// thousand of the increments.
fn count(threads: u32, how_many: u32, increment: impl Fn() + Sync) -> anyhow::Result<Duration> {
    let count = || (0..how_many).for_each(|_| increment());
    start_together((0..threads).map(|_| count))
}
