//! The story of item 56: one thread decides a cell after the other, and each cell waits.

use std::convert::Infallible;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use common::report::Story;
use common::timing::{measure, process_cpu_time};
use life::calls::{CellFailed, SlowCalls, by_row};
use life::{Cell, Grid};

/// Item 56: the Game of Life, serial; what waiting costs, and what computing
#[derive(Debug, Parser)]
struct Flags {
    #[command(flatten)]
    life: life::LifeFlags,
}

fn main() -> ExitCode {
    common::program::run(tell)
}

fn tell(
    Flags { life: life::LifeFlags { generations, latency, output } }: Flags,
) -> anyhow::Result<()> {
    let title = "Know How to Recognize When Concurrency Is Necessary";
    let mut story = Story::begin(56, title, output)?;
    story.say("The Game of Life on a torus. Deciding a cell's next state takes a slow")?;
    story.say("system call, as if the cells were players of a game over the network.")?;

    story.step("serial", "one thread decides one cell after the other")?;
    let calls = SlowCalls::open(latency)?.noted(by_row);
    let processor_before = process_cpu_time();
    let (grids, elapsed) = measure(|| play(generations, |grid| step(grid, &calls)));
    let grids = grids?;
    let processor = process_cpu_time() - processor_before;
    let waiting = calls.notes.record_in(&story.timeline, "serial");
    for line in life::side_by_side(&grids, 78) {
        story.say(&line)?;
    }
    life::tell_run(&mut story, &grids, elapsed, &calls.notes)?;

    story.step("cost", "where the time went: into waiting, not into computing")?;
    story.fact("calls", calls.notes.begun())?;
    story.time("elapsed", elapsed)?;
    story.time("waiting", waiting)?;
    story.fact("waiting_share", waiting.as_secs_f64() / elapsed.as_secs_f64())?;
    story.time("processor", processor)?;
    let no_calls = |grid: &Grid| Ok::<_, Infallible>(next_generation(grid));
    let (Ok(computed), computing) = measure(|| play(generations, no_calls));
    story.time("computing_alone", computing)?;
    story.fact("computed_digest", life::digest(&computed))?;
    story.say("The calls do not need each other. Fan-out: begin them all. Fan-in: wait")?;
    story.say("for the last one, for the next generation needs every cell of this one.")?;

    story.step("failure", "the call of cell 2,3 is refused: an error like any other")?;
    let calls = SlowCalls::open(latency)?.failing_once_at(Cell { row: 2, column: 3 });
    let error = step(&Grid::glider(), &calls).err().context("no call was refused")?;
    story.fact("error", error.to_string())?;
    story.fact("calls_before", calls.notes.begun() - 1)?;

    story.finish(&[&["serial"]])?;
    Ok(())
}

fn play<E>(generations: u16, step: impl FnMut(&Grid) -> Result<Grid, E>) -> Result<Vec<Grid>, E> {
    life::generations(Grid::glider(), generations.into(), step)
}

/// The same without system calls.
fn next_generation(grid: &Grid) -> Grid {
    grid.with_states(grid.cells().into_iter().map(|cell| grid.next_state(cell)).collect())
}

/// One generation, one cell after the other.
fn step(grid: &Grid, calls: &SlowCalls) -> Result<Grid, CellFailed> {
    let mut states = Vec::new();
    for cell in grid.cells() {
        calls.call(cell)?;
        states.push(grid.next_state(cell));
    }
    Ok(grid.with_states(states))
}
