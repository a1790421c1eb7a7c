//! Item 53: use threads for blocking I/O.
//!
//! Two ways to find the factors of a number: the notes' slow one ([`try_all`]), whose work may be spread
//! over threads ([`in_threads`], [`with_rayon`]), and a better one ([`try_to_square_root`]), which needs no
//! threads. And slow system calls, [`in_a_row`] and [`at_once`].

mod calls;
mod factors;
pub mod proofs;
mod threads;

pub use calls::{COMPUTATIONS, at_once, in_a_row};
pub use factors::{Algorithm, Factored, try_all, try_to_square_root};
pub use threads::{in_one_thread, in_threads, with_rayon};
