//! What a person sees of a command: lines, and one that says what is running.

use std::io::{IsTerminal, Write, stderr};

use anstyle::{AnsiColor, Style};
use common::stdout::{StdoutFailed, print_line};
use common::{width, wrap};

/// Of a heading.
pub const TITLE: Style = Style::new().bold();
/// Of what holds.
pub const PASS: Style = AnsiColor::Green.on_default();
/// Of what does not hold.
pub const FAIL: Style = AnsiColor::Red.on_default().bold();
/// Of what can't be shown.
pub const SKIP: Style = AnsiColor::Yellow.on_default();
/// Of what stands back.
pub const ASIDE: Style = Style::new().dimmed();

/// The terminal of whoever runs a command, or what stands for one.
#[derive(Debug)]
pub struct Screen {
    /// JSON is wanted: no line is printed.
    silent: bool,
    /// In columns.
    pub width: usize,
}

impl Screen {
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

    /// Prints what belongs to the line above, in as many lines as it takes.
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
