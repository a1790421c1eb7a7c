//! What each way to count costs, measured in the same way.

use std::time::Duration;

use common::rounds::best_by_turns;
use common::timeline::Lanes;
use rayon::ThreadPool;

use crate::{AtomicCounter, LockCounter, RacyCounter, add_subtotals, count_together};

/// How often each way is measured; the best counts.
pub const ROUNDS: usize = 15;

/// Nanoseconds of wall time per increment.
#[derive(Debug)]
pub struct Costs {
    /// Without a lock, losing counts.
    pub race: f64,
    /// Under a mutex.
    pub lock: f64,
    /// With `fetch_add`.
    pub atomic: f64,
    /// Each thread for itself.
    pub subtotals: f64,
}

/// Measures the four ways by turns, [`ROUNDS`] times each.
///
/// # Errors
///
/// Fails when the system does not give so many threads.
pub fn measure_costs(pool: &ThreadPool, threads: u32, how_many: u32) -> anyhow::Result<Costs> {
    let scratch = Lanes::new();
    // The increment alone: what gives way in `race` would cost more than it.
    let raced = || {
        let counter = RacyCounter::new();
        count_together(&scratch, threads, how_many, || counter.increment_after(|| ()))
    };
    let locked = || {
        let counter = LockCounter::new();
        count_together(&scratch, threads, how_many, || counter.increment())
    };
    let added = || {
        let counter = AtomicCounter::new();
        count_together(&scratch, threads, how_many, || counter.increment())
    };
    let [race, lock, atomic, subtotals] = best_by_turns(
        ROUNDS,
        [&mut |_| Ok(raced()?), &mut |_| Ok(locked()?), &mut |_| Ok(added()?), &mut |_| {
            Ok(add_subtotals(pool, threads, how_many).1)
        }],
    )?;
    let increments = u64::from(threads) * u64::from(how_many);
    let each = |elapsed: Duration| elapsed.as_secs_f64() * 1e9 / increments.max(1) as f64;
    Ok(Costs {
        race: each(race.found),
        lock: each(lock.found),
        atomic: each(atomic.found),
        subtotals: each(subtotals.found),
    })
}
