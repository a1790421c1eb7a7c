//! Slow system calls, one after the other and at once.

use std::hint::black_box;
use std::thread;
use std::time::Duration;

use common::slow_syscall;
use common::threads::{join_all, spawn};
use common::timeline::{in_lane, span};

use crate::try_all;

/// How often the main thread computes something while the calls wait.
pub const COMPUTATIONS: u32 = 5;

/// Makes `calls`, each of which takes `latency`, one after the other.
pub fn in_a_row(calls: u16, latency: Duration) -> anyhow::Result<()> {
    for n in 0..calls {
        in_lane(format!("call {n}"), || slow_syscall(latency))?;
    }
    Ok(())
}

/// Makes each call in a thread of its own, and computes something before it waits for them.
pub fn at_once(calls: u16, latency: Duration) -> anyhow::Result<()> {
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for n in 0..calls {
            threads.push(spawn(scope, format!("call {n}"), || slow_syscall(latency))?);
        }
        for _ in 0..COMPUTATIONS {
            // Without black_box the compiler would leave out a computation whose result is not used.
            span("compute", || black_box(try_all(black_box(50_000))));
        }
        join_all(threads).map(drop)
    })
}
