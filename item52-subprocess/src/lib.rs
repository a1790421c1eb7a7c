//! Item 52: use subprocess to manage child processes.
//!
//! In the order of the notes: [`run_echo`] and [`run_failing`], [`poll`], [`parallel`], [`pipelines`],
//! [`time_out`], [`flood_unread`] and [`flood_read`]. Children are started by [`common::children`], which
//! sees to it that none is left. [`proofs`] watches them.
//!
//! [`encrypt`] and [`hash`] are what the children of the pipelines do.

mod ciphers;
mod flood;
mod job;
pub mod parallel;
pub mod pipelines;
mod poll;
pub mod proofs;
mod run;
mod status;
mod timeout;

pub use ciphers::{encrypt, for_each_chunk, hash};
pub use flood::{FLOOD, flood_read, flood_unread};
pub use job::Job;
pub use poll::poll;
pub use run::{run_echo, run_failing};
pub use status::exit_status;
pub use timeout::time_out;
