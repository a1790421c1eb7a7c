//! Where results go: a terminal, or a file that is there whole or as it was before.

pub mod outfile;
pub mod screen;
