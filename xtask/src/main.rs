//! `cargo xtask`, with the tables of the chapter's items.

use std::process::ExitCode;

fn main() -> ExitCode {
    xtask::main(xtask::expectations::items())
}
