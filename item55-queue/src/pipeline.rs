//! Stages of workers with queues in between.

use std::thread::{Scope, ScopedJoinHandle};

use common::threads::{Join, spawn};
use common::timeline::{Lane, Lanes};
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
///     let pipeline = Pipeline::start(scope, &stages, None)?;
///     (0..4).for_each(|number| pipeline.put(number));
///     pipeline.join()
/// })?;
/// let mut done: Vec<u32> = finished.done.map(|task| task.item).collect();
/// done.sort();
/// assert_eq!(done, [1, 3, 5, 7]);
/// # anyhow::Ok(())
/// ```
#[derive(Debug)]
pub struct Pipeline<'scope, T> {
    /// One in front of each stage, and one behind the last.
    queues: Vec<TaskQueue<T>>,
    crews: Vec<Vec<ScopedJoinHandle<'scope, ()>>>,
    done: Tasks<T>,
    failed: Receiver<Failure<T>>,
}

impl<'scope, T: Send> Pipeline<'scope, T> {
    /// Starts the workers of all `stages` in `scope`. What they do is recorded in `lanes`, if there
    /// are any.
    ///
    /// # Errors
    ///
    /// Fails when a thread can't be started; the others end, for their queues are closed.
    pub fn start<'env>(
        scope: &'scope Scope<'scope, 'env>,
        stages: &'env [Stage<'env, T>],
        lanes: Option<&'env Lanes>,
    ) -> anyhow::Result<Self> {
        let (failures, failed) = channel::unbounded();
        let (entrance, mut tasks) = task_queue();
        let mut queues = vec![entrance];
        let mut crews = Vec::new();
        for stage in stages {
            let (next_queue, next_tasks) = task_queue();
            let mut crew = Vec::new();
            for (n, tasks) in tasks.shared_by(stage.workers).enumerate() {
                let name = format!("{} {n}", stage.name);
                let lane = lanes.map(|lanes| lanes.lane(&name));
                let (next_queue, failures) = (next_queue.clone(), failures.clone());
                let worker = Worker { stage, tasks, next_queue, failures, lane };
                crew.push(spawn(scope, &format!("worker {name}"), || worker.run())?);
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

    /// The items that have come through so far.
    pub fn done(&self) -> &Tasks<T> {
        &self.done
    }

    /// How many items have come through or failed so far.
    pub fn ended(&self) -> usize {
        self.done.len() + self.failed.len()
    }

    /// Ends when all items have come through: stage by stage, the queue is closed and joined, then
    /// its workers.
    ///
    /// # Errors
    ///
    /// Fails when a worker has panicked between two items.
    pub fn join(self) -> anyhow::Result<Finished<T>> {
        // The last queue has no crew: its tasks are what is returned.
        for (queue, crew) in self.queues.into_iter().zip(self.crews) {
            queue.join();
            for worker in crew {
                worker.joined()?;
            }
        }
        Ok(Finished { done: self.done, failures: self.failed.into_iter().collect() })
    }
}

struct Worker<'env, T> {
    stage: &'env Stage<'env, T>,
    tasks: Tasks<T>,
    next_queue: TaskQueue<T>,
    failures: Sender<Failure<T>>,
    lane: Option<Lane<'env>>,
}

impl<T> Worker<'_, T> {
    fn run(mut self) {
        let stage = self.stage;
        for mut task in self.tasks {
            let mut work = || attempt(stage.work, &mut task.item);
            let outcome = match &mut self.lane {
                Some(lane) => lane.record(stage.name, work),
                None => work(),
            };
            match outcome {
                Ok(()) => self.next_queue.put(task.item),
                Err(reason) => {
                    let failure = Failure { item: task.item, stage: stage.name, reason };
                    // It fails when nobody wants to know.
                    let _ = self.failures.send(failure);
                }
            }
            // What is left of the task is dropped here. By now its item is in the next queue:
            // whoever joins this queue finds it there.
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::resume_unwind;
    use std::thread;

    use anyhow::anyhow;

    use super::*;

    /// Puts the numbers 0 to 2 through a stage that does `work`; returns what came through, and what
    /// was reported of the others.
    fn run(work: Work<'_, u32>) -> (Vec<u32>, Vec<String>) {
        let stages = [Stage { name: "work", workers: 2, work }];
        let finished = thread::scope(|scope| {
            let pipeline = Pipeline::start(scope, &stages, None).unwrap();
            (0..3).for_each(|number| pipeline.put(number));
            while pipeline.ended() < 3 {
                thread::yield_now();
            }
            pipeline.join().unwrap()
        });
        let mut done: Vec<u32> = finished.done.map(|task| task.item).collect();
        done.sort_unstable();
        let tell = |failure: Failure<u32>| format!("{} {failure}", failure.item);
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
}
