//! Queues that make their users wait: the consumer until there is an item, the producer until there
//! is room.

use std::thread;
use std::time::Duration;

use common::threads::{join_all, spawn};
use common::timeline::{in_lane, span};
use crossbeam::channel;

use crate::proofs::processor_time_of;

/// How long the slow side takes before it comes.
const SLOW: Duration = Duration::from_millis(30);

/// The consumer asks once. It sleeps in the kernel until the producer, which takes its time, has put
/// an item. Returns the processor time that the consumer used meanwhile.
pub fn blocking() -> anyhow::Result<Duration> {
    let (sender, receiver) = channel::unbounded();
    in_lane("consumer", || {
        thread::scope(|scope| {
            let producer = spawn(scope, "producer", || {
                thread::sleep(SLOW);
                span("put", || sender.send("an item"))
            })?;
            let (got, processor) = processor_time_of(|| span("get", || receiver.recv()));
            got?;
            join_all([producer])?;
            Ok(processor)
        })
    })
}

/// One place in the queue: the producer is held up until the consumer, which takes its time, has
/// made its first get.
pub fn bounded() -> anyhow::Result<()> {
    let (sender, receiver) = channel::bounded(1);
    thread::scope(|scope| {
        let consumer = spawn(scope, "consumer", || {
            thread::sleep(SLOW);
            span("get", || receiver.recv())?;
            span("get", || receiver.recv())
        })?;
        in_lane("producer", || {
            span("put", || sender.send("an item"))?;
            span("put", || sender.send("another"))
        })?;
        join_all([consumer]).map(drop)
    })
}
