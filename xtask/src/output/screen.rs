//! The terminal output of a command: its lines, and a progress line that says what is running.

use std::io::{IsTerminal, Write, stderr};

use anstyle::{AnsiColor, Style};
use common::stdout::{StdoutFailed, print_line};
use common::{width, wrap};

use crate::verdict::Outcome;

/// The style of a heading.
pub const TITLE: Style = Style::new().bold();
/// The style of a check that passed.
const PASS: Style = AnsiColor::Green.on_default();
/// The style of a check that failed.
pub const FAIL: Style = AnsiColor::Red.on_default().bold();
/// The style of a check that was skipped.
const SKIP: Style = AnsiColor::Yellow.on_default();
/// The style of remarks.
pub const ASIDE: Style = Style::new().dimmed();

/// The word for an outcome, and its style.
pub fn word(outcome: &Outcome) -> (Style, &'static str) {
    match outcome {
        Outcome::Passed => (PASS, "pass"),
        Outcome::Failed => (FAIL, "FAIL"),
        Outcome::Skipped(_) => (SKIP, "skip"),
    }
}

/// The standard output of a command, and the terminal that its progress is shown on.
#[derive(Debug)]
pub struct Screen {
    /// Whether JSON is printed instead of lines.
    silent: bool,
    /// The width in columns.
    pub width: usize,
}

impl Screen {
    /// The screen of a command that prints lines, or `json` instead.
    pub fn new(json: bool) -> Self {
        Self { silent: json, width: width().max(80) }
    }

    /// Prints a line, unless JSON is wanted.
    pub fn line(&self, text: &str) -> Result<(), StdoutFailed> {
        if self.silent {
            return Ok(());
        }
        self.progress("");
        print_line(text)
    }

    /// Prints a remark on the line above, indented, in as many lines as the width asks for.
    pub fn aside(&self, text: &str) -> Result<(), StdoutFailed> {
        const INDENT: &str = "      ";
        let lines = wrap(text, self.width - INDENT.len());
        lines.iter().try_for_each(|line| self.line(&format!("{INDENT}{line}")))
    }

    /// On a terminal, replaces the line that says what is running.
    pub fn progress(&self, text: &str) {
        if stderr().is_terminal() && !self.silent {
            // Asked anew: a line that wraps could not be erased.
            let text: String = text.chars().take(width() - 1).collect();
            // To the left margin, and erase the line (ECMA-48: CR, EL). A progress line that can't
            // be written is not missed.
            let _ = write!(stderr(), "\r\x1b[K{text}");
        }
    }
}
