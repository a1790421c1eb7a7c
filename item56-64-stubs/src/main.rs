//! Lists items 56 to 64, and holds 56 to 60 beside each other.

mod compare;
mod packages;

use std::io;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};
use common::stdout::{print_line, write_json};

use compare::Table;

/// Lists items 56 to 64 and the command that runs each
#[derive(Debug, Parser)]
struct Flags {
    #[command(subcommand)]
    task: Option<Task>,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Run items 56 to 60 and print what they cost beside each other
    Compare {
        /// Print one JSON object, `{"columns":["…"],"rows":[["56","…"]]}`, instead
        #[arg(long)]
        json: bool,

        /// Run nothing: read the items' reports from standard input, one JSON list
        #[arg(long)]
        reports: bool,
    },
}

fn main() -> ExitCode {
    common::program::run(|Flags { task }| {
        match task {
            None => print_line(&packages::list()?.join("\n"))?,
            Some(Task::Compare { json, reports }) => {
                let reports = if reports {
                    serde_json::from_reader(io::stdin()).context("these are no reports")?
                } else {
                    compare::run()?
                };
                let table = Table::of(&reports)?;
                if json { write_json(&table)? } else { print_line(&table.draw())? }
            }
        }
        Ok(())
    })
}
