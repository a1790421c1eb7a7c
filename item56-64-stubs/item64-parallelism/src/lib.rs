//! Item 64: consider processes, or in Rust threads, for true parallelism.
//!
//! Ten greatest common divisors, each a lot of work ([`Pair::by_trial`]), in a row and by three kinds
//! of workers ([`in_threads`], [`in_pool`], [`in_processes`]); the [`Child`] that works; and what a message
//! costs on its way to a worker and back ([`trip`]).

pub mod child;
mod gcd;
pub mod proofs;
mod share_out;
pub mod trip;
mod wire;

pub use child::Child;
pub use gcd::{PAIRS, Pair};
pub use share_out::{in_a_row, in_pool, in_processes, in_threads};
