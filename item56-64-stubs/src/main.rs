//! Lists the items of this package.

use std::io::{Write, stdout};
use std::process::ExitCode;

use clap::Parser;
use common::report::StdoutFailed;
use item56_64_stubs::ITEMS;

/// Lists items 56 to 64 and the command that runs each
#[derive(Debug, Parser)]
struct Flags {}

fn main() -> ExitCode {
    common::program::run(|Flags {}| {
        for item in ITEMS {
            writeln!(stdout(), "{item}").map_err(StdoutFailed)?;
        }
        Ok(())
    })
}
