//! The results of `verify`: a table for a person, or one JSON object.

use std::io::{IsTerminal, Write, stderr};
use std::process::ExitCode;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use common::stdout::{StdoutFailed, write_json};
use common::timing::Human;
use common::width;
use serde::Serialize;

use crate::judge::{COLUMN, Item, Outcome, Verdict};

const TITLE: Style = Style::new().bold();
const PASS: Style = AnsiColor::Green.on_default();
/// Of what does not hold.
pub const FAIL: Style = AnsiColor::Red.on_default().bold();
const SKIP: Style = AnsiColor::Yellow.on_default();
const ASIDE: Style = Style::new().dimmed();

/// One check of one item, judged.
pub struct Row {
    pub claim: &'static str,
    pub verdict: Verdict,
    pub why: &'static str,
    pub notes: String,
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
    /// Why it must hold.
    source: &'static str,
    /// Null where the check was skipped: this machine can't tell.
    passed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<String>,
}

/// Prints the results as they come in and counts them.
pub struct Table {
    json: bool,
    explain: bool,
    /// Columns.
    width: usize,
    summary: Summary,
}

impl Table {
    pub fn new(json: bool, explain: bool) -> Self {
        Self { json, explain, width: width().max(80), summary: Summary::default() }
    }

    /// Prints a line, unless JSON is wanted.
    pub fn line(&self, text: &str) -> Result<(), StdoutFailed> {
        if self.json {
            return Ok(());
        }
        common::ending::hold_if_begun();
        self.running("");
        let mut stdout = anstream::stdout().lock();
        writeln!(stdout, "{text}").and_then(|()| stdout.flush()).map_err(StdoutFailed)
    }

    /// Columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Prints a line that stands out.
    pub fn title(&self, text: &str) -> Result<(), StdoutFailed> {
        self.line(&format!("{TITLE}{text}{TITLE:#}"))
    }

    /// Prints a line that stands back.
    pub fn note(&self, text: &str) -> Result<(), StdoutFailed> {
        self.line(&format!("{ASIDE}{text}{ASIDE:#}"))
    }

    /// On a terminal, replaces the line that says what is running.
    pub fn running(&self, text: &str) {
        if stderr().is_terminal() && !self.json {
            let text: String = text.chars().take(self.width - 1).collect();
            // To the left margin, and erase the line (ECMA-48: CR, EL). A progress line that can't
            // be written is not missed.
            let _ = write!(stderr(), "\r\x1b[K{text}");
        }
    }

    /// Prints and counts the results of one item.
    pub fn item(
        &mut self,
        item: &Item,
        title: &str,
        elapsed: Duration,
        rows: Vec<Row>,
    ) -> anyhow::Result<()> {
        let (number, title) = (item.number, clean(title));
        self.line(&format!("{TITLE}Item {number}  {title}{TITLE:#}  ({})", Human::from(elapsed)))?;
        for row in rows {
            self.row(item.number, row)?;
        }
        self.line("")?;
        Ok(())
    }

    fn row(&mut self, item: u32, row: Row) -> Result<(), StdoutFailed> {
        let Row { claim, verdict: Verdict { expected, found, outcome }, why, notes } = row;
        let (expected, found, notes) = (clean(&expected), clean(&found), clean(&notes));
        let (style, word) = match outcome {
            Outcome::Passed => (PASS, "pass"),
            Outcome::Failed => (FAIL, "FAIL"),
            Outcome::Skipped(_) => (SKIP, "skip"),
        };
        // What was found says enough where it is what was expected, or a summary of that.
        let too_long = outcome == Outcome::Passed && expected.chars().count() > COLUMN + 1;
        let says_enough = expected == found || too_long;
        let wanted = if says_enough { String::new() } else { short(&expected, COLUMN + 1) };
        let cells = format!("{claim:<33} {:<COLUMN$} {wanted:<20}", short(&found, COLUMN));
        let notes = if notes.is_empty() { notes } else { format!("notes: {notes}") };
        let fits = 6 + cells.chars().count() + 1 + notes.chars().count() <= self.width;
        let beside = if fits { format!(" {ASIDE}{notes}{ASIDE:#}") } else { String::new() };
        let beside = if notes.is_empty() { String::new() } else { beside };
        let cells = if beside.is_empty() { cells.trim_end() } else { &cells };
        self.line(&format!("{style}{word}{style:#}  {cells}{beside}"))?;
        match &outcome {
            Outcome::Passed => self.summary.passed += 1,
            Outcome::Failed => {
                self.summary.failed += 1;
                self.aside(&format!("expected {expected}"))?;
                self.aside(&format!("found {found}"))?;
            }
            Outcome::Skipped(reason) => {
                self.summary.skipped += 1;
                self.aside(&clean(reason))?;
            }
        }
        if self.explain || outcome == Outcome::Failed {
            self.aside(&format!("because {why}"))?;
        }
        if self.explain && !notes.is_empty() && !fits {
            self.aside(&notes)?;
        }
        let (passed, skipped) = match outcome {
            Outcome::Skipped(reason) => (None, Some(reason)),
            judged => (Some(judged == Outcome::Passed), None),
        };
        let judged = Judged { item, check: claim, expected, found, source: why, passed, skipped };
        self.summary.checks.push(judged);
        Ok(())
    }

    /// A line under a row.
    pub fn aside(&self, text: &str) -> Result<(), StdoutFailed> {
        let mut line = String::from("     ");
        for word in text.split(' ') {
            if line.chars().count() + 1 + word.chars().count() > self.width {
                self.line(&line)?;
                line = String::from("     ");
            }
            line = format!("{line} {word}");
        }
        self.line(&line)
    }

    /// Prints the sum; the exit code says whether all checks passed.
    pub fn finish(self) -> anyhow::Result<ExitCode> {
        let Summary { passed, failed, skipped, .. } = self.summary;
        if self.json {
            write_json(&self.summary)?;
        } else {
            if skipped > 0 {
                self.line(&format!("{skipped} skipped: this machine can't show them now"))?;
            }
            self.line(&format!("{passed} passed, {failed} failed"))?;
        }
        Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}

/// What fits a column; with `--explain` or after a failure all of it stands below.
pub fn short(text: &str, columns: usize) -> String {
    if text.chars().count() <= columns {
        return text.to_owned();
    }
    text.chars().take(columns - 2).chain("..".chars()).collect()
}

/// A text that a program reported, as a line that can't pass for one of ours: bounded, and with
/// control characters as escapes.
pub fn clean(text: &str) -> String {
    const MOST: usize = 300;
    let mut clean = String::new();
    for character in text.chars().take(MOST) {
        // Marks that turn the direction of writing are as bad as control characters.
        if character.is_control() || ('\u{202a}'..='\u{2069}').contains(&character) {
            clean.extend(character.escape_default());
        } else {
            clean.push(character);
        }
    }
    if text.chars().nth(MOST).is_some() {
        clean.push_str(" .. and more");
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_reports_stays_on_its_line() {
        assert_eq!(clean("a\n9 passed, 0 failed\x1b[1m"), "a\\n9 passed, 0 failed\\u{1b}[1m");
        assert_eq!(clean("µs × 2 항목"), "µs × 2 항목");
        let long = clean(&"x".repeat(10_000_000));
        assert!(long.len() < 400 && long.ends_with(".. and more"));
    }

    #[test]
    fn a_column_says_that_it_was_cut() {
        assert_eq!(short("exactly nineteen ch", COLUMN), "exactly nineteen ch");
        assert_eq!(short("one more than nineteen", COLUMN), "one more than nin..");
    }
}
