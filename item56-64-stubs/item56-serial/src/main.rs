//! The story of item 56: one thread decides a cell after the other, and each cell waits.

mod cost;
mod step;

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use common::story::Story;
use life::calls::SlowCalls;
use life::proofs::prove;
use life::{Cell, Grid, LifeFlags, in_turn, play, side_by_side};

use cost::without_calls;
use step::step;

/// Item 56: the Game of Life, serial; what waiting costs, and what computing
#[derive(Debug, Parser)]
struct Flags {
    #[command(flatten)]
    life: LifeFlags,
}

fn main() -> ExitCode {
    common::program::run(tell)
}

fn tell(Flags { life }: Flags) -> anyhow::Result<()> {
    let LifeFlags { generations, latency, output } = life;
    let story = Story::begin(56, env!("CARGO_PKG_DESCRIPTION"), output)?;
    story.say("The Game of Life, on a grid without edges. Deciding a cell's next state takes")?;
    story.say("a slow system call, as if the cells were players of a game over a network.")?;

    let serial = story.step("serial", "one thread decides one cell after the other")?;
    let calls = SlowCalls::open(latency)?.in_lanes(|cell| format!("row {}", cell.row));
    let play_all = || play(Grid::glider(), generations, |grid| step(grid, &calls));
    let played = serial.enter(play_all)?;
    for line in side_by_side(&played.grids, 78) {
        story.say(&line)?;
    }
    serial.setting("latency_s", latency);
    let known = calls.notes.so_far();
    let sum = in_turn(Grid::glider().size().cells(), "calls", known.mean_call());
    serial.fact("generation_s", played.generation()).about(&sum);
    serial.fact("calls_at_once", known.most_at_once);
    prove(&serial, &played.grids, generations);
    let look = "a lane is a row of cells; a call begins when the one before it has ended";
    story.picture(look, &[&serial])?;

    let cost = story.step("cost", "where the time went: into waiting, not into computing")?;
    let (computed, computing) = without_calls(generations);
    cost.fact("calls", known.begun);
    cost.fact("elapsed_s", played.elapsed);
    cost.fact("waiting_s", known.waited);
    cost.fact("computing_alone_s", computing);
    prove(&cost, &computed.grids, generations);
    story.say("No call needs another one's answer. Fan-out: begin all of them. Fan-in:")?;
    story.say("wait for the last one. The next generation needs every cell of this one.")?;

    let failure =
        story.step("failure", "the call of a cell is refused: an error like any other")?;
    let (grid, refused) = (Grid::glider(), Cell { row: 2, column: 3 });
    let calls = SlowCalls::open(latency)?.failing_once_at(refused);
    let error = step(&grid, &calls).err().context("no call was refused")?;
    let (Cell { row, column }, columns) = (refused, grid.size().columns);
    let sum = format!("{row} rows × {columns} cells + {column} = {}", row * columns + column);
    failure.fact("error", error.to_string());
    failure.fact("calls_before", calls.notes.so_far().begun - 1).about(&sum);

    Ok(story.finish()?)
}
