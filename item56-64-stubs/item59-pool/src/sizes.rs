//! Concurrency is capped at the size of the pool.

use std::array;
use std::time::Duration;

use common::rounds::{Version, best_by_turns};
use common::timeline::Lanes;
use common::timing::measure;
use life::Grid;
use life::calls::SlowCalls;
use rayon::ThreadPool;

use crate::pool::start_pool;
use crate::step::step;

/// The sizes, from one thread for all cells to one for each, and the names of their figures.
pub const SIZES: [(usize, &str); 5] = [
    (1, "generation_with_1_s"),
    (2, "generation_with_2_s"),
    (5, "generation_with_5_s"),
    (10, "generation_with_10_s"),
    (45, "generation_with_45_s"),
];

/// How often each is measured, by turns; the best counts.
pub const ROUNDS: usize = 3;

/// A generation in a pool of one of the sizes.
pub struct Generation {
    /// The grid that came of it.
    pub next: Grid,
    /// How long it took.
    pub elapsed: Duration,
    /// How many calls were open at the same moment, at most.
    pub calls_at_once: usize,
}

/// A generation of the small grid in a pool of each size.
pub fn in_pools_of_all_sizes(latency: Duration) -> anyhow::Result<[Generation; 5]> {
    let mut pools = Vec::new();
    for (size, _) in SIZES {
        pools.push(start_pool(size)?);
    }
    let in_pool = |pool: &ThreadPool| {
        let calls = SlowCalls::open(latency)?;
        let (next, elapsed) = measure(|| step(&Grid::glider(), pool, &calls));
        Ok(Generation { next: next?, elapsed, calls_at_once: calls.notes.most_at_once() })
    };
    let mut versions: [_; 5] = array::from_fn(|n| {
        let pool = &pools[n];
        move |_: &Lanes| in_pool(pool)
    });
    let best = best_by_turns(ROUNDS, versions.each_mut().map(|version| version as Version<_>))?;
    Ok(best.map(|best| best.found))
}
