//! Counting without sharing.

use std::hint::black_box;

use rayon::ThreadPool;
use rayon::prelude::*;

/// Counts to `how_many`, `counts` times, and adds up what was counted. The threads of the pool share
/// nothing meanwhile, so none waits for another: of all ways this is the fastest.
///
/// ```
/// let pool = common::threads::start_pool(2)?;
/// assert_eq!(item54_lock::add_subtotals(&pool, 5, 100), 500);
/// # anyhow::Ok(())
/// ```
pub fn add_subtotals(pool: &ThreadPool, counts: u32, how_many: u32) -> u64 {
    // Without black_box the compiler would replace the loop by its result.
    let subtotal = |_| (0..how_many).fold(0, |subtotal: u64, _| black_box(subtotal + 1));
    pool.install(|| (0..counts).into_par_iter().map(subtotal).sum())
}
