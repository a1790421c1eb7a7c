//! `cargo xtask compare`: each item in Rust and in Python, by turns, judged by the same table.
//!
//! It measures and tells; it is no gate. A claim that does not hold in Python is a finding, not a
//! failure.

mod interpreter;
mod sheet;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use common::program::duration_within;
use common::report::{Report, StepReport, write_json};
use serde::Serialize;
use serde_json::Value;

use crate::item;
use crate::judge::{Check, Item, Outcome};
use crate::run::{self, Misbehaved, workspace};
use crate::table::Table;
use crate::verify::or_all;

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

/// What came of a claim in all rounds of one program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// It held in each round.
    Holds,
    /// It failed in some round.
    Fails,
    /// This program has no such step or fact: the language has no counterpart.
    NotThere,
    /// The machine could not show it.
    Skipped,
    /// There is no report to judge.
    Unknown,
}

/// The rounds of one program: Rust's, or Python's under one interpreter.
#[derive(Debug, Default)]
pub struct Rounds {
    pub reports: Vec<Report>,
    /// Why a round gave no report; then there are no more.
    pub misbehaved: Option<String>,
}

/// An item, and its rounds in Rust and under each interpreter, in this order.
#[derive(Debug)]
pub struct Compared {
    pub item: &'static Item,
    pub rounds: Vec<Rounds>,
}

/// Runs and tells. The exit code is 0 when everything ran.
pub fn compare(options: &Compare) -> anyhow::Result<ExitCode> {
    let table = Table::new(options.json, false);
    let items = or_all(&options.items);
    let programs = run::build(&items)?;
    let (interpreters, missing) = find(&options.python);
    for complaint in &missing {
        table.line(complaint)?;
    }

    let mut compared = Vec::new();
    for &item in &items {
        let script = script_of(item)?;
        let mut commands =
            vec![(String::from("Rust"), vec![programs[item.package].clone().into()])];
        commands.extend(
            interpreters.iter().map(|python| {
                (python.to_string(), vec![python.path.clone(), script.clone().into()])
            }),
        );
        let rounds = by_turns(&table, item, &commands, options);
        let compared_now = Compared { item, rounds };
        sheet::item(&table, &compared_now, &interpreters)?;
        compared.push(compared_now);
    }
    if options.json {
        write_json(&Told::new(&compared, &interpreters, &missing))?;
    } else {
        sheet::summary(&table, &compared, &interpreters)?;
    }
    let rounds = compared.iter().flat_map(|compared| &compared.rounds);
    let all_ran = missing.is_empty() && rounds.clone().all(|of| of.misbehaved.is_none());
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
fn by_turns(
    table: &Table,
    item: &Item,
    commands: &[(String, Vec<OsString>)],
    options: &Compare,
) -> Vec<Rounds> {
    let mut rounds: Vec<Rounds> = commands.iter().map(|_| Rounds::default()).collect();
    for round in 1..=options.repeat {
        for ((name, command), rounds) in commands.iter().zip(&mut rounds) {
            if rounds.misbehaved.is_some() {
                continue;
            }
            let (number, repeat) = (item.number, options.repeat);
            table.running(&format!("item {number}: {name}, round {round} of {repeat} ..."));
            match run::run(command, number, options.time_limit).report {
                Ok(report) => rounds.reports.push(report),
                Err(Misbehaved(reason)) => rounds.misbehaved = Some(reason),
            }
        }
    }
    rounds
}

impl Rounds {
    /// What came of `check` in all rounds, and what was found: where it failed, if it did.
    pub fn held(&self, check: &Check) -> (Held, String) {
        held(check, self.reports.iter(), self.misbehaved.is_some())
    }

    /// The same of the step that does it in the mended way, where there is one: `race_mended`.
    pub fn held_when_mended(&self, check: &Check) -> Option<(Held, String)> {
        let mended: Vec<Report> =
            self.reports.iter().filter_map(|report| mended(report, check.step())).collect();
        (!mended.is_empty()).then(|| held(check, mended.iter(), false))
    }

    /// The shortest time that any round reported under this name, in the unit of the name.
    pub fn best(&self, (step, name): (&str, &str)) -> Option<f64> {
        let values = self.reports.iter().filter_map(|report| {
            let step = report.step(step)?;
            step.figures.get(name).or_else(|| step.facts.get(name)).and_then(Value::as_f64)
        });
        values.min_by(f64::total_cmp)
    }
}

fn held<'a>(
    check: &Check,
    reports: impl Iterator<Item = &'a Report> + Clone,
    misbehaved: bool,
) -> (Held, String) {
    if misbehaved || reports.clone().next().is_none() {
        return (Held::Unknown, String::new());
    }
    if reports.clone().any(|report| !check.is_in(report)) {
        return (Held::NotThere, String::new());
    }
    let verdicts: Vec<_> = reports.map(|report| check.judge(report)).collect();
    let failed = verdicts.iter().find(|verdict| verdict.outcome == Outcome::Failed);
    let skipped = verdicts.iter().find(|verdict| matches!(verdict.outcome, Outcome::Skipped(_)));
    let (held, verdict) = match (failed, skipped) {
        (Some(verdict), _) => (Held::Fails, verdict),
        (None, Some(verdict)) => (Held::Skipped, verdict),
        (None, None) => (Held::Holds, &verdicts[0]),
    };
    (held, verdict.found.clone())
}

/// The report with the mended step in the place of `step`.
fn mended(report: &Report, step: &str) -> Option<Report> {
    let mended = report.step(&format!("{step}_mended"))?.clone();
    let mut report = report.clone();
    report.steps.retain(|of_report| of_report.name != step);
    report.steps.push(StepReport { name: step.into(), ..mended });
    Some(report)
}

impl Compared {
    /// The times that Rust has measured, as step and name: those that Python may have, too.
    #[expect(clippy::float_cmp, reason = "a flag is the same to the last digit")]
    pub fn times(&self) -> Vec<(&str, &str)> {
        let Some(report) = self.rounds[0].reports.first() else { return Vec::new() };
        let is_time = |name: &str| name.ends_with("_s") || name.ends_with("_ns");
        let steps = report.steps.iter().flat_map(|step| {
            let names = step.figures.iter().chain(step.facts.iter()).map(|(name, _)| name);
            names.map(|name| (step.name.as_str(), name))
        });
        let is_echo = |time: &(&str, &str)| {
            let best: Vec<_> = self.rounds.iter().filter_map(|of| of.best(*time)).collect();
            best.len() > 1 && best.iter().all(|value| *value == best[0])
        };
        // To the last digit the same: no time that was measured, but a flag.
        steps.filter(|time| is_time(time.1) && !is_echo(time)).collect()
    }

    /// How many times longer than Rust the program `index` took.
    pub fn ratio(&self, index: usize, time: (&str, &str)) -> Option<f64> {
        let (rust, other) = (self.rounds[0].best(time)?, self.rounds[index].best(time)?);
        (rust > 0.0).then_some(other / rust)
    }
}

/// What `--json` prints.
#[derive(Serialize)]
struct Told {
    machine: String,
    programs: Vec<String>,
    missing: Vec<String>,
    items: Vec<ToldItem>,
}

#[derive(Serialize)]
struct ToldItem {
    item: u32,
    misbehaved: BTreeMap<String, String>,
    claims: Vec<ToldClaim>,
    times: Vec<ToldTime>,
}

#[derive(Serialize)]
struct ToldClaim {
    claim: &'static str,
    held: BTreeMap<String, Held>,
    found: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct ToldTime {
    step: String,
    name: String,
    best: BTreeMap<String, f64>,
    ratio: BTreeMap<String, f64>,
}

impl Told {
    fn new(compared: &[Compared], interpreters: &[Interpreter], missing: &[String]) -> Self {
        let mut programs = vec![String::from("Rust")];
        programs.extend(interpreters.iter().map(Interpreter::to_string));
        let items = compared.iter().map(|of| ToldItem::new(of, &programs)).collect();
        Self { machine: sheet::machine(), items, missing: missing.to_vec(), programs }
    }
}

impl ToldItem {
    fn new(compared: &Compared, programs: &[String]) -> Self {
        let named = || programs.iter().cloned().zip(&compared.rounds);
        let claim = |check: &Check| {
            let held: Vec<_> = named().map(|(name, of)| (name, of.held(check))).collect();
            ToldClaim {
                claim: check.claim,
                held: held.iter().map(|(name, (held, _))| (name.clone(), held.clone())).collect(),
                found: held.into_iter().map(|(name, (_, found))| (name, found)).collect(),
            }
        };
        let time = |time: (&str, &str)| {
            let best = named().filter_map(|(name, of)| Some((name, of.best(time)?)));
            let ratio = programs.iter().enumerate().skip(1);
            let ratio = ratio
                .filter_map(|(index, name)| Some((name.clone(), compared.ratio(index, time)?)));
            let (step, name) = (time.0.to_owned(), time.1.to_owned());
            ToldTime { step, name, best: best.collect(), ratio: ratio.collect() }
        };
        Self {
            item: compared.item.number,
            misbehaved: named()
                .filter_map(|(name, of)| Some((name, of.misbehaved.clone()?)))
                .collect(),
            claims: compared.item.checks.iter().map(claim).collect(),
            times: compared.times().into_iter().map(time).collect(),
        }
    }
}
