//! `cargo xtask`: runs the items and judges what they report.
//!
//! - [`mod@expectations`]: the table of everything that is checked.
//! - [`mod@judge`]: what the words of that table mean.
//! - [`mod@run`]: how the items are built and run.
//! - [`mod@table`]: how the results are shown.
//! - [`mod@readme`]: whether the READMEs still show what the items print.

mod expectations;
mod judge;
mod readme;
mod run;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};
use common::program::{duration, on_termination};

use crate::expectations::{ITEMS, Item, Load};
use crate::judge::{Outcome, Verdict};
use crate::run::{Finished, Groups, Misbehaved};
use crate::table::{Row, Table};

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
    /// List the items and the command that runs each
    List,
    /// Compare the output that the READMEs show with what the commands print now
    ///
    /// Figures may differ, words may not. Exit code 0: all are the same; 1: some have changed.
    Readme {
        /// Replace the output instead
        #[arg(long)]
        write: bool,
    },
}

#[derive(Debug, clap::Args)]
struct Verify {
    /// Which items to run, by number (default: all)
    #[arg(value_name = "ITEM", value_parser = item)]
    items: Vec<&'static Item>,

    /// Print one JSON object instead of the table
    #[arg(long)]
    json: bool,

    /// How many times to run them all
    #[arg(long, value_name = "N", default_value_t = 1)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,

    /// How long one item may take; then it is ended, and fails
    #[arg(long, value_name = "DURATION", default_value = "120s", value_parser = duration)]
    time_limit: Duration,

    /// Judge the report of this program (one that takes --json) instead of the item's own
    #[arg(long, value_name = "PATH")]
    program: Option<PathBuf>,
}

fn main() -> ExitCode {
    common::program::run(|cli: Cli| match cli.task {
        Task::Verify(options) => verify(&options),
        Task::List => list(),
        Task::Readme { write } => readme(write),
    })
}

/// Parses the number of an item.
fn item(number: &str) -> Result<&'static Item, String> {
    let known = || ITEMS.iter().map(|item| item.number.to_string());
    ITEMS
        .iter()
        .find(|item| item.number.to_string() == number)
        .ok_or_else(|| format!("the items are {}", known().collect::<Vec<_>>().join(", ")))
}

fn list() -> anyhow::Result<ExitCode> {
    let table = Table::new(false);
    for item in ITEMS {
        table.line(&format!("{}  {}", item.number, item.title))?;
        table.line(&format!("    {}", item.command()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn readme(write: bool) -> anyhow::Result<ExitCode> {
    let table = Table::new(false);
    let changed = readme::refresh(write)?;
    for command in &changed {
        table.line(&format!("{} {command}", if write { "rewritten" } else { "changed" }))?;
    }
    Ok(if changed.is_empty() || write { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn verify(options: &Verify) -> anyhow::Result<ExitCode> {
    let items: Vec<&Item> =
        if options.items.is_empty() { ITEMS.iter().collect() } else { options.items.clone() };
    let programs = match &options.program {
        None => run::build(&items)?,
        Some(path) if items.len() == 1 => {
            [(items[0].package.to_owned(), path.clone())].into_iter().collect()
        }
        Some(_) => {
            let message = "--program goes with one ITEM";
            return Err(Cli::command().error(ErrorKind::ArgumentConflict, message).into());
        }
    };

    let groups = Arc::new(Groups::default());
    let _signals = on_termination({
        let groups = Arc::clone(&groups);
        // The signal ends this program next; until then, nothing new may start.
        move || std::mem::forget(groups.end_all())
    })?;
    let run_one = |item: &'static Item| {
        let program = &programs[item.package];
        run::run(program, item.number, options.time_limit, &groups)
    };

    let mut table = Table::new(options.json);
    for round in 1..=options.repeat {
        if options.repeat > 1 {
            table.line(&format!("Round {round} of {}", options.repeat))?;
        }
        for group in groups_of(&items) {
            let (sender, finished) = mpsc::channel();
            thread::scope(|scope| -> anyhow::Result<()> {
                for item in group {
                    let (sender, run_one) = (sender.clone(), &run_one);
                    thread::Builder::new()
                        // Fails when nobody listens any more: stdout is closed.
                        .spawn_scoped(scope, move || drop(sender.send((item, run_one(item)))))
                        .context("cannot start a thread to watch an item")?;
                }
                drop(sender);
                finished.into_iter().try_for_each(|(item, finished)| {
                    table.item(item, finished.elapsed, rows(item, &finished))
                })
            })?;
        }
    }
    table.finish()
}

/// What runs side by side: first each item that computes has the machine to itself, then those
/// that wait may do so together.
fn groups_of(items: &[&'static Item]) -> Vec<Vec<&'static Item>> {
    let (waiting, computing): (Vec<&Item>, Vec<&Item>) =
        items.iter().partition(|item| item.load == Load::Waits);
    computing.into_iter().map(|item| vec![item]).chain([waiting]).collect()
}

/// Judges how an item ran and, if there is a report, what it says.
fn rows(item: &'static Item, finished: &Finished) -> Vec<Row> {
    let judged = |passed: bool| if passed { Outcome::Passed } else { Outcome::Failed };
    let runs = |found: &str, passed| Row {
        check: "it runs and reports",
        verdict: Verdict {
            expected: "a report".into(),
            found: found.into(),
            outcome: judged(passed),
        },
        source: "the contract of an item",
        notes: "",
    };
    let leaves_nothing = Row {
        check: "it leaves nothing running",
        verdict: Verdict {
            expected: "nothing".into(),
            found: if finished.left_behind { "a child" } else { "nothing" }.into(),
            outcome: judged(!finished.left_behind),
        },
        source: "the contract of an item",
        notes: "",
    };
    match &finished.report {
        Err(Misbehaved(reason)) => vec![runs(reason, false), leaves_nothing],
        Ok(report) => [runs("a report", true), leaves_nothing]
            .into_iter()
            .chain(item.checks.iter().map(|check| Row {
                check: check.claim,
                verdict: check.judge(report),
                source: check.source,
                notes: check.notes,
            }))
            .collect(),
    }
}
