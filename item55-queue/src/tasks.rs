//! A queue that blocks, that knows when all its tasks are done, and that can be closed.

use std::iter;

use crossbeam::channel::{self, Receiver, Sender};
use crossbeam::sync::WaitGroup;

/// Makes a queue: the end to put items in, which can be cloned, and the end to take tasks from,
/// which can be shared by any number of workers.
///
/// It is made of two things that crossbeam has: a channel, which blocks and can be closed, and a
/// [`WaitGroup`], which waits until all its clones have been dropped. Each task carries a clone.
///
/// Python's `Queue` needs calls where this one needs nothing: `task_done()` for each item (a
/// worker that forgets it, or dies before it, hangs the `join()`), and a sentinel object for each
/// worker to say that no more items come. Here both are a value that is dropped, which nobody can
/// forget, and which a panic does, too.
///
/// ```
/// use std::thread;
/// use item55_queue::task_queue;
///
/// let (queue, tasks) = task_queue::<u32>();
/// let worker = thread::spawn(move || tasks.map(|task| task.item.pow(2)).sum::<u32>());
/// for number in 1..=3 {
///     queue.put(number);
/// }
/// queue.join(); // closes the queue, and waits for the three
/// assert_eq!(worker.join().unwrap(), 1 + 4 + 9);
/// ```
pub fn task_queue<T>() -> (TaskQueue<T>, Tasks<T>) {
    let (sender, receiver) = channel::unbounded();
    (TaskQueue { sender, unfinished: WaitGroup::new() }, Tasks { receiver })
}

/// The end of a queue where items are put in. Dropping the last clone closes the queue.
#[derive(Debug)]
pub struct TaskQueue<T> {
    sender: Sender<Task<T>>,
    unfinished: WaitGroup,
}

impl<T> Clone for TaskQueue<T> {
    fn clone(&self) -> Self {
        Self { sender: self.sender.clone(), unfinished: self.unfinished.clone() }
    }
}

impl<T> TaskQueue<T> {
    /// Adds an item. If nobody is left to take it, it is dropped: a queue whose workers have all
    /// died must not hang the one who joins it.
    pub fn put(&self, item: T) {
        let task = Task { item, _unfinished: self.unfinished.clone() };
        // The error would give the task back.
        let _ = self.sender.send(task);
    }

    /// Closes this end and waits until every other clone of it has been dropped and every item
    /// that was put in has been done.
    pub fn join(self) {
        let Self { sender, unfinished } = self;
        drop(sender);
        unfinished.wait();
    }
}

/// An item to work on. It counts as unfinished until it is dropped.
#[derive(Debug)]
pub struct Task<T> {
    /// The item.
    pub item: T,
    _unfinished: WaitGroup,
}

/// The end of a queue where workers take tasks: an iterator that waits for the next one, and ends
/// when the queue is closed and empty.
#[derive(Debug)]
pub struct Tasks<T> {
    receiver: Receiver<Task<T>>,
}

impl<T> Tasks<T> {
    /// An end for each of so many workers, and none for the caller. There is no `clone`, for whoever
    /// kept an end without taking tasks would keep the items alive that dead workers have left, and
    /// hang the join.
    pub fn shared_by(self, workers: usize) -> impl Iterator<Item = Self> {
        iter::repeat_n(self.receiver, workers).map(|receiver| Self { receiver })
    }

    /// How many items wait to be taken: Python's `qsize()`.
    pub fn len(&self) -> usize {
        self.receiver.len()
    }

    /// Whether no item waits to be taken.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T> Iterator for Tasks<T> {
    type Item = Task<T>;

    fn next(&mut self) -> Option<Task<T>> {
        self.receiver.recv().ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
    use std::thread;

    use super::*;

    #[test]
    fn join_returns_when_every_task_is_done_and_not_before() {
        let (queue, tasks) = task_queue();
        let done = AtomicU32::new(0);
        thread::scope(|scope| {
            for tasks in tasks.shared_by(4) {
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
        let (queue, mut tasks) = task_queue();
        queue.put("doomed");
        let worker = thread::spawn(move || {
            let _task = tasks.next();
            // Unwinds like a panic, without the hook's message among the tests' output.
            std::panic::resume_unwind(Box::new("on purpose"));
        });
        queue.join();
        assert!(worker.join().is_err());
    }

    #[test]
    fn workers_that_give_up_leave_nothing_that_hangs_the_join() {
        let (queue, tasks) = task_queue();
        let workers: Vec<_> = tasks
            .shared_by(3)
            .map(|mut tasks| thread::spawn(move || tasks.next().map(|task| task.item)))
            .collect();
        (0..10).for_each(|number| queue.put(number));
        queue.join();
        let mut taken: Vec<_> =
            workers.into_iter().filter_map(|worker| worker.join().unwrap()).collect();
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
        assert!(tasks.is_empty());
        queue.put(1);
        queue.put(2);
        drop(queue);
        assert!(!tasks.is_empty());
        assert_eq!(tasks.map(|task| task.item).collect::<Vec<_>>(), [1, 2]);
    }
}
