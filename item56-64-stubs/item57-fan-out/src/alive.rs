//! A thousand threads, all alive at the same time, to see what they cost.

use std::sync::OnceLock;
use std::thread;

use common::threads::join_all;
use crossbeam::sync::WaitGroup;
use life::Grid;
use life::calls::SlowCalls;
use life::memory::Memory;

use crate::refusal::{spawn_with_stack, until_refused};

/// So many threads are let go at a time. Threads that end at once all queue for the one lock with which the
/// kernel guards the address space. On a busy machine ten thousand of them take a minute.
const AT_A_TIME: usize = 100;

/// What was found while all threads were alive.
pub struct Alive {
    /// How many threads there were.
    pub started: usize,
    /// Why there were no more, if the system refused one.
    pub refused: Option<String>,
    /// The memory before the first was started, and when the last had made its call.
    pub memory: [Option<Memory>; 2],
}

/// Starts a thread for each cell of `grid`. Each thread makes its call, and stays until all have made theirs.
pub fn keep_alive(grid: &Grid, calls: &SlowCalls) -> anyhow::Result<Alive> {
    let all_have_called = WaitGroup::new();
    let may_end = vec![OnceLock::new(); grid.size().cells().div_ceil(AT_A_TIME)];
    let before = Memory::now();
    thread::scope(|scope| {
        let threads = grid.cells().into_iter().enumerate().map(|(n, cell)| {
            let (has_called, may_end) = (all_have_called.clone(), &may_end[n / AT_A_TIME]);
            spawn_with_stack(scope, move || {
                let outcome = calls.call(cell);
                drop(has_called);
                may_end.wait();
                outcome
            })
        });
        let (threads, refused) = until_refused(threads);
        all_have_called.wait();
        let found = Alive { started: threads.len(), refused, memory: [before, Memory::now()] };

        // Each is let go, with the others of its hundred, just before it is joined.
        let threads = threads.into_iter().enumerate();
        join_all(threads.map(|(n, thread)| {
            may_end[n / AT_A_TIME].get_or_init(|| ());
            thread
        }))?;
        Ok(found)
    })
}
