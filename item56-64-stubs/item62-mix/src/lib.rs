//! The parts of item 62: following files, their lines, and what must come out of merging them.

pub mod follow;
pub mod lines;
pub mod merge;
