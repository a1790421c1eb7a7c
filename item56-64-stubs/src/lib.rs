//! Items 56–60: Conway's Game of Life, where deciding a cell's next state takes a slow system call.
//!
//! *Fan-out* is handing out the work on the cells of a generation, so that their calls are open at
//! the same time; *fan-in* is waiting until the last of it is done, before the next generation can
//! begin. The five programs differ in how they do the two: each in its `src/step.rs`. What they
//! share is here:
//!
//! - [`Grid`]: the cells, on a torus, and the rule; [`side_by_side`] draws generations.
//! - [`play`]: generation after generation, each by a program's own `step`.
//! - [`in_turn`], [`in_rounds`]: the arithmetic of a generation.
//! - [`calls`]: the slow system call; [`notes`]: what is known of the calls of a run.
//! - [`proofs`]: the same cells decided in another way, so that each program can be compared with
//!   that cell for cell.
//! - [`memory`]: what a thread costs (item 57), beside a task (item 60).
//! - [`does_not_compile`]: what Rust refuses where items 57, 58 and 60 need a scope or an `Arc`.
//!
//! ```
//! use life::{Grid, play, proofs::reference};
//!
//! let step = |grid: &Grid| {
//!     let states = grid.cells().into_iter().map(|cell| grid.next_state(cell));
//!     Ok::<Grid, std::convert::Infallible>(grid.with_states(states.collect()))
//! };
//! let played = play(Grid::glider(), 4, step)?;
//! assert_eq!(played.grids, reference(&Grid::glider(), 4));
//! # Ok::<(), std::convert::Infallible>(())
//! ```

pub mod calls;
pub mod does_not_compile;
mod flags;
mod grid;
pub mod memory;
pub mod notes;
mod play;
pub mod proofs;
mod rounds;
mod screen;
mod size;

pub use flags::LifeFlags;
pub use grid::{Cell, Grid, next_state};
pub use play::{Played, play};
pub use rounds::{in_rounds, in_turn};
pub use screen::side_by_side;
pub use size::Size;

/// The seed of the large grids, so that all programs begin with the same ones.
pub const SEED: u64 = 56;
