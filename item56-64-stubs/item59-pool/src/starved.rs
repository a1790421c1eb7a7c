//! The trap: a pool that is made for computing, full of tasks that wait.

use std::hint::black_box;
use std::time::{Duration, Instant};

use common::slow_syscall;
use common::timeline::lane;
use common::timing::measure;
use crossbeam::channel;
use rayon::ThreadPool;
use rayon::prelude::*;

/// How long a waiting task takes.
const WAIT: Duration = Duration::from_millis(50);

/// Fills all threads of `waiting` with tasks that wait, and then computes in `computing`. Returns how
/// many of the waits had ended when the computing began, and how long it took until the result was there.
pub fn compute_beside_waits(
    waiting: &ThreadPool,
    computing: &ThreadPool,
) -> anyhow::Result<(usize, Duration)> {
    let own_lane = lane("compute");
    let threads = waiting.current_num_threads();
    let (has_begun, begun) = channel::unbounded();
    let (has_ended, ended) = channel::unbounded();
    let computed = waiting.in_place_scope(|scope| {
        for n in 0..threads {
            let (has_begun, has_ended) = (has_begun.clone(), has_ended.clone());
            let lane = lane(format!("wait {n}"));
            scope.spawn(move |_| {
                // Neither sending can fail: the receivers live until all tasks have ended.
                let _ = has_begun.send(());
                let start = Instant::now();
                let outcome = slow_syscall(WAIT);
                lane.record("wait", start);
                let _ = has_ended.send(outcome);
            });
        }
        // From here on every thread is taken.
        begun.iter().take(threads).for_each(drop);
        let count_and_compute = || {
            let (waits_ended_first, start) = (ended.len(), Instant::now());
            compute();
            own_lane.record("compute", start);
            waits_ended_first
        };
        measure(|| computing.install(count_and_compute))
    });
    drop(has_ended);
    ended.iter().collect::<Result<(), _>>()?;
    Ok(computed)
}

/// A millisecond's work or so, spread over the threads of the pool that it runs in.
pub fn compute() -> u64 {
    (0..1_000_000_u64).into_par_iter().map(|n| black_box(n) % 7).sum()
}
