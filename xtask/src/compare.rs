//! `cargo xtask compare`: each item in Rust and in Python, by turns, judged by the same table.
//!
//! It measures and tells; it is no gate. A claim that does not hold in Python is a finding, not a
//! failure.

mod interpreter;
mod layout;
mod rounds;
mod sheet;
mod told;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use common::program::duration_within;
use common::stdout::write_json;

use crate::item;
use crate::judge::Item;
use crate::run::{self, Misbehaved, workspace};
use crate::table::Table;
use crate::verify::or_all;

use rounds::{Compared, Rounds};
use sheet::Sheet;
use told::Told;

pub use interpreter::{Interpreter, find};

#[derive(Debug, clap::Args)]
pub struct Compare {
    /// Which items to run, by number (default: all)
    #[arg(value_name = "ITEM", value_parser = item)]
    items: Vec<&'static Item>,

    /// A Python interpreter; may be given several times; `all` finds those on the PATH and pyenv's
    #[arg(long, value_name = "PATH", default_value = "python3")]
    python: Vec<OsString>,

    /// How many times to run each; the best figures count, and a claim must hold every time
    #[arg(long, value_name = "N", default_value_t = 3)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1000))]
    repeat: u32,

    /// How long one program may take; then it is ended
    #[arg(long, value_name = "DURATION", default_value = "120s")]
    #[arg(value_parser = duration_within("10ms", "1day"))]
    time_limit: Duration,

    /// Print one JSON object instead of the tables
    #[arg(long)]
    json: bool,
}

/// Runs and tells. The exit code is 0 when everything ran.
pub fn compare(options: &Compare) -> anyhow::Result<ExitCode> {
    let table = Table::new(options.json, false);
    let items = or_all(&options.items);
    let built = run::build(&items)?;
    table.running("asking the interpreters ...");
    let found = find(&options.python);
    for missing in found.missing() {
        table.line(&missing.to_string())?;
    }
    if let Some(line) = found.left_out() {
        table.line(&line)?;
    }
    let interpreters = found.asked.iter().map(|asked| match asked {
        Ok(python) => python.to_string(),
        Err(missing) => missing.path.clone(),
    });
    let programs: Vec<String> = [String::from("Rust")].into_iter().chain(interpreters).collect();
    let sheet = Sheet { table: &table, programs: &programs, found: &found, repeat: options.repeat };

    let mut compared = Vec::new();
    for &item in &items {
        let script = script_of(item)?;
        let rust = vec![built[item.package].clone().into()];
        let in_python = |python: &Interpreter| vec![python.path.clone(), script.clone().into()];
        let pythons = found.asked.iter().map(|asked| asked.as_ref().ok().map(in_python));
        let commands: Vec<_> = [Some(rust)].into_iter().chain(pythons).collect();
        let rounds = by_turns(&sheet, item, &commands, options.time_limit);
        let compared_now = Compared { item, rounds };
        sheet.item(&compared_now)?;
        compared.push(compared_now);
    }
    if options.json {
        write_json(&Told::new(&compared, &programs, &found, options.repeat))?;
    } else {
        sheet.summary(&compared)?;
    }
    let mut rounds = compared.iter().flat_map(|compared| &compared.rounds);
    let all_ran = found.missing().next().is_none() && rounds.all(|of| of.misbehaved.is_none());
    Ok(if all_ran { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The item's program in Python: beside the manifest of its package.
pub fn script_of(item: &Item) -> anyhow::Result<PathBuf> {
    let root = workspace()?;
    let folders = ["", "item56-64-stubs"].map(|street| root.join(street).join(item.package));
    let [_, of_street] = &folders;
    let folder = folders.iter().find(|folder| folder.is_dir()).unwrap_or(of_street);
    Ok(folder.join("in_python.py"))
}

/// One round of each program after the other, so that a busy moment of the machine meets all alike.
/// Of an interpreter that can't be used there are none.
fn by_turns(
    sheet: &Sheet,
    item: &Item,
    commands: &[Option<Vec<OsString>>],
    limit: Duration,
) -> Vec<Rounds> {
    let Sheet { table, programs, repeat, .. } = sheet;
    let mut rounds: Vec<Rounds> = commands.iter().map(|_| Rounds::default()).collect();
    for round in 1..=*repeat {
        for ((name, command), rounds) in programs.iter().zip(commands).zip(&mut rounds) {
            let Some(command) = command.as_ref().filter(|_| rounds.misbehaved.is_none()) else {
                continue;
            };
            let number = item.number;
            table.running(&format!("item {number}: {name}, round {round} of {repeat} ..."));
            match run::run(command, number, limit).report {
                Ok(report) => rounds.reports.push(report),
                Err(Misbehaved(reason)) => rounds.misbehaved = Some(reason),
            }
        }
    }
    rounds
}
