//! The notes' last loop, where they have it, and where it has something to do.

use crate::Tasks;
use crate::pipeline::Pipeline;

/// An item that is still missing then will never come: it was lost.
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
pub fn before_the_joins<T>(pipeline: &Pipeline<'_, T>, items: u32, work: impl Fn()) -> Vec<usize> {
    let (items, mut seen) = (items as usize, Vec::new());
    // An item that fails is never done, but it has ended.
    while pipeline.done.len() + pipeline.failed.len() < items
        && seen.len() < MOST_ROUNDS.max(10 * items)
    {
        seen.push(pipeline.done.len());
        work(); // anything that can be done while others wait
    }
    seen.push(pipeline.done.len());
    seen
}

#[cfg(test)]
mod tests {
    use std::thread;

    use anyhow::bail;

    use super::*;
    use crate::pipeline::Stage;
    use crate::task_queue;

    #[test]
    fn after_the_joins_the_loop_would_go_on_as_long_as_it_may_if_an_item_were_missing() {
        let (queue, done) = task_queue();
        (0..2).for_each(|item| queue.put(item));
        assert_eq!(after_the_joins(&done, 2), 0);
        assert_eq!(after_the_joins(&done, 3), MOST_ROUNDS);
    }

    #[test]
    fn items_that_fail_do_not_keep_the_loop_waiting() {
        let stages = [Stage { name: "fails", workers: 1, work: &|_: &mut u32| bail!("refused") }];
        thread::scope(|scope| {
            let pipeline = Pipeline::start(scope, &stages).unwrap();
            (0..3).for_each(|item| pipeline.put(item));
            assert_eq!(before_the_joins(&pipeline, 3, thread::yield_now).pop(), Some(0));
        });
    }
}
