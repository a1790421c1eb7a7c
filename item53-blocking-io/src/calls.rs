//! Slow system calls, one after the other and at once.

use std::hint::black_box;
use std::thread;
use std::time::Duration;

use common::slow_syscall;
use common::threads::{Join, spawn};
use common::timeline::Lanes;

use crate::try_all;

/// The lane of the main thread.
pub const MAIN: &str = "main thread";

/// How often the main thread computes something while the calls wait.
pub const COMPUTATIONS: u32 = 5;

/// Makes `calls`, each of which takes `latency`, one after the other.
///
/// # Errors
///
/// Fails when the system gives no socket to wait for.
pub fn in_a_row(lanes: &Lanes, calls: u16, latency: Duration) -> anyhow::Result<()> {
    for call in 0..calls {
        lanes.lane(format!("call {call}")).record("wait", || slow_syscall(latency))?;
    }
    Ok(())
}

/// Makes each call in a thread of its own, and computes something before it waits for them.
///
/// # Errors
///
/// Fails when the system does not give so many threads, or sockets.
pub fn at_once(lanes: &Lanes, calls: u16, latency: Duration) -> anyhow::Result<()> {
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for call in 0..calls {
            let mut lane = lanes.lane(format!("call {call}"));
            let wait = move || lane.record("wait", || slow_syscall(latency));
            threads.push(spawn(scope, &format!("a thread for call {call}"), wait)?);
        }

        let mut main = lanes.lane(MAIN);
        for _ in 0..COMPUTATIONS {
            // Without black_box the compiler would leave out what nobody needs.
            main.record("compute", || black_box(try_all(black_box(50_000))));
        }

        for thread in threads {
            thread.joined()??;
        }
        Ok(())
    })
}
