//! `cargo xtask verify`: runs items side by side, judges them, and prints the verdicts as they come.

use std::io::{Write, stderr};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use common::ending::clean_up;
use common::stdout::{StdoutFailed, write_json};
use common::threads::lock;
use common::unit::show_time;
use common::wrap;
use serde_json::{Value, json};

use super::selection::Programs;
use crate::engine::groups::{Event, order, run_all, side_by_side};
use crate::judge::{COLUMN, Check, Item, Run};
use crate::output::screen::{ASIDE, Screen, TITLE, word};
use crate::text::{clean, columns, short};
use crate::verdict::{Judgement, Outcome, Sum};

#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    programs: Programs,

    /// Print one JSON object instead of the table
    #[arg(long)]
    json: bool,

    /// Say of each check which facts of which step it looks at, and why it must hold
    #[arg(long)]
    explain: bool,

    /// How many times to run them all
    #[arg(long, value_name = "N", default_value_t = 1)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
}

/// Runs and judges; the exit code says whether all checks passed.
pub fn verify(options: &Options, catalogue: &[Item]) -> anyhow::Result<ExitCode> {
    let items = options.programs.select(catalogue)?;
    let built = options.programs.build(&items)?;
    let mut table = Table {
        screen: Screen::new(options.json),
        explain: options.explain,
        sum: Arc::default(),
        checks: Vec::new(),
    };
    let (sum, screen) = (Arc::clone(&table.sum), Screen::new(options.json));
    let tell = move || {
        let Sum { passed, failed, .. } = *lock(&sum);
        screen.progress("");
        // Not `complain`, which waits for the end, and this is it.
        let _ = writeln!(stderr(), "so far: {passed} passed, {failed} failed");
    };
    let _told = (options.repeat > 1).then(|| clean_up(tell)).transpose()?;
    let groups = side_by_side(&items);
    if let Some(order) = order(&groups) {
        table.screen.line(&wrap(&order, table.screen.width).join("\n"))?;
    }
    for round in 1..=options.repeat {
        if options.repeat > 1 {
            table.screen.line(&format!("Round {round} of {}", options.repeat))?;
        }
        let run = |item: &Item| options.programs.run(item, &built);
        run_all(&groups, run, |event| {
            match event {
                Event::Progress(line) => table.screen.progress(&line),
                Event::Ended(item, run) => table.item(item, &run)?,
            }
            Ok(())
        })?;
    }
    table.finish(options.json)
}

/// Prints the results as they come in and counts them.
struct Table {
    screen: Screen,
    explain: bool,
    /// Shared with the clean-up that tells it when a signal ends the repetition.
    sum: Arc<Mutex<Sum>>,
    /// What `--json` prints of them.
    checks: Vec<Value>,
}

impl Table {
    fn item(&mut self, item: &Item, run: &Run) -> Result<(), StdoutFailed> {
        if self.checks.is_empty() {
            let heads = format!("      {:<33} {:<COLUMN$} expected", "claim", "found");
            self.screen.line(&format!("{ASIDE}{heads}{ASIDE:#}"))?;
        }
        let title = run.report.as_ref().map_or(item.package.into(), |report| clean(&report.title));
        let (number, elapsed) = (item.number, show_time(run.elapsed));
        self.screen.line(&format!("{TITLE}Item {number}  {title}{TITLE:#}  ({elapsed})"))?;
        for judgement in run.judged(item) {
            // None where it is asked of every item, whatever its table says.
            let is_this = |check: &&Check| check.is_judged_by(&judgement);
            let check = item.checks.iter().find(is_this);
            self.row(&judgement, check)?;
            lock(&self.sum).add(&judgement.outcome);
            self.checks.push(json_of(number, &judgement, check));
        }
        self.screen.line("")
    }

    fn row(&self, judgement: &Judgement, check: Option<&Check>) -> Result<(), StdoutFailed> {
        let Judgement { claim, why, outcome, .. } = judgement;
        let [expected, found, notes] =
            [&judgement.expected, &judgement.found, &judgement.notes].map(|text| clean(text));
        let (style, word) = word(outcome);
        // What was found says enough where it is what was expected, or a summary of that.
        let too_long = *outcome == Outcome::Passed && columns(&expected) > COLUMN + 1;
        let says_enough = expected == found || too_long;
        let wanted = if says_enough { String::new() } else { short(&expected, COLUMN + 1) };
        let cells = format!("{claim:<33} {:<COLUMN$} {wanted:<20}", short(&found, COLUMN));
        let notes = if notes.is_empty() { notes } else { format!("notes: {notes}") };
        let fits = 6 + columns(&cells) + 1 + columns(&notes) <= self.screen.width;
        let row = if fits && !notes.is_empty() {
            format!("{cells} {ASIDE}{notes}{ASIDE:#}")
        } else {
            cells.trim_end().to_owned()
        };
        self.screen.line(&format!("{style}{word}{style:#}  {row}"))?;
        match outcome {
            Outcome::Passed => {}
            Outcome::Failed => {
                self.screen.aside(&format!("expected {expected}"))?;
                self.screen.aside(&format!("found {found}"))?;
            }
            Outcome::Skipped(reason) => self.screen.aside(&clean(reason))?,
        }
        if self.explain {
            let looks_at = check.map_or("of how the program ran".into(), |check| {
                let (judged, besides) = check.names();
                let names = [vec![judged], besides].concat().join(", ");
                format!("of {names}")
            });
            self.screen.aside(&looks_at)?;
        }
        if self.explain || *outcome == Outcome::Failed {
            self.screen.aside(&format!("because {why}"))?;
        }
        if self.explain && !notes.is_empty() && !fits {
            self.screen.aside(&notes)?;
        }
        Ok(())
    }

    /// Prints the sum; the exit code says whether all checks passed.
    fn finish(self, json: bool) -> anyhow::Result<ExitCode> {
        let Sum { passed, failed, skipped } = *lock(&self.sum);
        if json {
            write_json(&json!({ "checks": self.checks, "passed": passed, "failed": failed,
                                "skipped": skipped }))?;
        }
        if skipped > 0 {
            self.screen.line(&format!("{skipped} skipped: this machine can't show them now"))?;
        }
        self.screen.line(&format!("{passed} passed, {failed} failed"))?;
        Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}

/// A check as `--json` prints it.
fn json_of(item: u32, judgement: &Judgement, check: Option<&Check>) -> Value {
    let Judgement { step, claim, expected, found, why, outcome, .. } = judgement;
    let mut json = json!({ "item": item, "check": claim, "source": why,
                           "expected": clean(expected), "found": clean(found) });
    if let Some(step) = step {
        json["step"] = json!(step);
    }
    if let Some((judged, besides)) = check.map(Check::names) {
        json["fact"] = json!(judged);
        if !besides.is_empty() {
            json["besides"] = json!(besides);
        }
    }
    // Null where this machine can't tell.
    json["passed"] = match outcome {
        Outcome::Passed => true.into(),
        Outcome::Failed => false.into(),
        Outcome::Skipped(_) => Value::Null,
    };
    if let Outcome::Skipped(reason) = outcome {
        json["skipped"] = json!(reason);
    }
    json
}
