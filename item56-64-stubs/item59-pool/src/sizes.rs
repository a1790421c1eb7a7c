//! Concurrency is capped at the size of the pool.

use std::time::Duration;

use common::rounds::{Best, best_by_turns};
use common::threads::start_pool;
use life::Grid;
use life::calls::SlowCalls;
use life::notes::Known;

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

/// A generation of the small grid in a pool of each size, and what is known of its calls.
pub fn in_pools_of_all_sizes(latency: Duration) -> anyhow::Result<[Best<(Grid, Known)>; 5]> {
    let mut pools = Vec::new();
    for (size, _) in SIZES {
        pools.push(start_pool(size)?);
    }
    let in_pool = |n: usize| {
        let calls = SlowCalls::open(latency)?;
        let next = step(&Grid::glider(), &pools[n], &calls)?;
        Ok((next, calls.notes.so_far()))
    };
    let [mut one, mut two, mut five, mut ten, mut all] =
        [0, 1, 2, 3, 4].map(|n| move || in_pool(n));
    best_by_turns(ROUNDS, [&mut one, &mut two, &mut five, &mut ten, &mut all])
}
