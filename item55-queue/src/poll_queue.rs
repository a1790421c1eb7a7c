//! The queue that has to be polled. With `--cfg loom` the same code runs on loom's mutex, which
//! tries every interleaving (`tests/interleavings.rs`).

use std::collections::VecDeque;

#[cfg(loom)]
use loom::sync::{Mutex, MutexGuard};
#[cfg(not(loom))]
use std::sync::{Mutex, MutexGuard};

/// The notes' `MyQueue`: a deque and a lock, first in, first out.
///
/// It loses nothing, and yet it is not enough. Whoever finds it empty can only ask again later:
/// often, and burn processor time, or seldom, and be late. A queue that blocks (crossbeam's
/// channels, Python's `Queue`) wakes the one who waits.
///
/// ```
/// use item55_queue::PollQueue;
///
/// let queue = PollQueue::default();
/// queue.put(1);
/// queue.put(2);
/// assert_eq!(queue.len(), 2);
/// assert_eq!(queue.get(), Some(1));
/// assert_eq!(queue.get(), Some(2));
/// assert_eq!(queue.get(), None); // Python's popleft raises IndexError here
/// ```
#[derive(Debug, Default)]
pub struct PollQueue<T> {
    items: Mutex<VecDeque<T>>,
}

#[expect(clippy::len_without_is_empty, reason = "nobody asks for it")]
impl<T> PollQueue<T> {
    /// Adds an item at the end.
    pub fn put(&self, item: T) {
        self.lock().push_back(item);
    }

    /// Takes the first item, if there is one.
    pub fn get(&self) -> Option<T> {
        self.lock().pop_front()
    }

    /// How many items are in the queue now; the next moment it may be another number.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<T>> {
        self.items.lock().expect("no thread panics while it holds the lock")
    }
}
