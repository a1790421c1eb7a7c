//! A queue that blocks, that knows when all its tasks are done, and that can be closed.

use std::convert::Infallible;

use crossbeam::channel::{self, Receiver, Sender};

/// The end of a queue where workers take tasks: a loop over it waits for the next one, and ends when the
/// queue is closed and empty.
pub type Tasks<T> = Receiver<Task<T>>;

/// Makes a queue: the end to put items in, and the end to take tasks from. Give each worker a clone of
/// the latter and keep none: whoever holds one and takes nothing keeps the tasks alive that dead workers
/// have left, and hangs the join.
///
/// The queue is made of two of crossbeam's channels. The first carries the tasks: it blocks, and it can be
/// closed. The second carries nothing: each task holds a clone of its sender, and when the last task and
/// the last end to put items in have dropped theirs, it is closed, too. Whoever waits for that joins.
/// (crossbeam's `WaitGroup` does the same; it locks a mutex for each clone, and a pipeline without work took
/// a seventh longer with it.)
///
/// Python's `Queue` needs calls where this one needs nothing: `task_done()` for each item (a
/// worker that forgets it, or dies before it, hangs the `join()`), and a sentinel object for each
/// worker to say that no more items come. Here dropping a value says it, which nobody can forget, and
/// which a panic does, too.
///
/// ```
/// use std::thread;
/// use item55_queue::task_queue;
///
/// let (queue, tasks) = task_queue::<u32>();
/// let worker = thread::spawn(|| tasks.into_iter().map(|task| task.item.pow(2)).sum::<u32>());
/// for number in 1..=3 {
///     queue.put(number);
/// }
/// queue.join(); // closes the queue, and waits for the three
/// assert_eq!(worker.join().unwrap(), 1 + 4 + 9);
/// ```
pub fn task_queue<T>() -> (TaskQueue<T>, Tasks<T>) {
    let (sender, tasks) = channel::unbounded();
    let (unfinished, all_done) = channel::bounded(0);
    (TaskQueue { sender, unfinished, all_done }, tasks)
}

/// An item to work on. It counts as unfinished until it is dropped.
#[derive(Debug)]
pub struct Task<T> {
    /// The item.
    pub item: T,
    _unfinished: Sender<Infallible>,
}

/// The end of a queue where items are put in. Dropping the last clone closes the queue.
#[derive(Debug)]
pub struct TaskQueue<T> {
    sender: Sender<Task<T>>,
    unfinished: Sender<Infallible>,
    all_done: Receiver<Infallible>,
}

impl<T> TaskQueue<T> {
    /// Adds an item. If nobody is left to take it, it is dropped: a queue whose workers have all
    /// died must not hang the one who joins it.
    pub fn put(&self, item: T) {
        let task = Task { item, _unfinished: self.unfinished.clone() }; // a sender of the second
        let _ = self.sender.send(task); // through the first; an error would drop the task
    }

    /// Closes this end and waits until every other clone of it has been dropped and every item
    /// that was put in has been done.
    pub fn join(self) {
        let Self { sender, unfinished, all_done } = self;
        drop((sender, unfinished)); // a sender of each
        let _ = all_done.recv(); // of the second: an error, once that is closed
    }
}

impl<T> Clone for TaskQueue<T> {
    fn clone(&self) -> Self {
        let Self { sender, unfinished, all_done } = self;
        Self { sender: sender.clone(), unfinished: unfinished.clone(), all_done: all_done.clone() }
    }
}

#[cfg(test)]
mod tests {
    use std::iter::repeat_n;
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
    use std::thread;

    use super::*;

    #[test]
    fn join_returns_when_every_task_is_done_and_not_before() {
        let (queue, tasks) = task_queue();
        let done = AtomicU32::new(0);
        thread::scope(|scope| {
            for tasks in repeat_n(tasks, 4) {
                scope.spawn(|| {
                    for _task in tasks {
                        thread::yield_now();
                        done.fetch_add(1, Relaxed);
                    }
                });
            }
            (0..1000).for_each(|number| queue.put(number));
            queue.join();
            assert_eq!(done.load(Relaxed), 1000);
        });
    }

    #[test]
    fn a_worker_that_panics_on_an_item_does_not_hang_the_join() {
        let (queue, tasks) = task_queue();
        queue.put("doomed");
        let worker = thread::spawn(move || {
            let _task = tasks.recv();
            // Unwinds like a panic, without the hook's message among the tests' output.
            std::panic::resume_unwind(Box::new("on purpose"));
        });
        queue.join();
        assert!(worker.join().is_err());
    }

    #[test]
    fn workers_that_give_up_leave_nothing_that_hangs_the_join() {
        let (queue, tasks) = task_queue();
        let workers: Vec<_> = repeat_n(tasks, 3)
            .map(|tasks| thread::spawn(move || tasks.recv().unwrap().item))
            .collect();
        (0..10).for_each(|number| queue.put(number));
        queue.join();
        let mut taken: Vec<_> = workers.into_iter().map(|worker| worker.join().unwrap()).collect();
        taken.sort_unstable();
        assert_eq!(taken, [0, 1, 2], "the others were taken by nobody");
    }

    #[test]
    fn a_queue_without_workers_does_not_hang_the_join() {
        let (queue, tasks) = task_queue();
        queue.put("taken by nobody");
        drop(tasks);
        queue.put("nor this");
        queue.join();
    }

    #[test]
    fn workers_end_when_the_queue_is_closed_and_empty() {
        let (queue, tasks) = task_queue();
        (1..=2).for_each(|number| queue.put(number));
        drop(queue);
        assert_eq!(tasks.iter().map(|task| task.item).collect::<Vec<_>>(), [1, 2]);
    }
}
