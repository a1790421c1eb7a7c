//! Stages of workers with queues in between.

use std::iter::repeat_n;
use std::thread::{Scope, ScopedJoinHandle};

use anyhow::Context;
use common::threads::spawn;
use common::timeline::span;
use crossbeam::channel::{self, Receiver, Sender};

use crate::failure::{Failure, Work, attempt};
use crate::{TaskQueue, Tasks, task_queue};

/// A number of workers who do the same to each item.
pub struct Stage<'work, T> {
    /// What they do.
    pub name: &'static str,
    /// How many of them there are.
    pub workers: usize,
    /// How they do it.
    pub work: Work<'work, T>,
}

/// What a pipeline leaves when it is closed.
#[derive(Debug)]
pub struct Finished<T> {
    /// The items that came through.
    pub done: Tasks<T>,
    /// The others.
    pub failures: Vec<Failure<T>>,
    /// How many workers a panic has ended: none, because [`attempt`] catches the panics of their work.
    pub died: usize,
}

/// Workers, each in a thread of its own, and the queues between them. Dropping it closes the first
/// queue, and then the workers end, stage by stage, when they have done what is on its way.
///
/// ```
/// use std::thread;
/// use item55_queue::pipeline::{Pipeline, Stage};
///
/// let stages = [
///     Stage { name: "double", workers: 2, work: &|number: &mut u32| Ok(*number *= 2) },
///     Stage { name: "add one", workers: 3, work: &|number: &mut u32| Ok(*number += 1) },
/// ];
/// let finished = thread::scope(|scope| {
///     let pipeline = Pipeline::start(scope, &stages)?;
///     (0..4).for_each(|number| pipeline.put(number));
///     anyhow::Ok(pipeline.join())
/// })?;
/// let mut done: Vec<u32> = finished.done.into_iter().map(|task| task.item).collect();
/// done.sort();
/// assert_eq!(done, [1, 3, 5, 7]);
/// # anyhow::Ok(())
/// ```
#[derive(Debug)]
pub struct Pipeline<'scope, T> {
    /// One in front of each stage, and one behind the last.
    queues: Vec<TaskQueue<T>>,
    crews: Vec<Vec<ScopedJoinHandle<'scope, ()>>>,
    /// The items that have come through so far.
    pub done: Tasks<T>,
    /// Those that have failed.
    pub failed: Receiver<Failure<T>>,
}

impl<'scope, T: Send> Pipeline<'scope, T> {
    /// Starts the workers of all `stages` in `scope`. If the system refuses a thread, those that have
    /// started end, for their queues are closed.
    pub fn start<'env>(
        scope: &'scope Scope<'scope, 'env>,
        stages: &'env [Stage<'env, T>],
    ) -> anyhow::Result<Self> {
        let (failures, failed) = channel::unbounded();
        let (entrance, mut tasks) = task_queue();
        let (mut queues, mut crews) = (vec![entrance], Vec::new());
        for stage in stages {
            let (next_queue, next_tasks) = task_queue();
            let mut crew = Vec::new();
            for (n, tasks) in repeat_n(tasks, stage.workers).enumerate() {
                let (next_queue, failures) = (next_queue.clone(), failures.clone());
                let worker = move || stage.work_on(tasks, &next_queue, &failures);
                crew.push(spawn(scope, format!("{} {n}", stage.name), worker)?);
            }
            crews.push(crew);
            queues.push(next_queue);
            tasks = next_tasks;
        }
        Ok(Self { queues, crews, done: tasks, failed })
    }

    /// Puts an item into the first queue.
    pub fn put(&self, item: T) {
        self.queues[0].put(item);
    }

    /// Ends when all items have come through: stage by stage, the queue is closed and joined, then
    /// its workers.
    pub fn join(self) -> Finished<T> {
        let mut died = 0;
        // The last queue has no crew: its tasks are what is returned.
        for (queue, crew) in self.queues.into_iter().zip(self.crews) {
            queue.join();
            died += crew.into_iter().filter_map(|worker| worker.join().err()).count();
        }
        Finished { done: self.done, failures: self.failed.into_iter().collect(), died }
    }
}

impl<T> Stage<'_, T> {
    /// What each of its workers does until the queue is closed and empty.
    fn work_on(&self, tasks: Tasks<T>, next: &TaskQueue<T>, failures: &Sender<Failure<T>>) {
        for mut task in tasks {
            match span(self.name, || attempt(self.work, &mut task.item)).context(self.name) {
                Ok(()) => next.put(task.item),
                // It fails when nobody wants to know.
                Err(reason) => drop(failures.send(Failure { item: task.item, reason })),
            }
            // What is left of the task is dropped here. By now its item is in the next queue: whoever
            // joins this queue finds it there.
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::resume_unwind;
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
    use std::thread;
    use std::time::Duration;

    use anyhow::anyhow;

    use super::*;

    /// Puts the numbers 0 to 2 through a stage that does `work`; returns what came through, and what
    /// was reported of the others.
    fn run(work: Work<'_, u32>) -> (Vec<u32>, Vec<String>) {
        let stages = [Stage { name: "work", workers: 2, work }];
        let finished = thread::scope(|scope| {
            let pipeline = Pipeline::start(scope, &stages).unwrap();
            (0..3).for_each(|number| pipeline.put(number));
            while pipeline.done.len() + pipeline.failed.len() < 3 {
                thread::yield_now();
            }
            pipeline.join()
        });
        assert_eq!(finished.died, 0, "a worker goes on, whatever its work does");
        let mut done: Vec<u32> = finished.done.into_iter().map(|task| task.item).collect();
        done.sort_unstable();
        let tell = |failure: Failure<u32>| format!("{} {:#}", failure.item, failure.reason);
        (done, finished.failures.into_iter().map(tell).collect())
    }

    #[test]
    fn an_item_whose_work_fails_is_counted_and_reported_and_the_others_go_through() {
        let (done, failed) = run(&|number| if *number == 1 { Err(anyhow!("no")) } else { Ok(()) });
        assert_eq!((done, failed), (vec![0, 2], vec!["1 work: no".to_owned()]));
    }

    /// Unwinding like a panic, without the hook's message among the tests' output.
    #[test]
    fn a_panic_is_reported_with_its_text_whatever_kind_of_text_that_is() {
        for (payload, told) in [
            (|| resume_unwind(Box::new("a text")), "a text"),
            (|| resume_unwind(Box::new("a text".to_owned())), "a text"),
            (|| resume_unwind(Box::new(404)), "for a reason that is no text"),
        ] as [(fn() -> !, &str); 3]
        {
            let (done, failed) = run(&|number| if *number == 1 { payload() } else { Ok(()) });
            assert_eq!((done, failed), (vec![0, 2], vec![format!("1 work: panicked: {told}")]));
        }
    }

    /// Nobody takes from the next queue, so that putting an item there drops it: that is the moment at
    /// which it is asked whether its task has been released before.
    #[test]
    fn whoever_joins_a_queue_finds_its_items_in_the_next_one() {
        struct Asks<'a>(Receiver<()>, &'a AtomicBool);
        impl Drop for Asks<'_> {
            fn drop(&mut self) {
                let too_early = self.0.recv_timeout(Duration::from_millis(50)).is_ok();
                self.1.store(too_early, Relaxed);
            }
        }
        let too_early = AtomicBool::new(false);
        let stage = Stage { name: "work", workers: 1, work: &|_: &mut Asks<'_>| Ok(()) };
        let (queue, tasks) = task_queue();
        let (next, nobody) = task_queue();
        drop(nobody);
        let (failures, (says_so, joined)) = (channel::unbounded().0, channel::bounded(1));
        thread::scope(|scope| {
            scope.spawn(|| stage.work_on(tasks, &next, &failures));
            queue.put(Asks(joined, &too_early));
            queue.join();
            // It fails when the item is gone, as it should be.
            let _ = says_so.send(());
        });
        // Relaxed: the end of the scope orders it.
        assert!(!too_early.load(Relaxed));
    }
}
