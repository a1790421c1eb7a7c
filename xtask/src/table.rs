//! The results of `verify`: a table for a person, or one JSON object.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use common::report::{StdoutFailed, write_json};
use common::timing::Human;
use serde::Serialize;

use crate::expectations::Item;
use crate::judge::{Outcome, Verdict};

const TITLE: Style = Style::new().bold();
const PASS: Style = AnsiColor::Green.on_default();
const FAIL: Style = AnsiColor::Red.on_default().bold();
const SKIP: Style = AnsiColor::Yellow.on_default();

/// One check of one item, judged.
pub struct Row {
    pub check: &'static str,
    pub verdict: Verdict,
    pub source: &'static str,
    pub notes: &'static str,
}

/// What `--json` prints.
#[derive(Debug, Default, Serialize)]
struct Summary {
    checks: Vec<Judged>,
    passed: usize,
    failed: usize,
    skipped: usize,
}

#[derive(Debug, Serialize)]
struct Judged {
    item: u32,
    check: &'static str,
    expected: String,
    found: String,
    /// Null where the check was skipped: this machine can't tell.
    passed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<String>,
}

/// Prints the results as they come in and counts them.
pub struct Table {
    json: bool,
    summary: Summary,
}

impl Table {
    pub fn new(json: bool) -> Self {
        Self { json, summary: Summary::default() }
    }

    /// Prints a line, unless JSON is wanted.
    pub fn line(&self, text: &str) -> Result<(), StdoutFailed> {
        if self.json {
            return Ok(());
        }
        let mut stdout = anstream::stdout().lock();
        writeln!(stdout, "{text}").and_then(|()| stdout.flush()).map_err(StdoutFailed)
    }

    /// Prints and counts the results of one item.
    pub fn item(&mut self, item: &Item, elapsed: Duration, rows: Vec<Row>) -> anyhow::Result<()> {
        let Item { number, title, .. } = item;
        self.line(&format!("{TITLE}Item {number}  {title}{TITLE:#}  ({})", Human(elapsed)))?;
        self.line(&format!(
            "      {:<32} {:<13} {:<13} {}",
            "check", "expected", "found", "notes"
        ))?;
        for row in rows {
            self.row(item.number, row)?;
        }
        self.line("")?;
        Ok(())
    }

    fn row(&mut self, item: u32, row: Row) -> Result<(), StdoutFailed> {
        let Row { check, verdict: Verdict { expected, found, outcome }, source, notes } = row;
        let (style, word) = match outcome {
            Outcome::Passed => (PASS, "pass"),
            Outcome::Failed => (FAIL, "FAIL"),
            Outcome::Skipped(_) => (SKIP, "skip"),
        };
        let cells = format!("{check:<32} {:<13} {:<13} {notes}", short(&expected), short(&found));
        self.line(&format!("{style}{word}{style:#}  {}", cells.trim_end()))?;
        match &outcome {
            Outcome::Passed => self.summary.passed += 1,
            Outcome::Failed => {
                self.summary.failed += 1;
                self.line(&format!("        expected {expected}: {source}"))?;
                self.line(&format!("        found {found}"))?;
            }
            Outcome::Skipped(reason) => {
                self.summary.skipped += 1;
                self.line(&format!("        {reason}"))?;
            }
        }
        self.summary.checks.push(match outcome {
            Outcome::Skipped(reason) => {
                Judged { item, check, expected, found, passed: None, skipped: Some(reason) }
            }
            judged => {
                let passed = Some(judged == Outcome::Passed);
                Judged { item, check, expected, found, passed, skipped: None }
            }
        });
        Ok(())
    }

    /// Prints the sum; the exit code says whether all checks passed.
    pub fn finish(self) -> anyhow::Result<ExitCode> {
        let Summary { passed, failed, skipped, .. } = self.summary;
        if self.json {
            write_json(&self.summary)?;
        } else {
            if skipped > 0 {
                self.line(&format!("{skipped} skipped: this machine can't test them"))?;
            }
            self.line(&format!("{passed} passed, {failed} failed"))?;
        }
        Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}

/// What fits a column; a failed row repeats it in full.
fn short(text: &str) -> String {
    const COLUMN: usize = 13;
    if text.chars().count() <= COLUMN {
        return text.to_owned();
    }
    text.chars().take(COLUMN - 2).chain("..".chars()).collect()
}
