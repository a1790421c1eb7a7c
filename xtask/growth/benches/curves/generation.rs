//! Items 57 to 60: a generation of the Game of Life, a unit of work for each cell.

use std::time::Duration;

use anyhow::Context;
use common::threads::start_pool;
use common::timing::measure;
use life::calls::SlowCalls;
use life::{Grid, SEED, Size};
use tokio::runtime::Builder;

use crate::calls::AsyncCalls;
use crate::curve::{Curve, Shown, repeated, way};
use crate::workers::with_workers;
use crate::{pool_step, sizes, step, task_step, thread_step};

const LATENCY: Duration = Duration::from_millis(2);

/// As many as the small grid has cells.
const WORKERS: usize = 45;

/// A thread takes four of the 65,530 mappings that Linux gives a process; a thread that has started and finds
/// none left for the stack of its signals aborts the program.
const MOST_THREADS: u64 = 10_000;

pub fn generations() -> Curve {
    let thread = way("a thread each", |cells| {
        let (grid, calls) = (grid(cells), SlowCalls::open(LATENCY)?);
        Ok(repeated(move || thread_step::step(&grid, &calls).map(drop)))
    });
    let queue = way("45 workers", |cells| {
        let (grid, calls) = (grid(cells), SlowCalls::open(LATENCY)?);
        Ok(move |times| {
            with_workers(WORKERS, &calls, step::decide, |jobs| {
                let generations = || (0..times).try_for_each(|_| step::step(&grid, jobs).map(drop));
                let (outcome, elapsed) = measure(generations);
                outcome.map(|()| elapsed)
            })
        })
    });
    let pool = way("a pool of 45", |cells| {
        let (grid, calls, pool) = (grid(cells), SlowCalls::open(LATENCY)?, start_pool(WORKERS)?);
        Ok(repeated(move || Ok(pool_step::step(&grid, &pool, &calls).map(drop)?)))
    });
    let task = way("a task each", |cells| {
        let runtime = Builder::new_current_thread().enable_io().enable_time().build();
        let runtime = runtime.context("cannot start the runtime")?;
        let calls = runtime.block_on(async { AsyncCalls::new(SlowCalls::open(LATENCY)?) })?;
        let grid = grid(cells);
        Ok(repeated(move || runtime.block_on(task_step::step(&grid, &calls)).map(drop)))
    });
    Curve {
        name: "generation",
        says: "items 57, 58, 59, 60: all cells of a grid once, each with a call of 2 ms",
        unit: "cells",
        sizes: sizes(&[45, 1_000, 10_000], &[100_000]),
        shown: Shown::Whole,
        ways: vec![thread.up_to(MOST_THREADS), queue, pool, task],
        note: "By one thread in turn it takes 2 ms for each cell.",
    }
}

fn grid(cells: u64) -> Grid {
    let (rows, columns) = match cells {
        45 => (5, 9),
        1_000 => (25, 40),
        10_000 => (100, 100),
        _ => (250, 400),
    };
    Grid::soup(Size { rows, columns }, SEED)
}
