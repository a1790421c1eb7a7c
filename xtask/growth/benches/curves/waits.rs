//! `common`: what the slow system call takes beyond its latency, and what recording a span costs.

use std::hint::black_box;
use std::net::{Ipv4Addr, UdpSocket};
use std::thread;
use std::time::Duration;

use common::slow_syscall;
use common::threads::{join_all, spawn};
use common::timeline::{Lanes, span};
use common::timing::{measure, thread_cpu_time};

use crate::curve::{Curve, Shown, way};
use crate::sizes;

pub fn slow_calls() -> Curve {
    let ours = way("slow_syscall", |us| Ok(beyond(us, |latency| Ok(slow_syscall(latency)?))));
    let sleep = way("thread::sleep", |us| {
        Ok(beyond(us, |latency| {
            thread::sleep(latency);
            Ok(())
        }))
    });
    let receive = way("receive timeout", |us| {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_read_timeout(Some(Duration::from_micros(us)))?;
        Ok(beyond(us, move |_| {
            // It fails: nobody sends.
            let _ = socket.recv(&mut [0]);
            Ok(())
        }))
    });
    Curve {
        name: "wait",
        says: "common: what a wait takes beyond its latency",
        unit: "latency, µs",
        sizes: sizes(&[100, 1_000, 10_000, 100_000], &[]),
        shown: Shown::Whole,
        ways: vec![ours, sleep, receive],
        note: "The slow system call opens a socket of its own each time.",
    }
}

/// The time beyond the latency, of so many waits.
fn beyond(
    us: u64,
    mut wait: impl FnMut(Duration) -> anyhow::Result<()>,
) -> impl FnMut(u64) -> anyhow::Result<Duration> {
    let latency = Duration::from_micros(us);
    move |times| {
        let mut sum = Duration::ZERO;
        for _ in 0..times {
            let (outcome, elapsed) = measure(|| wait(latency));
            outcome?;
            sum += elapsed.saturating_sub(latency);
        }
        // A chart with a logarithmic axis has no place for zero.
        Ok(sum.max(Duration::from_nanos(1)))
    }
}

/// So many spans go into lanes of their own, which are dropped then: their memory is not to grow for ever.
const AT_A_TIME: u64 = 100_000;

/// So many spans are a repetition.
const SPANS: u64 = 1_000;

pub fn spans() -> Curve {
    let work = || black_box(());
    let recorded = way("in a step", move |threads| {
        Ok(move |times| in_threads(threads, times, true, || span("work", work)))
    });
    let outside = way("outside a step", move |threads| {
        Ok(move |times| in_threads(threads, times, false, || span("work", work)))
    });
    let bare = way("the bare work", move |threads| {
        Ok(move |times| in_threads(threads, times, false, work))
    });
    Curve {
        name: "span",
        says: "common: the processor time that a thread uses for a span around no work",
        unit: "threads",
        sizes: sizes(&[1, 2, 4, 8], &[]),
        shown: Shown::Each(|_| SPANS),
        ways: vec![recorded, outside, bare],
        note: "Goal: in a step 75 ns or less beyond the bare work, with 8 threads as with 1.",
    }
}

/// The processor time of a thread, the mean of all.
fn in_threads(
    threads: u64,
    times: u64,
    in_a_step: bool,
    work: impl Fn() + Sync,
) -> anyhow::Result<Duration> {
    let (mut left, mut sum) = (times * SPANS, Duration::ZERO);
    while left > 0 {
        let spans = left.min(AT_A_TIME);
        left -= spans;
        let run = || in_threads_once(threads, spans, &work);
        sum += if in_a_step { Lanes::new().enter("main", run) } else { run() }?;
    }
    Ok(sum / u32::try_from(threads)?)
}

fn in_threads_once(
    threads: u64,
    spans: u64,
    work: &(impl Fn() + Sync),
) -> anyhow::Result<Duration> {
    let timed = || {
        let before = thread_cpu_time();
        (0..spans).for_each(|_| work());
        anyhow::Ok(thread_cpu_time() - before)
    };
    let all = thread::scope(|scope| {
        let started = (0..threads).map(|n| spawn(scope, format!("thread {n}"), timed));
        join_all(started.collect::<anyhow::Result<Vec<_>>>()?)
    })?;
    Ok(all.into_iter().sum())
}
