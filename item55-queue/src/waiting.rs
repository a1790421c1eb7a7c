//! Queues that make their users wait: the consumer until there is an item, the producer until there
//! is room.

use std::thread;
use std::time::Duration;

use anyhow::Context;
use common::slow_syscall;
use common::threads::{Join, spawn};
use common::timeline::Lanes;
use common::timing::{measure, thread_cpu_time};
use crossbeam::channel;

use crate::events::Events;

/// How long the slow side takes before it comes.
const SLOW: Duration = Duration::from_millis(30);

/// What happened around an empty queue.
#[derive(Debug)]
pub struct Blocked {
    /// The events of both sides, as they happened.
    pub order: Vec<&'static str>,
    /// From the consumer's get to its return.
    pub waited: Duration,
    /// The processor time that the consumer used for it.
    pub processor: Duration,
}

/// The consumer asks once. It sleeps in the kernel until the producer, which takes its time, has put
/// an item.
///
/// # Errors
///
/// Fails when the system gives no thread, or no socket for the slow system call.
pub fn blocking(lanes: &Lanes) -> anyhow::Result<Blocked> {
    let events = Events::default();
    let (sender, receiver) = channel::unbounded();
    let (mut consuming, mut producing) = (lanes.lane("consumer"), lanes.lane("producer"));
    let (waited, processor) = thread::scope(|scope| {
        let events = &events;
        // `move`: the producer owns its end. Should it fail, the queue is closed, and no get hangs.
        let producer = spawn(scope, "the producer", move || {
            slow_syscall(SLOW)?;
            events.note("producer put");
            let put = producing.record("put", || sender.send(()));
            events.note("producer done");
            put.context("nobody wants the item")
        })?;
        let processor = thread_cpu_time();
        events.note("consumer ready");
        let (got, waited) = measure(|| consuming.record("get", || receiver.recv()));
        events.note("consumer done");
        let processor = thread_cpu_time() - processor;
        producer.joined()??;
        got.context("there was nothing to get")?;
        anyhow::Ok((waited, processor))
    })?;
    Ok(Blocked { order: events.in_order(), waited, processor })
}

/// What happened around a full queue.
#[derive(Debug)]
pub struct Bounded {
    /// The events of both sides, as they happened.
    pub order: Vec<&'static str>,
    /// How long the second put took.
    pub second_put_waited: Duration,
}

/// One place in the queue: the producer is held up until the consumer, which takes its time, has
/// made its first get.
///
/// # Errors
///
/// Fails when the system gives no thread, or no socket for the slow system call.
pub fn bounded(lanes: &Lanes) -> anyhow::Result<Bounded> {
    let events = Events::default();
    let (sender, receiver) = channel::bounded(1);
    let (mut consuming, mut producing) = (lanes.lane("consumer"), lanes.lane("producer"));
    let second_put_waited = thread::scope(|scope| {
        let events = &events;
        // `move`: the consumer owns its end. Should it fail, the queue is closed, and no put hangs.
        let consumer = spawn(scope, "the consumer", move || {
            slow_syscall(SLOW)?;
            for [begins, done] in [["get 1 begins", "get 1 done"], ["get 2 begins", "get 2 done"]] {
                events.note(begins);
                consuming.record("get", || receiver.recv()).context("there was nothing to get")?;
                events.note(done);
            }
            events.note("consumer done");
            anyhow::Ok(())
        })?;
        // They fail if the consumer is gone, which its join will tell.
        let _ = producing.record("put", || sender.send(()));
        events.note("put 1 done");
        let (_, second_put_waited) = measure(|| producing.record("put", || sender.send(())));
        events.note("put 2 done");
        events.note("producer done");
        consumer.joined()??;
        anyhow::Ok(second_put_waited)
    })?;
    Ok(Bounded { order: events.in_order(), second_put_waited })
}
