//! Item 52: use subprocess to manage child processes.
//!
//! In the order of the notes: [`run_echo`] and [`run_failing`], [`poll`], [`parallel`],
//! [`pipelines`] and the same in [`one_expression`], [`time_out`], [`flood_unread`] and
//! [`flood_read`]. Children are started by [`common::children`], which sees to it that none is left.
//!
//! [`encrypt`] and [`hash`] are what the children of the pipelines do.

mod ciphers;
mod flood;
mod job;
mod life;
mod parallel;
mod pipelines;
mod poll;
pub mod proofs;
mod run;
mod sleep;
mod status;
mod timeout;

pub use ciphers::{Salt, encrypt, hash};
pub use flood::{FLOOD, flood_read, flood_unread};
pub use job::Job;
pub use parallel::{Parallel, parallel};
pub use pipelines::{Pipelines, one_expression, pipelines};
pub use poll::poll;
pub use run::{run_echo, run_failing};
pub use status::exit_status;
pub use timeout::time_out;
