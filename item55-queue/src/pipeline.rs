//! Stages of workers with queues in between.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use anyhow::{Context, anyhow};
use common::timeline::{Lane, Timeline};
use crossbeam::channel::{self, Sender};

use crate::{TaskQueue, Tasks, task_queue};

/// What travels through the pipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// Which one it is.
    pub number: u32,
    /// The stages it has passed, in order.
    pub stamps: Vec<&'static str>,
}

/// What a worker does to a parcel. The error, or a panic, fails this parcel, and no other.
pub type Work<'work> = &'work (dyn Fn(&Parcel) -> Result<(), String> + Sync);

/// A number of workers who do the same to each parcel.
pub struct Stage<'work> {
    /// What they do.
    pub name: &'static str,
    /// How many of them there are.
    pub workers: usize,
    /// How they do it.
    pub work: Work<'work>,
}

/// A parcel that did not come through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Its number.
    pub number: u32,
    /// Where it failed.
    pub stage: &'static str,
    /// Why.
    pub reason: String,
}

/// What a pipeline leaves when it is closed.
#[derive(Debug)]
pub struct Finished {
    /// The parcels that came through.
    pub done: Tasks<Parcel>,
    /// The others.
    pub failures: Vec<Failure>,
}

/// Sends parcels 0 to `count` through `stages`, each worker in a thread of its own, and ends when
/// all have come through: stage by stage, the queue is closed and joined, then its workers.
///
/// `meanwhile` runs when all parcels have been sent, before the first join; the queue it is given
/// is the one that the last stage fills.
///
/// # Errors
///
/// Fails when a thread can't be started; the ones that were have ended by then, because the queues
/// they read from are dropped, which closes them.
///
/// ```
/// use common::timeline::Timeline;
/// use item55_queue::pipeline::{Stage, run};
///
/// let stages = [
///     Stage { name: "wash", workers: 2, work: &|_| Ok(()) },
///     Stage { name: "dry", workers: 3, work: &|_| Ok(()) },
/// ];
/// let finished = run("laundry", &stages, 10, &Timeline::new(), |_| ())?;
/// let done: Vec<_> = finished.done.map(|task| task.item).collect();
/// assert_eq!(done.len(), 10);
/// assert!(done.iter().all(|parcel| parcel.stamps == ["wash", "dry"]));
/// # Ok::<(), anyhow::Error>(())
/// ```
pub fn run(
    step: &'static str,
    stages: &[Stage<'_>],
    count: u32,
    timeline: &Timeline,
    meanwhile: impl FnOnce(&Tasks<Parcel>),
) -> anyhow::Result<Finished> {
    let (failures, failed) = channel::unbounded();
    let done = thread::scope(|scope| -> anyhow::Result<_> {
        let (entrance, mut tasks) = task_queue();
        let mut queues = vec![entrance];
        let mut crews = Vec::new();
        for stage in stages {
            let (next_queue, next_tasks) = task_queue();
            let mut crew = Vec::new();
            for n in 0..stage.workers {
                let lane = timeline.lane(step, format!("{} {n}", stage.name));
                let (tasks, next_queue) = (tasks.clone(), next_queue.clone());
                let worker = Worker { stage, lane, tasks, next_queue, failures: failures.clone() };
                let thread = thread::Builder::new().spawn_scoped(scope, || worker.run());
                crew.push(
                    thread.with_context(|| format!("cannot start {} worker {n}", stage.name))?,
                );
            }
            crews.push(crew);
            queues.push(next_queue);
            tasks = next_tasks;
        }
        let done = tasks;

        for number in 0..count {
            queues[0].put(Parcel { number, stamps: Vec::new() });
        }
        meanwhile(&done);

        // The last queue has no crew: its tasks are what is returned.
        for (queue, crew) in queues.into_iter().zip(crews) {
            queue.join();
            for worker in crew {
                worker.join().map_err(|_| anyhow!("a worker panicked between two items"))?;
            }
        }
        Ok(done)
    })?;
    drop(failures);
    Ok(Finished { done, failures: failed.into_iter().collect() })
}

struct Worker<'run> {
    stage: &'run Stage<'run>,
    lane: Lane<'run>,
    tasks: Tasks<Parcel>,
    next_queue: TaskQueue<Parcel>,
    failures: Sender<Failure>,
}

impl Worker<'_> {
    fn run(mut self) {
        for mut task in self.tasks {
            let stage = self.stage;
            match self.lane.record(stage.name, || stage.do_one(&task.item)) {
                Ok(()) => {
                    task.item.stamps.push(stage.name);
                    self.next_queue.put(task.item);
                }
                // Fails when nobody wants to know.
                Err(failure) => drop(self.failures.send(failure)),
            }
            // What is left of the task is dropped here. By now its item is in the next queue:
            // whoever joins this queue finds it there.
        }
    }
}

impl Stage<'_> {
    fn do_one(&self, parcel: &Parcel) -> Result<(), Failure> {
        // Unwind safe: the parcel is only read, and given up if the work panics.
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.work)(parcel)))
            .unwrap_or_else(|panic| Err(format!("panicked: {}", message(&*panic))));
        let (number, stage) = (parcel.number, self.name);
        outcome.map_err(|reason| Failure { number, stage, reason })
    }
}

/// What `panic!` was called with.
fn message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("for a reason that is no text")
}
