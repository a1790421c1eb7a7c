//! Ten pairs, shared out among threads, by rayon, and among child processes.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

use common::threads::{join_all, spawn};
use common::timeline::{lane, span};
use rayon::ThreadPool;
use rayon::prelude::*;

use crate::{Child, Pair};

/// One pair after the other.
pub fn in_a_row(pairs: &[Pair]) -> Vec<u32> {
    pairs.iter().map(|pair| span("gcd", || pair.by_trial())).collect()
}

/// The same by rayon: `iter` becomes `par_iter`.
pub fn in_pool(pool: &ThreadPool, pairs: &[Pair]) -> Vec<u32> {
    let gcd = |pair: &Pair| span("gcd", || pair.by_trial());
    // One pair is much work: let them be taken one by one.
    pool.install(|| pairs.par_iter().with_max_len(1).map(gcd).collect())
}

/// The same by hand: threads, each of which takes the next pair as soon as it is free.
///
/// ```
/// use item64_parallelism::{PAIRS, in_threads};
///
/// let gcds = in_threads(2, &PAIRS)?;
/// assert_eq!(gcds, [1, 1, 5, 1, 32, 1, 14, 9, 1, 9]);
/// # anyhow::Ok(())
/// ```
pub fn in_threads(threads: usize, pairs: &[Pair]) -> anyhow::Result<Vec<u32>> {
    let gcd = |pair: Pair| Ok(span("gcd", || pair.by_trial()));
    share_out((0..threads).map(|n| (format!("thread {n}"), gcd)), pairs)
}

/// The same by child processes: a thread for each asks it for one answer after the other.
pub fn in_processes(children: &mut [Child], pairs: &[Pair]) -> anyhow::Result<Vec<u32>> {
    let workers = children.iter_mut().enumerate().map(|(n, child)| {
        let lane = lane(format!("child {n}"));
        let ask = move |pair| {
            let answer = child.ask(pair)?;
            answer.record(&lane);
            Ok(answer.gcd)
        };
        (format!("asks child {n}"), ask)
    });
    share_out(workers, pairs)
}

/// Gives each of `workers` a thread of that name, in which it takes the next pair as soon as it is free.
/// The answers are in the order of the pairs.
fn share_out<Worker: FnMut(Pair) -> anyhow::Result<u32> + Send>(
    workers: impl Iterator<Item = (String, Worker)>,
    pairs: &[Pair],
) -> anyhow::Result<Vec<u32>> {
    // Relaxed: it deals out numbers, each once. The answers are handed over by the join.
    let next = &AtomicUsize::new(0);
    let mut answers = thread::scope(|scope| {
        let mut threads = Vec::new();
        for (name, mut worker) in workers {
            let take_pairs = move || {
                let mut answers = Vec::new();
                loop {
                    let number = next.fetch_add(1, Relaxed);
                    let Some(pair) = pairs.get(number) else { return anyhow::Ok(answers) };
                    answers.push((number, worker(*pair)?));
                }
            };
            threads.push(spawn(scope, name, take_pairs)?);
        }
        join_all(threads)
    })?
    .concat();
    answers.sort_unstable_by_key(|(number, _)| *number);
    Ok(answers.into_iter().map(|(_, answer)| answer).collect())
}
