//! The parts of item 61 that do no I/O.

pub mod guessing;
