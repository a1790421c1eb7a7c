//! The notes' last loop, where they have it, and where it has something to do.

use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use common::slow_syscall;

use crate::Tasks;
use crate::delivery::{Parcel, STAGES, parcels, slowly, three_stages, unless_one_failed};
use crate::pipeline::Pipeline;

/// Nobody works after the joins: an item that is missing then will never come.
const MOST_ROUNDS: usize = 10_000;

/// The loop after the joins: how many rounds it makes while items are missing.
pub fn after_the_joins<T>(done: &Tasks<T>, items: u32) -> usize {
    let mut rounds = 0;
    while done.len() < items as usize && rounds < MOST_ROUNDS {
        rounds += 1;
    }
    rounds
}

/// The loop before the joins: how many items it finds done, in each of its rounds and at the end.
///
/// # Errors
///
/// Fails when the system does not give so many threads, or a socket for each.
pub fn before_the_joins(
    items: u32,
    workers: [usize; 3],
    latency: Duration,
) -> anyhow::Result<Vec<usize>> {
    let [download, resize, upload] = STAGES.map(|stage| slowly(stage, latency));
    // Nothing is uploaded until the loop has looked once, however busy the machine is.
    let looked = OnceLock::new();
    let upload = |parcel: &mut Parcel| {
        looked.wait();
        upload(parcel)
    };
    let stages = three_stages(workers, [&download, &resize, &upload]);
    let mut seen = Vec::new();
    let finished = thread::scope(|scope| {
        let pipeline = Pipeline::start(scope, &stages, None)?;
        parcels(items).for_each(|parcel| pipeline.put(parcel));
        // An item that fails is never done, but it has ended.
        while pipeline.ended() < items as usize {
            seen.push(pipeline.done().len());
            looked.get_or_init(|| ());
            // Other work could be done here.
            slow_syscall(latency.max(Duration::from_millis(1)))?;
        }
        seen.push(pipeline.done().len());
        pipeline.join()
    })?;
    unless_one_failed(finished)?;
    Ok(seen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task_queue;

    #[test]
    fn after_the_joins_the_loop_would_go_on_as_long_as_it_may_if_an_item_were_missing() {
        let (queue, done) = task_queue();
        (0..2).for_each(|item| queue.put(item));
        assert_eq!(after_the_joins(&done, 2), 0);
        assert_eq!(after_the_joins(&done, 3), MOST_ROUNDS);
    }

    #[test]
    fn before_the_joins_items_that_fail_do_not_keep_the_loop_waiting() {
        let beyond_the_clock = Duration::MAX;
        let failed = before_the_joins(10, [1, 1, 1], beyond_the_clock).unwrap_err();
        assert!(failed.to_string().contains("the latency is too long"), "{failed}");
    }
}
