//! What a bound is good for: a queue takes memory for every item that waits in it.

use std::thread;
use std::time::Duration;

use common::slow_syscall;
use common::threads::{Join, spawn};
use crossbeam::channel;

/// How many items the producer puts.
pub const ITEMS: usize = 100;

/// How many places the bounded queue has.
pub const CAPACITY: usize = 10;

/// How long the queue became while the producer put [`ITEMS`] as fast as it could and the consumer
/// took a millisecond for each.
///
/// # Errors
///
/// Fails when the system gives no thread, or no socket for the slow system call.
pub fn peak_length(capacity: Option<usize>) -> anyhow::Result<usize> {
    let (sender, receiver) = match capacity {
        Some(capacity) => channel::bounded(capacity),
        None => channel::unbounded(),
    };
    thread::scope(|scope| {
        let consumer = spawn(scope, "the consumer", move || {
            receiver.into_iter().try_for_each(|_item| slow_syscall(Duration::from_millis(1)))
        })?;
        let mut peak = 0;
        for item in 0..ITEMS {
            // It fails if the consumer is gone, which its join will tell.
            let _ = sender.send(item);
            peak = peak.max(sender.len());
        }
        drop(sender);
        consumer.joined()??;
        Ok(peak)
    })
}
