//! The same work in one thread, in a thread for each number, and shared out by rayon.
//!
//! What is done with a number is a parameter, so that each way can do it in either way.

use std::thread;

use anyhow::anyhow;
use common::threads::{Join, spawn};
use common::timeline::Lanes;
use rayon::ThreadPool;
use rayon::prelude::*;

/// One number after the other.
pub fn in_one_thread<T>(lanes: &Lanes, numbers: &[u32], factorise: impl Fn(u32) -> T) -> Vec<T> {
    let find = |&number: &u32| {
        let mut lane = lanes.lane(number.to_string());
        lane.record("factorise", || factorise(number))
    };
    numbers.iter().map(find).collect()
}

/// A thread for each number. The scope joins them before it returns: that is why they may borrow
/// what is outside of it.
///
/// # Errors
///
/// Fails when the system does not give so many threads.
///
/// ```
/// use item53_blocking_io::{in_threads, try_all};
///
/// let found = in_threads(&common::timeline::Lanes::new(), &[6, 7], try_all)?;
/// assert_eq!(found[1].factors, [1, 7]);
/// # anyhow::Ok(())
/// ```
pub fn in_threads<T: Send>(
    lanes: &Lanes,
    numbers: &[u32],
    factorise: impl Fn(u32) -> T + Sync,
) -> anyhow::Result<Vec<T>> {
    let factorise = &factorise;
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for &number in numbers {
            let mut lane = lanes.lane(number.to_string());
            let find = move || lane.record("factorise", || factorise(number));
            threads.push(spawn(scope, &format!("a thread for {number}"), find)?);
        }
        threads.into_iter().map(Join::joined).collect()
    })
}

/// A thread for each core; rayon shares the numbers out among them.
pub fn with_rayon<T: Send>(
    pool: &ThreadPool,
    lanes: &Lanes,
    numbers: &[u32],
    factorise: impl Fn(u32) -> T + Sync,
) -> Vec<T> {
    let find = |&number: &u32| {
        let mut lane = lanes.lane(number.to_string());
        lane.record("factorise", || factorise(number))
    };
    pool.install(|| numbers.par_iter().map(find).collect())
}

/// A pool of one's own: rayon's global one takes any size that the environment names, and panics
/// when the system refuses a thread.
///
/// # Errors
///
/// Fails when the system does not give so many threads.
pub fn start_pool(threads: usize) -> anyhow::Result<ThreadPool> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.map_err(|error| anyhow!("cannot start rayon's threads: {error}"))
}
