//! `cargo xtask`: runs the items and judges what they report.
//!
//! - [`mod@expectations`]: a table for each item of everything that is checked.
//! - [`mod@judge`]: what the words of those tables mean.
//! - `verify`: runs items side by side and judges them.
//! - `compare`: runs items in Rust and in Python and shows what differs.
//! - `run`: how the items are built and run; `leftovers`: what they leave behind.
//! - `table`: how the results are shown.
//! - [`mod@document`]: all of it as one document; `report` lets the package `page` make a page of it.
//! - `trace`: who ran when, for the tools that show traces.
//! - `readme`: whether the READMEs still show what the items print, and the code that is there.

mod compare;
pub mod document;
pub mod expectations;
pub mod judge;
mod leftovers;
pub mod machine;
mod outfile;
mod packages;
mod readme;
mod report;
mod run;
mod sources;
mod table;
mod trace;
mod verify;

pub use table::clean;

use std::process::ExitCode;
use std::sync::OnceLock;

use anyhow::Context;
use clap::{Parser, Subcommand};

use crate::compare::{Compare, compare};
use crate::judge::Item;
use crate::packages::Packages;
use crate::report::report;
use crate::table::Table;
use crate::trace::{Trace, trace};
use crate::verify::{Verify, verify};

/// Runs the items of the chapter and judges what they report
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Run items and hold their reports against the chapter's claims
    ///
    /// Exit code 0: all checks passed; 1: a check failed; 2: wrong usage.
    Verify(Verify),
    /// Run items in Rust and in Python, by turns, and show what differs
    ///
    /// Exit code 0: everything ran; 1: something could not; 2: wrong usage.
    Compare(Compare),
    /// Run items, judge them, and write a page about all of it
    ///
    /// It measures and shows, it is no gate. Exit code 0: the page is written; 1: it could not be; 2:
    /// wrong usage.
    Report(report::Options),
    /// Run items and write who ran when, for ui.perfetto.dev
    ///
    /// A process for each step, a thread for each lane (Trace Event format). Exit code 0: it is
    /// written; 1: an item did not run, or it could not be; 2: wrong usage.
    Trace(Trace),
    /// List the items and the command that runs each
    List,
    /// Compare what the READMEs show with what the commands print now, and with the code
    ///
    /// Figures may differ, words may not; code must stand in the file that it names. Exit code 0:
    /// all are the same; 1: some have changed.
    Readme {
        /// Whose READMEs, by number (default: all)
        #[arg(value_name = "ITEM", value_parser = item)]
        items: Vec<&'static Item>,

        /// Replace the output instead
        #[arg(long)]
        write: bool,
    },
}

static ITEMS: OnceLock<Vec<Item>> = OnceLock::new();

/// Runs the command line with these items.
pub fn main(items: Vec<Item>) -> ExitCode {
    ITEMS.get_or_init(|| items);
    common::program::run(|cli: Cli| match cli.task {
        Task::Verify(options) => verify(&options),
        Task::Compare(options) => compare(&options),
        Task::Report(options) => report(&options),
        Task::Trace(options) => trace(&options),
        Task::List => list(),
        Task::Readme { items, write } => readme(&items, write),
    })
}

fn items() -> &'static [Item] {
    ITEMS.get().map_or(&[], Vec::as_slice)
}

/// Parses the number of an item.
fn item(number: &str) -> Result<&'static Item, String> {
    let known = || items().iter().map(|item| item.number.to_string());
    items()
        .iter()
        .find(|item| item.number.to_string() == number)
        .ok_or_else(|| format!("the items are {}", known().collect::<Vec<_>>().join(", ")))
}

fn list() -> anyhow::Result<ExitCode> {
    let table = Table::new(false, false);
    let packages = Packages::ask()?;
    for item in items() {
        let title = packages.title(item).with_context(|| format!("no package {}", item.package))?;
        table.line(&format!("{}  {title}\n    cargo run -p {}", item.number, item.package))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn readme(items: &[&Item], write: bool) -> anyhow::Result<ExitCode> {
    let table = Table::new(false, false);
    let mut is_well = true;
    for change in readme::refresh(items, write)? {
        is_well &= change.is_mended();
        table.line(&change.to_string())?;
    }
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
