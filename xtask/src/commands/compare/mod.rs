//! `cargo xtask compare`: each item in Rust and in Python, by turns, judged by the same table.
//!
//! It measures and tells; it is no gate. A claim that does not hold in Python is a finding, not a
//! failure.

mod json;
mod layout;
mod sheet;

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use common::program::{complain, duration_within};
use common::stdout::write_json;

use super::selection::select;
use crate::comparison::Comparison;
use crate::comparison::interpreters::Interpreters;
use crate::engine::cargo::Workspace;
use crate::judge::Item;
use crate::output::screen::Screen;
use sheet::Sheet;

#[derive(Debug, clap::Args)]
pub struct Options {
    /// Which items to run, by number (default: all)
    #[arg(value_name = "ITEM")]
    items: Vec<String>,

    /// A Python interpreter; may be given several times; `all` finds those on the PATH and pyenv's
    #[arg(long, value_name = "PATH", default_value = "python3")]
    python: Vec<OsString>,

    /// How many times to run each; the best figures count (of ratios and counts the middle
    /// ones), and a claim must hold every time
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
pub fn compare(options: &Options, catalogue: &[Item]) -> anyhow::Result<ExitCode> {
    let items = select(catalogue, &options.items)?;
    let screen = Screen::new(options.json);
    screen.progress("asking the interpreters ...");
    let interpreters = Interpreters::find(&options.python);
    screen.progress("");
    if interpreters.usable().next().is_none() {
        let missing = interpreters.missing().map(ToString::to_string);
        let reasons: Vec<String> = missing.chain(interpreters.left_out()).collect();
        bail!("no Python to compare with: {}", reasons.join("; "));
    }
    let workspace = Workspace::here()?;
    let packages: Vec<&str> = items.iter().map(|item| item.package).collect();
    let built = workspace.build(&packages)?;
    interpreters.missing().for_each(|missing| complain(&format!("not compared: {missing}")));
    if let Some(line) = interpreters.left_out() {
        screen.line(&line)?;
    }
    let Options { repeat, time_limit, .. } = *options;
    let sheet = Sheet { screen: &screen, interpreters: &interpreters, repeat };

    let mut compared = Vec::new();
    for item in items {
        let script = workspace.script(item)?;
        let commands = interpreters.commands(&built[item.package], Some(&script));
        let tell = |name: &str, round| {
            let number = item.number;
            screen.progress(&format!("item {number}: {name}, round {round} of {repeat} ..."));
        };
        let comparison = Comparison::by_turns(item, &commands, repeat, time_limit, tell);
        sheet.item(&comparison)?;
        compared.push(comparison);
    }
    if options.json {
        write_json(&json::json_of(&compared, &interpreters, repeat))?;
    } else {
        sheet.summary(&compared)?;
    }
    let mut rounds = compared.iter().flat_map(|comparison| comparison.rounds.iter());
    let all_ran =
        interpreters.missing().next().is_none() && rounds.all(|of| of.misbehaved().is_none());
    Ok(if all_ran { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
