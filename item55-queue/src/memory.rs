//! What a bound is good for: a queue takes memory for every item that waits in it.

use std::thread;
use std::time::Duration;

use common::threads::{Join, spawn};
use crossbeam::channel::{Receiver, Sender};

/// How many items the producer puts.
pub const ITEMS: usize = 100;

/// How long the queue became while the producer put [`ITEMS`] as fast as it could and the consumer
/// took a millisecond for each.
///
/// ```
/// use crossbeam::channel::bounded;
/// use item55_queue::memory::peak_length;
///
/// assert!(peak_length(bounded(10))? <= 10);
/// # anyhow::Ok(())
/// ```
pub fn peak_length((sender, receiver): (Sender<usize>, Receiver<usize>)) -> anyhow::Result<usize> {
    thread::scope(|scope| {
        let take = |_item| thread::sleep(Duration::from_millis(1));
        let consumer = spawn(scope, "consumer", move || receiver.into_iter().for_each(take))?;
        let mut peak = 0;
        for item in 0..ITEMS {
            sender.send(item)?;
            peak = peak.max(sender.len());
        }
        drop(sender);
        consumer.joined()?;
        Ok(peak)
    })
}
