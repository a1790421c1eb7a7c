//! Counting without sharing.

use std::hint::black_box;
use std::time::Duration;

use common::timing::measure;
use rayon::ThreadPool;
use rayon::prelude::*;

/// The fastest way to share a counter is not to share it: each of `counts` counts for itself, and
/// rayon adds them up. Returns the sum and the time it took.
///
/// ```
/// let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build()?;
/// assert_eq!(item54_lock::add_subtotals(&pool, 5, 100).0, 500);
/// # Ok::<(), rayon::ThreadPoolBuildError>(())
/// ```
pub fn add_subtotals(pool: &ThreadPool, counts: u32, how_many: u32) -> (u64, Duration) {
    measure(|| {
        pool.install(|| {
            let subtotals = (0..counts).into_par_iter().map(|_| {
                // Without black_box the compiler would replace the loop by its result.
                (0..how_many).fold(0, |subtotal: u64, _| black_box(subtotal + 1))
            });
            subtotals.sum()
        })
    })
}
