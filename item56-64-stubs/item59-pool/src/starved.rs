//! The trap: a pool that is made for computing, full of tasks that wait.

use std::hint::black_box;
use std::io;
use std::time::Duration;

use common::timeline::Lanes;
use common::timing::measure;
use crossbeam::channel;
use rayon::ThreadPool;
use rayon::prelude::*;

/// How long a waiting task takes.
const WAIT: Duration = Duration::from_millis(50);

/// What came of computing beside tasks that wait.
pub struct Computed {
    /// How long it took until the result was there.
    pub elapsed: Duration,
    /// How many of the waits had ended when the computing began.
    pub waits_ended_first: usize,
}

/// Fills all threads of `waiting` with tasks that wait, and then computes in `computing`.
pub fn compute_beside_waits(
    lanes: &Lanes,
    waiting: &ThreadPool,
    computing: &ThreadPool,
) -> anyhow::Result<Computed> {
    let mut own_lane = lanes.lane("compute");
    let threads = waiting.current_num_threads();
    let (has_begun, begun) = channel::unbounded();
    let (has_ended, ended) = channel::unbounded();
    let computed = waiting.in_place_scope(|scope| {
        for n in 0..threads {
            let (has_begun, has_ended) = (has_begun.clone(), has_ended.clone());
            let mut lane = lanes.lane(format!("wait {n}"));
            scope.spawn(move |_| {
                // Neither can fail: the receivers live until all tasks have ended.
                let _ = has_begun.send(());
                let _ = has_ended.send(lane.record("wait", || common::slow_syscall(WAIT)));
            });
        }
        // From here on every thread is taken.
        begun.iter().take(threads).for_each(drop);

        let (waits_ended_first, elapsed) = measure(|| {
            computing.install(|| {
                let waits_ended_first = ended.len();
                own_lane.record("compute", compute);
                waits_ended_first
            })
        });
        Computed { elapsed, waits_ended_first }
    });
    drop(has_ended);
    ended.iter().collect::<io::Result<()>>()?;
    Ok(computed)
}

/// A millisecond's work or so, spread over the threads of the pool that it runs in.
pub fn compute() -> u64 {
    (0..1_000_000_u64).into_par_iter().map(|n| black_box(n) % 7).sum()
}
