//! `cargo xtask`: runs the items and judges what they report.
//!
//! From the top to the bottom; each uses only what stands below it:
//!
//! - `commands`: what a user can ask for, a file or a folder for each. They know nothing of each other.
//! - [`mod@document`]: what a page shows. `comparison`: an item in Rust beside the same item in Python.
//! - [`machine`]: what figures depend on.
//! - [`mod@engine`]: builds the items and runs them.
//! - [`mod@judge`]: the vocabulary of the tables, and what a table says to a report.
//! - [`verdict`]: what came of a check. [`text`], [`mod@output`]: how it is put into lines and files.
//!
//! [`mod@expectations`] holds the tables, one for each item. Nothing above knows them: [`main`] hands them
//! down as a value.

mod commands;
mod comparison;
pub mod document;
pub mod engine;
pub mod expectations;
pub mod judge;
pub mod machine;
pub mod output;
pub mod text;
pub mod verdict;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::commands::{compare, exercise, list, readme, report, trace, verify};
use crate::judge::Item;

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
    Verify(verify::Options),
    /// Run items in Rust and in Python, by turns, and show what differs
    ///
    /// Exit code 0: everything ran; 1: something could not; 2: wrong usage.
    Compare(compare::Options),
    /// Run items, judge them, and write a page about all of it
    ///
    /// It measures and shows, it is no gate. Exit code 0: the page is written and, with --open, shown;
    /// 1: it could not be; 2: wrong usage.
    Report(report::Options),
    /// Run items and write who ran when, for ui.perfetto.dev
    ///
    /// A process for each step, a thread for each lane (Trace Event format). Exit code 0: it is
    /// written; 1: an item did not run, or it could not be; 2: wrong usage.
    Trace(trace::Options),
    /// Write the heart of an item yourself, and have it judged
    ///
    /// Without a name, it lists the exercises. Exit code 0: it is done, and with --check: solved;
    /// 1: it is not; 2: wrong usage.
    #[command(disable_help_flag = true)]
    Exercise(exercise::Options),
    /// List the items and the command that runs each
    List,
    /// Compare what the READMEs show with what the commands print now, and with the code
    ///
    /// Figures may differ, words may not; code must stand in the file that it names. Exit code 0:
    /// all are the same; 1: some have changed.
    Readme(readme::Options),
}

/// Runs the command line with these items.
#[expect(clippy::needless_pass_by_value, reason = "the catalogue is this program's own")]
pub fn main(catalogue: Vec<Item>) -> ExitCode {
    common::program::run(|cli: Cli| match cli.task {
        Task::Verify(options) => verify::verify(&options, &catalogue),
        Task::Compare(options) => compare::compare(&options, &catalogue),
        Task::Report(options) => report::report(&options, &catalogue),
        Task::Trace(options) => trace::trace(&options, &catalogue),
        Task::Exercise(options) => exercise::exercise(&options),
        Task::List => list::list(&catalogue),
        Task::Readme(options) => readme::readme(&options, &catalogue),
    })
}
