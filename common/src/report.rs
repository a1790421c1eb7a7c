//! What an item found: told to a person step by step, or written as one JSON object.
//!
//! A [`Story`] collects facts and spans while the item runs. It prints as it goes, or, with
//! `--json`, keeps silent and writes one [`Report`] at the end. Items only report; whether the
//! facts are right is judged elsewhere, by `cargo xtask verify`.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::mem;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::terminal;
use crate::timeline::{self, Span, Timeline};
use crate::timing::Human;

/// The flags that all items share.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct OutputFlags {
    /// Print one JSON object (facts and spans) instead of the story
    #[arg(long)]
    pub json: bool,
}

/// What `--json` writes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The number of the item in the book.
    pub item: u32,
    /// Its title.
    pub title: String,
    /// What was found: numbers, strings, booleans or lists of them, under `step.fact`. Durations
    /// are seconds; their names end in `_s`.
    pub facts: BTreeMap<String, Value>,
    /// Who ran when.
    pub spans: Vec<Span>,
}

/// Stdout did not take what was written; a closed pipe among the causes.
#[derive(Debug)]
pub struct StdoutFailed(pub io::Error);

impl fmt::Display for StdoutFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot write to standard output")
    }
}

impl std::error::Error for StdoutFailed {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

const TITLE: Style = Style::new().bold();
const STEP: Style = AnsiColor::Cyan.on_default().bold();
const NOTES: Style = Style::new().dimmed();

/// Tells what an item does and finds, in the order in which it happens.
///
/// ```
/// use common::report::{OutputFlags, Story};
///
/// let mut story = Story::begin(54, "Use Lock", OutputFlags { json: false })?;
/// story.step("lock", "Five threads count under a mutex.")?;
/// story.fact_beside("found", 500_000, "500000")?;
/// story.finish(&[])?;
/// # Ok::<(), common::report::StdoutFailed>(())
/// ```
#[derive(Debug)]
pub struct Story {
    /// Where the steps record their spans.
    pub timeline: Timeline,
    item: u32,
    title: &'static str,
    facts: BTreeMap<String, Value>,
    step: &'static str,
    /// With `--json`, nothing is printed before the end.
    json: bool,
    utf8: bool,
}

impl Story {
    /// Begins the story of `item` and prints its title.
    ///
    /// # Errors
    ///
    /// Like all methods that print: fails when stdout does.
    pub fn begin(item: u32, title: &'static str, flags: OutputFlags) -> Result<Self, StdoutFailed> {
        let story = Self {
            timeline: Timeline::new(),
            item,
            title,
            facts: BTreeMap::new(),
            step: "",
            json: flags.json,
            utf8: terminal::reads_utf8(),
        };
        story.print(&format!("{TITLE}Item {item} · {title}{TITLE:#}"))?;
        Ok(story)
    }

    /// Begins a step: the facts that follow belong to it. `says` tells what the step does.
    ///
    /// # Errors
    ///
    /// Fails when stdout does.
    pub fn step(&mut self, name: &'static str, says: &str) -> Result<(), StdoutFailed> {
        self.step = name;
        self.print(&format!("\n{STEP}{name}{STEP:#}: {says}"))
    }

    /// Records and prints a fact of the current step.
    ///
    /// # Errors
    ///
    /// Fails when stdout does.
    pub fn fact(&mut self, name: &str, value: impl Into<Value>) -> Result<(), StdoutFailed> {
        self.fact_beside(name, value, "")
    }

    /// Records a fact and prints it with the notes' figure beside it.
    ///
    /// # Errors
    ///
    /// Fails when stdout does.
    pub fn fact_beside(
        &mut self,
        name: &str,
        value: impl Into<Value>,
        notes: &str,
    ) -> Result<(), StdoutFailed> {
        let value = value.into();
        let shown = show(&value);
        self.record(name, value);
        self.print_fact(name, &shown, notes)
    }

    /// Records a duration of the current step, in seconds, as `name_s`.
    ///
    /// # Errors
    ///
    /// Fails when stdout does.
    pub fn time(&mut self, name: &str, elapsed: Duration) -> Result<(), StdoutFailed> {
        self.time_beside(name, elapsed, "")
    }

    /// Records a duration and prints it with the notes' figure beside it.
    ///
    /// # Errors
    ///
    /// Fails when stdout does.
    pub fn time_beside(
        &mut self,
        name: &str,
        elapsed: Duration,
        notes: &str,
    ) -> Result<(), StdoutFailed> {
        self.record(&format!("{name}_s"), elapsed.as_secs_f64().into());
        self.print_fact(name, &Human(elapsed).to_string(), notes)
    }

    /// Says something that is no fact: what to make of the figures above.
    ///
    /// # Errors
    ///
    /// Fails when stdout does.
    pub fn say(&self, text: &str) -> Result<(), StdoutFailed> {
        self.print(&format!("  {text}"))
    }

    /// Ends the story: draws the lanes, or writes the JSON object.
    ///
    /// Each of `pictures` is a list of steps that are drawn on the same scale.
    ///
    /// # Errors
    ///
    /// Fails when stdout does.
    pub fn finish(mut self, pictures: &[&[&str]]) -> Result<(), StdoutFailed> {
        let spans = mem::take(&mut self.timeline).into_spans();
        for steps in pictures {
            let picture = timeline::draw(&spans, steps, terminal::width());
            if !picture.is_empty() {
                self.print(&format!("\n{}", picture.trim_end()))?;
            }
        }
        if self.json {
            let title = self.title.to_owned();
            let report = Report { item: self.item, title, facts: self.facts, spans };
            write_json(&report)?;
        }
        Ok(())
    }

    fn record(&mut self, name: &str, value: Value) {
        let key = format!("{}.{name}", self.step);
        let earlier = self.facts.insert(key, value);
        assert!(earlier.is_none(), "{}.{name} is reported twice", self.step);
    }

    fn print_fact(&self, name: &str, shown: &str, notes: &str) -> Result<(), StdoutFailed> {
        let name = name.replace('_', " ");
        let lines = wrap(shown, VALUE_COLUMNS);
        if let [line] = &lines[..]
            && !notes.is_empty()
        {
            let notes = format!("{NOTES}notes: {notes}{NOTES:#}");
            return self.print(&format!("  {name:<24} {line:<20} {notes}"));
        }
        for (row, line) in lines.iter().enumerate() {
            let name = if row == 0 { name.as_str() } else { "" };
            self.print(&format!("  {name:<24} {line}"))?;
        }
        Ok(())
    }

    /// The one place that prints for a person.
    fn print(&self, text: &str) -> Result<(), StdoutFailed> {
        if self.json {
            return Ok(());
        }
        let mut stdout = anstream::stdout().lock();
        let written = if self.utf8 {
            writeln!(stdout, "{text}")
        } else {
            writeln!(stdout, "{}", terminal::to_ascii(text))
        };
        written.and_then(|()| stdout.flush()).map_err(StdoutFailed)
    }
}

/// Writes `value` to stdout as one JSON object on a line of its own.
///
/// # Errors
///
/// Fails when stdout does.
pub fn write_json(value: &impl Serialize) -> Result<(), StdoutFailed> {
    // Serialised first: a failure half-way would leave half an object behind.
    let json = serde_json::to_string(value).map_err(|error| StdoutFailed(error.into()))?;
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{json}").and_then(|()| stdout.flush()).map_err(StdoutFailed)
}

/// What is left of 80 columns beside a fact's name.
const VALUE_COLUMNS: usize = 53;

/// Breaks lines at spaces, where they are wider than `columns`.
fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut wrapped = vec![];
    for line in text.split('\n') {
        let mut row = String::new();
        for word in line.split(' ') {
            if !row.is_empty() && row.chars().count() + 1 + word.chars().count() > columns {
                wrapped.push(mem::take(&mut row));
            }
            if !row.is_empty() {
                row.push(' ');
            }
            row.push_str(word);
        }
        wrapped.push(row);
    }
    wrapped
}

fn show(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(show).collect();
            let row = values.join(", ");
            if row.chars().count() <= VALUE_COLUMNS { row } else { values.join("\n") }
        }
        Value::Number(number) if number.is_f64() => {
            format!("{:.2}", number.as_f64().unwrap_or(f64::NAN))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn facts_are_kept_under_their_step_and_durations_in_seconds() {
        let mut story = Story::begin(54, "Title", OutputFlags { json: true }).unwrap();
        story.step("race", "what it does").unwrap();
        story.fact("found", 104_020).unwrap();
        story.fact("workers", vec![1, 2]).unwrap();
        story.time_beside("elapsed", Duration::from_millis(85), "0.085 s").unwrap();
        let expected = json!({
            "race.found": 104_020, "race.workers": [1, 2], "race.elapsed_s": 0.085,
        });
        assert_eq!(serde_json::to_value(&story.facts).unwrap(), expected);
    }

    #[test]
    fn a_report_survives_the_trip_through_json() {
        let timeline = Timeline::new();
        timeline.lane("race", "worker 0").record("count", || ());
        let report = Report {
            item: 54,
            title: "Title".into(),
            facts: BTreeMap::from([("race.found".into(), json!(104_020))]),
            spans: timeline.into_spans(),
        };
        let text = serde_json::to_string(&report).unwrap();
        assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), report);
    }

    #[test]
    fn values_are_shown_without_quotes_and_brackets() {
        assert_eq!(show(&json!(["a", 1, true, 0.126])), "a, 1, yes, 0.13");
    }

    #[test]
    fn long_values_are_broken_at_spaces() {
        assert_eq!(wrap("1 22 333 4444", 6), ["1 22", "333", "4444"]);
        assert_eq!(wrap("one\ntwo", 6), ["one", "two"]);
        assert_eq!(wrap("unbreakable", 6), ["unbreakable"]);
        assert_eq!(wrap("", 6), [""]);
    }
}
