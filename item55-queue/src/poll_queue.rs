//! The queue that has to be polled. With `--cfg loom` the same code runs on loom's mutex, which
//! tries every interleaving (`tests/interleavings.rs`).

use std::collections::VecDeque;

#[cfg(loom)]
use loom::sync::Mutex;
#[cfg(not(loom))]
use std::sync::Mutex;

/// The notes' `MyQueue`: a deque and a lock, first in, first out.
///
/// It loses nothing, and yet it is not enough. Whoever finds it empty can only ask again later:
/// often, and burn processor time, or seldom, and be late. A queue that blocks (crossbeam's
/// channels, Python's `Queue`) wakes the one who waits.
///
/// ```
/// let queue = item55_queue::PollQueue::new();
/// queue.put("first");
/// queue.put("second");
/// assert!(!queue.is_empty());
/// assert_eq!(queue.get(), Some("first"));
/// assert_eq!(queue.get(), Some("second"));
/// assert!(queue.is_empty());
/// assert_eq!(queue.get(), None); // Python's popleft raises IndexError here
/// ```
#[derive(Debug)]
pub struct PollQueue<T> {
    items: Mutex<VecDeque<T>>,
}

#[expect(clippy::missing_panics_doc, reason = "no thread panics while it holds the lock")]
impl<T> PollQueue<T> {
    /// An empty queue.
    pub fn new() -> Self {
        Self { items: Mutex::new(VecDeque::new()) }
    }

    /// Adds an item at the end.
    pub fn put(&self, item: T) {
        self.items.lock().expect("no thread panics while it holds the lock").push_back(item);
    }

    /// Takes the first item, if there is one.
    pub fn get(&self) -> Option<T> {
        self.items.lock().expect("no thread panics while it holds the lock").pop_front()
    }

    /// How many items are in the queue now; the next moment it may be another number.
    pub fn len(&self) -> usize {
        self.items.lock().expect("no thread panics while it holds the lock").len()
    }

    /// Whether the queue is empty now.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T> Default for PollQueue<T> {
    fn default() -> Self {
        Self::new()
    }
}
