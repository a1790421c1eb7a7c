//! How an item tells what it does: to a person as it happens, or as one JSON object at the end.

use std::io::Write;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use serde_json::Value;

use crate::ending;
use crate::report::{Picture, Report, StdoutFailed, StepReport, show, spoken, write_json};
use crate::terminal;
use crate::timeline::{self, Lane, Lanes};

/// The flags that all items share.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct OutputFlags {
    /// Print one JSON object (facts, figures and spans) instead of the story
    #[arg(long)]
    pub json: bool,

    /// Print the proofs, too: facts that only `cargo xtask verify` needs
    #[arg(long)]
    pub all: bool,
}

const TITLE: Style = Style::new().bold();
const STEP: Style = AnsiColor::Cyan.on_default().bold();
const NOTES: Style = Style::new().dimmed();

/// Tells what an item does and finds, in the order in which it happens.
///
/// A [`Step`] is opened, does its work, and reports what it found. With `--json` nothing is printed
/// before the end.
///
/// ```
/// use common::story::{OutputFlags, Story};
///
/// let story = Story::begin(54, "Use Lock", OutputFlags::default())?;
/// let lock = story.step("lock", "five threads count under a mutex")?;
/// let count = lock.lane("thread 0").record("count", || 500_000);
/// lock.fact("found", count).notes("500000");
/// story.picture("all of it is one long span", &[&lock])?;
/// story.finish()?;
/// # Ok::<(), common::report::StdoutFailed>(())
/// ```
#[derive(Debug)]
pub struct Story {
    item: u32,
    title: &'static str,
    flags: OutputFlags,
    utf8: bool,
    told: Mutex<Told>,
}

#[derive(Debug, Default)]
struct Told {
    steps: Vec<Arc<Recorded>>,
    pictures: Vec<Picture>,
    /// What a step could not print; the next call that can fail says so.
    failed: Option<StdoutFailed>,
}

/// What a step has reported so far.
#[derive(Debug)]
struct Recorded {
    lanes: Lanes,
    report: Mutex<StepReport>,
}

impl Story {
    /// Begins the story of `item` and prints its title.
    ///
    /// # Errors
    ///
    /// Like all methods that print: fails when stdout does.
    pub fn begin(item: u32, title: &'static str, flags: OutputFlags) -> Result<Self, StdoutFailed> {
        let utf8 = terminal::reads_utf8();
        let story = Self { item, title, flags, utf8, told: Mutex::default() };
        story.print(&format!("{TITLE}Item {item} · {title}{TITLE:#}"))?;
        Ok(story)
    }

    /// Opens a step. `says` tells in a sentence what it does.
    ///
    /// # Errors
    ///
    /// Fails when stdout does, or did while the step before reported.
    ///
    /// # Panics
    ///
    /// Panics if there is a step of this name already: a mistake in the item.
    pub fn step(&self, name: &'static str, says: &str) -> Result<Step<'_>, StdoutFailed> {
        self.print(&format!("\n{STEP}{name}{STEP:#}: {says}"))?;
        let report = StepReport { name: name.into(), says: says.into(), ..StepReport::default() };
        let recorded = Arc::new(Recorded { lanes: Lanes::new(), report: Mutex::new(report) });
        let mut told = lock(&self.told);
        let is_new = told.steps.iter().all(|step| lock(&step.report).name != name);
        assert!(is_new, "there are two steps called {name}");
        told.steps.push(Arc::clone(&recorded));
        Ok(Step { story: self, recorded })
    }

    /// Says something that is no fact: what to make of the figures above.
    ///
    /// # Errors
    ///
    /// Fails when stdout does.
    pub fn say(&self, text: &str) -> Result<(), StdoutFailed> {
        self.print(&format!("  {text}"))
    }

    /// Draws the lanes of `steps` on the same scale, under a line that says what to look at.
    ///
    /// # Errors
    ///
    /// Fails when stdout does.
    pub fn picture(&self, look: &str, steps: &[&Step<'_>]) -> Result<(), StdoutFailed> {
        self.picture_of_first(timeline::MOST_LANES, look, steps)
    }

    /// The same, with the first `lanes` lanes of each step alone.
    ///
    /// # Errors
    ///
    /// Fails when stdout does.
    pub fn picture_of_first(
        &self,
        lanes: usize,
        look: &str,
        steps: &[&Step<'_>],
    ) -> Result<(), StdoutFailed> {
        let names: Vec<String> = steps.iter().map(|step| step.name()).collect();
        if !self.flags.json {
            let spans = steps.iter().map(|step| step.recorded.lanes.spans());
            let drawn: Vec<_> = names.iter().map(String::as_str).zip(spans).collect();
            let picture = timeline::draw(&drawn, lanes, terminal::width());
            if !picture.is_empty() {
                self.print(&format!("\nLook: {look}\n{}", picture.trim_end()))?;
            }
        }
        lock(&self.told).pictures.push(Picture { steps: names, look: look.into() });
        Ok(())
    }

    /// Ends the story; with `--json`, writes the report.
    ///
    /// # Errors
    ///
    /// Fails when stdout does.
    pub fn finish(self) -> Result<(), StdoutFailed> {
        let told = self.told.into_inner().unwrap_or_else(PoisonError::into_inner);
        told.failed.map_or(Ok(()), Err)?;
        if self.flags.json {
            let steps = told.steps.iter().map(|step| {
                let mut report = lock(&step.report).clone();
                report.spans = step.lanes.spans();
                report
            });
            let (steps, title) = (steps.collect(), self.title.to_owned());
            write_json(&Report { item: self.item, title, steps, pictures: told.pictures })?;
        }
        Ok(())
    }

    /// The one place that prints for a person.
    fn print(&self, text: &str) -> Result<(), StdoutFailed> {
        if let Some(failed) = lock(&self.told).failed.take() {
            return Err(failed);
        }
        if self.flags.json {
            return Ok(());
        }
        // What a signal has cut short is no part of the story.
        ending::hold_if_begun();
        let mut stdout = anstream::stdout().lock();
        let written = if self.utf8 {
            writeln!(stdout, "{text}")
        } else {
            writeln!(stdout, "{}", terminal::to_ascii(text))
        };
        written.and_then(|()| stdout.flush()).map_err(StdoutFailed)
    }

    fn print_entry(&self, name: &str, value: &str, beside: &str) -> Result<(), StdoutFailed> {
        let lines = wrap(value, VALUE_COLUMNS);
        if let [line] = &lines[..]
            && !beside.is_empty()
        {
            return self.print(&format!("  {name:<24} {line:<20} {NOTES}{beside}{NOTES:#}"));
        }
        for (row, line) in lines.iter().enumerate() {
            let name = if row == 0 { name } else { "" };
            self.print(&format!("  {name:<24} {line}"))?;
        }
        Ok(())
    }
}

/// A step of a story: its lanes, its facts and its figures belong to it.
#[derive(Debug)]
pub struct Step<'story> {
    story: &'story Story,
    recorded: Arc<Recorded>,
}

impl Step<'_> {
    /// A new lane: see [`Lanes::lane`].
    pub fn lane(&self, name: impl Into<String>) -> Lane<'_> {
        self.recorded.lanes.lane(name)
    }

    /// Where the threads of the step record what they do.
    pub fn lanes(&self) -> &Lanes {
        &self.recorded.lanes
    }

    /// Shows `round` as what happened in this step: of several rounds, the one that is told.
    pub fn show(&self, round: Lanes) {
        self.recorded.lanes.adopt(round);
    }

    /// Reports what was found, to be judged by `cargo xtask verify`, and prints it.
    ///
    /// # Panics
    ///
    /// Panics if this step has reported something of that name already: a mistake in the item.
    pub fn fact(&self, name: &'static str, value: impl Reportable) -> Entry<'_> {
        self.entry(Kind::Fact, name, value.into_value())
    }

    /// Reports a fact that only the judge needs; it is printed with `--all` alone.
    ///
    /// # Panics
    ///
    /// As [`fact`](Self::fact).
    pub fn proof(&self, name: &'static str, value: impl Reportable) {
        self.entry(Kind::Proof, name, value.into_value());
    }

    /// Reports and prints what depends on the machine and is judged by nobody.
    ///
    /// # Panics
    ///
    /// As [`fact`](Self::fact).
    pub fn figure(&self, name: &'static str, value: impl Reportable) -> Entry<'_> {
        self.entry(Kind::Figure, name, value.into_value())
    }

    fn entry(&self, kind: Kind, name: &'static str, value: Value) -> Entry<'_> {
        let shown = show(name, &value);
        let mut report = lock(&self.recorded.report);
        let twin = if kind == Kind::Figure { &report.facts } else { &report.figures };
        let mut is_new = twin.get(name).is_none();
        let entries = if kind == Kind::Figure { &mut report.figures } else { &mut report.facts };
        is_new &= entries.add(name, value);
        assert!(is_new, "{}.{name} is reported twice", report.name);
        let hidden = kind == Kind::Proof && !self.story.flags.all;
        Entry { step: self, name, shown, notes: String::new(), hidden }
    }

    fn name(&self) -> String {
        lock(&self.recorded.report).name.clone()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Fact,
    Proof,
    Figure,
}

/// A fact or figure that has been reported. It is printed when it is dropped, that is at the end of
/// the statement, together with what was said beside it.
#[derive(Debug)]
pub struct Entry<'step> {
    step: &'step Step<'step>,
    name: &'static str,
    shown: String,
    notes: String,
    hidden: bool,
}

impl Entry<'_> {
    /// Puts the notes' figure beside it.
    pub fn notes(mut self, notes: &str) -> Self {
        self.notes = notes.into();
        self
    }

    /// Says that it is the best of so many rounds.
    pub fn best_of(mut self, rounds: usize) -> Self {
        if rounds > 1 {
            self.shown = format!("{} (best of {rounds})", self.shown);
        }
        self
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        let Step { story, recorded } = self.step;
        let notes = mem::take(&mut self.notes);
        let beside = if notes.is_empty() { String::new() } else { format!("notes: {notes}") };
        if !notes.is_empty() {
            lock(&recorded.report).notes.add(self.name, notes.into());
        }
        if self.hidden {
            return;
        }
        if let Err(failed) = story.print_entry(&spoken(self.name), &self.shown, &beside) {
            lock(&story.told).failed.get_or_insert(failed);
        }
    }
}

/// What can be reported: numbers, texts, answers, durations (as seconds), and lists of them.
pub trait Reportable {
    /// Its value in JSON.
    fn into_value(self) -> Value;
}

impl Reportable for Duration {
    fn into_value(self) -> Value {
        self.as_secs_f64().into()
    }
}

impl<T: Reportable> Reportable for Vec<T> {
    fn into_value(self) -> Value {
        self.into_iter().map(T::into_value).collect()
    }
}

macro_rules! report_as_they_are {
    ($($kind:ty)*) => {
        $(impl Reportable for $kind {
            fn into_value(self) -> Value {
                self.into()
            }
        })*
    };
}
report_as_they_are!(bool u8 u16 u32 u64 usize i32 i64 f64 &str String);

/// What is left of 80 columns beside a name.
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn story() -> Story {
        Story::begin(54, "Title", OutputFlags { json: true, all: false }).unwrap()
    }

    #[test]
    fn a_step_keeps_facts_proofs_and_figures_in_their_order_with_the_notes_beside() {
        let story = story();
        let race = story.step("race", "what it does").unwrap();
        race.fact("found", 104_020).notes("367540");
        race.proof("order", vec!["read", "write"]);
        race.figure("elapsed_s", Duration::from_millis(85)).notes("0.085 s").best_of(5);
        let report = lock(&race.recorded.report).clone();
        assert_eq!(
            serde_json::to_value(&report).unwrap(),
            json!({
                "name": "race", "says": "what it does",
                "facts": { "found": 104_020, "order": ["read", "write"] },
                "figures": { "elapsed_s": 0.085 },
                "notes": { "found": "367540", "elapsed_s": "0.085 s" },
                "spans": [],
            })
        );
    }

    #[test]
    #[should_panic(expected = "race.found is reported twice")]
    fn a_name_is_a_fact_or_a_figure_not_both() {
        let story = story();
        let race = story.step("race", "").unwrap();
        race.figure("found", 1);
        race.fact("found", 1);
    }

    #[test]
    #[should_panic(expected = "two steps called race")]
    fn a_step_has_a_name_of_its_own() {
        let story = story();
        story.step("race", "").unwrap();
        let _ = story.step("race", "");
    }

    #[test]
    fn the_round_that_is_shown_becomes_the_steps_own() {
        let story = story();
        let step = story.step("step", "").unwrap();
        let round = Lanes::new();
        round.lane("thread 0").record("count", || ());
        step.show(round);
        assert_eq!(step.lanes().spans().len(), 1);
    }

    #[test]
    fn what_a_step_could_not_print_is_not_forgotten() {
        let story = story();
        lock(&story.told).failed = Some(StdoutFailed(std::io::ErrorKind::StorageFull.into()));
        assert!(story.step("next", "").is_err());
        lock(&story.told).failed = Some(StdoutFailed(std::io::ErrorKind::StorageFull.into()));
        assert!(story.finish().is_err());
    }

    #[test]
    fn long_values_are_broken_at_spaces() {
        assert_eq!(wrap("1 22 333 4444", 6), ["1 22", "333", "4444"]);
        assert_eq!(wrap("12 456", 6), ["12 456"]);
        assert_eq!(wrap("123 567", 6), ["123", "567"]);
        assert_eq!(wrap("one\ntwo", 6), ["one", "two"]);
        assert_eq!(wrap("unbreakable", 6), ["unbreakable"]);
        assert_eq!(wrap("", 6), [""]);
    }
}
