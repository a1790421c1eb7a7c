//! Lists items 56 to 64, and holds 56 to 60 beside each other.

mod compare;
mod packages;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use common::stdout::print_line;

/// Lists items 56 to 64 and the command that runs each
#[derive(Debug, Parser)]
struct Flags {
    #[command(subcommand)]
    task: Option<Task>,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Run items 56 to 60 and print what they cost beside each other
    Compare,
}

fn main() -> ExitCode {
    common::program::run(|Flags { task }| {
        let lines = match task {
            None => packages::list()?,
            Some(Task::Compare) => compare::table()?,
        };
        Ok(print_line(&lines.join("\n"))?)
    })
}
