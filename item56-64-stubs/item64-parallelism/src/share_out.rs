//! Ten pairs, shared out among threads, by rayon, and among child processes.
//!
//! What is done with a pair is a parameter: Python's `map(gcd, pairs)`, with workers.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

use anyhow::anyhow;
use common::threads::{Join, spawn};
use common::timeline::Lanes;
use rayon::ThreadPool;
use rayon::prelude::*;

use crate::{Child, Pair};

/// One pair after the other.
pub fn in_a_row<T>(lanes: &Lanes, pairs: &[Pair], gcd: impl Fn(Pair) -> T) -> Vec<T> {
    let mut lane = lanes.lane("main");
    pairs.iter().map(|&pair| lane.record("gcd", || gcd(pair))).collect()
}

/// Threads, each of which takes the next pair as soon as it is free.
///
/// # Errors
///
/// Fails when the system does not give so many threads.
///
/// ```
/// use item64_parallelism::{PAIRS, Pair, in_threads};
///
/// let gcds = in_threads(&common::timeline::Lanes::new(), 2, &PAIRS, Pair::by_trial)?;
/// assert_eq!(gcds, [1, 1, 5, 1, 32, 1, 14, 9, 1, 9]);
/// # anyhow::Ok(())
/// ```
pub fn in_threads<T: Send>(
    lanes: &Lanes,
    threads: usize,
    pairs: &[Pair],
    gcd: impl Fn(Pair) -> T + Sync,
) -> anyhow::Result<Vec<T>> {
    let lanes = (0..threads).map(|n| lanes.lane(format!("thread {n}")));
    share_out(lanes, pairs, |lane, pair| Ok(lane.record("gcd", || gcd(pair))))
}

/// The same by rayon: `iter` becomes `par_iter`.
pub fn in_pool<T: Send>(
    lanes: &Lanes,
    pool: &ThreadPool,
    pairs: &[Pair],
    gcd: impl Fn(Pair) -> T + Sync,
) -> Vec<T> {
    let answer = |&pair: &Pair| {
        let thread = rayon::current_thread_index().unwrap_or_default();
        lanes.lane(format!("thread {thread}")).record("gcd", || gcd(pair))
    };
    // One pair is much work: let them be taken one by one.
    pool.install(|| pairs.par_iter().with_max_len(1).map(answer).collect())
}

/// The same by child processes: a thread for each asks it for one answer after the other.
///
/// # Errors
///
/// Fails when the system does not give so many threads, or when a child does not answer.
pub fn in_processes<T: Send>(
    lanes: &Lanes,
    children: &mut [Child],
    pairs: &[Pair],
    ask: impl Fn(&mut Child, Pair) -> anyhow::Result<T> + Sync,
) -> anyhow::Result<Vec<T>> {
    let children = children.iter_mut().enumerate();
    let children = children.map(|(n, child)| (lanes.lane(format!("child {n}")), child));
    share_out(children, pairs, |(lane, child), pair| lane.record("gcd", || ask(child, pair)))
}

/// Gives each of `workers` a thread, in which it takes the next pair as soon as it is free. The
/// answers are in the order of the pairs.
fn share_out<Worker: Send, T: Send>(
    workers: impl Iterator<Item = Worker>,
    pairs: &[Pair],
    answer: impl Fn(&mut Worker, Pair) -> anyhow::Result<T> + Sync,
) -> anyhow::Result<Vec<T>> {
    // Relaxed: it deals out numbers, each once. The answers are handed over by the join.
    let next = &AtomicUsize::new(0);
    let answer = &answer;
    let mut answers = thread::scope(|scope| {
        let mut threads = Vec::new();
        for mut worker in workers {
            let take_pairs = move || -> anyhow::Result<Vec<(usize, T)>> {
                let mut answers = Vec::new();
                loop {
                    let number = next.fetch_add(1, Relaxed);
                    let Some(&pair) = pairs.get(number) else { return Ok(answers) };
                    answers.push((number, answer(&mut worker, pair)?));
                }
            };
            threads.push(spawn(scope, "a thread", take_pairs)?);
        }
        let mut answers = Vec::new();
        for thread in threads {
            answers.extend(thread.joined()??);
        }
        anyhow::Ok(answers)
    })?;
    answers.sort_unstable_by_key(|(number, _)| *number);
    Ok(answers.into_iter().map(|(_, answer)| answer).collect())
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
