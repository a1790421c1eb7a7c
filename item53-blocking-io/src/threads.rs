//! The same work in one thread, in a thread for each number, and shared out by rayon.
//!
//! There are two algorithms to factorise a number, so the algorithm is a parameter.

use std::thread;

use common::threads::{Join, spawn};
use common::timeline::{in_lane, span};
use rayon::ThreadPool;
use rayon::prelude::*;

use crate::{Algorithm, Factored};

/// One number after the other.
pub fn in_one_thread(numbers: &[u32], factorise: Algorithm) -> Vec<Factored> {
    let find = |number: &u32| span("factorise", || factorise(*number));
    numbers.iter().map(|number| in_lane(number.to_string(), || find(number))).collect()
}

/// A thread for each number. The threads may borrow `numbers`, because the scope joins them before it
/// returns.
///
/// ```
/// use item53_blocking_io::{in_threads, try_all};
///
/// let found = in_threads(&[6, 7], try_all)?;
/// assert_eq!(found[1].factors, [1, 7]);
/// # anyhow::Ok(())
/// ```
pub fn in_threads(numbers: &[u32], factorise: Algorithm) -> anyhow::Result<Vec<Factored>> {
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for number in numbers {
            let find = || span("factorise", || factorise(*number));
            threads.push(spawn(scope, number.to_string(), find)?);
        }
        threads.into_iter().map(Join::joined).collect()
    })
}

/// A thread for each core; rayon shares the numbers out among them.
pub fn with_rayon(pool: &ThreadPool, numbers: &[u32], factorise: Algorithm) -> Vec<Factored> {
    let find = |number: &u32| span("factorise", || factorise(*number));
    pool.install(|| numbers.par_iter().map(find).collect())
}
