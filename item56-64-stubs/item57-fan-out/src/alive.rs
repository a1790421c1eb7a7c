//! Ten thousand threads, all alive at the same time, to see what they cost.

use std::env;
use std::sync::OnceLock;
use std::thread::{self, Builder};

use common::threads::Join;
use crossbeam::sync::WaitGroup;
use life::Grid;
use life::calls::SlowCalls;
use life::memory::Memory;

/// Each thread takes four of the 65,530 memory mappings that Linux gives a process: its stack, its
/// signal stack and a guard page for each. A system that refuses a thread says so and can be told;
/// but the standard library aborts the program when a thread has started and there is no mapping
/// left for its signal stack, which happens at about 16,380 threads.
pub const MOST_THREADS: usize = 12_000;

/// What a thread gets where the environment doesn't ask for more (`RUST_MIN_STACK`). With less than
/// this there would be nothing to see.
fn stack_bytes() -> usize {
    let asked = env::var("RUST_MIN_STACK").ok().and_then(|bytes| bytes.parse().ok());
    asked.unwrap_or(0).max(2 << 20)
}

/// So many threads are let go at a time. Ten thousand that end at once would all queue for the one
/// lock with which the kernel guards the address space; on a busy machine that takes a minute.
const AT_A_TIME: usize = 100;

/// What was found while all threads were alive.
pub struct Alive {
    /// How many threads there were.
    pub started: usize,
    /// Why there were no more, if the system refused one.
    pub refused: Option<String>,
    /// The memory before the first was started.
    pub before: Option<Memory>,
    /// The memory when the last had made its call.
    pub during: Option<Memory>,
}

/// Starts a thread for each cell of `grid`. It makes its call and stays until all have made theirs.
pub fn keep_alive(grid: &Grid, calls: &SlowCalls) -> anyhow::Result<Alive> {
    let all_have_called = WaitGroup::new();
    let may_end: Vec<OnceLock<()>> = vec![OnceLock::new(); grid.size().cells().div_ceil(AT_A_TIME)];
    let stack_bytes = stack_bytes();
    let before = Memory::now();
    thread::scope(|scope| {
        let mut threads = Vec::new();
        let mut refused = None;
        for cell in grid.cells() {
            let has_called = all_have_called.clone();
            let may_end = &may_end[threads.len() / AT_A_TIME];
            let call_and_stay = move || {
                let outcome = calls.call(cell);
                drop(has_called);
                may_end.wait();
                outcome
            };
            match Builder::new().stack_size(stack_bytes).spawn_scoped(scope, call_and_stay) {
                Ok(thread) => threads.push(thread),
                Err(cause) => {
                    refused = Some(cause.to_string());
                    break;
                }
            }
        }
        all_have_called.wait();
        let during = Memory::now();

        let started = threads.len();
        let mut threads = threads.into_iter();
        let mut outcomes = Vec::new();
        for may_end in &may_end {
            // Nobody else sets it.
            let _ = may_end.set(());
            outcomes.extend(threads.by_ref().take(AT_A_TIME).map(Join::joined));
        }
        // Not before all may end: the scope waits for the others.
        for outcome in outcomes {
            outcome??;
        }
        Ok(Alive { started, refused, before, during })
    })
}
