//! How an item tells what it does: to a person as it happens, or as one JSON object at the end.

use std::mem;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use serde_json::Value;

use crate::picture::{self, Picture};
use crate::report::{self, Entries, Kind, Report, StepReport};
use crate::stdout::{StdoutFailed, print_line, write_json};
use crate::terminal::{self, wrap};
use crate::threads::lock;
use crate::timeline::{Lanes, Span};
use crate::unit::{show, spoken};

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
/// use common::timeline::span;
///
/// let story = Story::begin(54, "Use Lock", OutputFlags::default())?;
/// let lock = story.step("lock", "five threads count under a mutex")?;
/// let count = lock.enter(|| span("count", || 500_000));
/// lock.fact("found", count).notes("500000");
/// story.picture("all of it is one long span", &[&lock])?;
/// story.finish()?;
/// # Ok::<(), common::stdout::StdoutFailed>(())
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
    pictures: Vec<report::Picture>,
    /// What has been reported and is printed before anything else is: of which step, under which name.
    entries: Vec<(Arc<Recorded>, &'static str)>,
}

/// What a step has reported so far.
#[derive(Debug)]
struct Recorded {
    lanes: Lanes,
    report: Mutex<StepReport>,
}

impl Story {
    /// Begins the story of `item` and prints its title.
    pub fn begin(item: u32, title: &'static str, flags: OutputFlags) -> Result<Self, StdoutFailed> {
        let utf8 = terminal::reads_utf8();
        let story = Self { item, title, flags, utf8, told: Mutex::default() };
        story.print(&format!("{TITLE}Item {item} · {title}{TITLE:#}"))?;
        Ok(story)
    }

    /// Opens a step. `says` tells in a sentence what it does.
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
    pub fn say(&self, text: &str) -> Result<(), StdoutFailed> {
        if let Some(step) = lock(&self.told).steps.last() {
            lock(&step.report).remarks.push(text.into());
        }
        self.print(&format!("  {text}"))
    }

    /// Draws the lanes of `steps` on the same scale, under a line that says what to look at.
    pub fn picture(&self, look: &str, steps: &[&Step<'_>]) -> Result<(), StdoutFailed> {
        self.picture_of_first(picture::MOST_LANES, look, steps)
    }

    /// The same, with the first `lanes` lanes of each step alone.
    pub fn picture_of_first(
        &self,
        lanes: usize,
        look: &str,
        steps: &[&Step<'_>],
    ) -> Result<(), StdoutFailed> {
        let names: Vec<String> = steps.iter().map(|step| step.name()).collect();
        let spans: Vec<Vec<Span>> = steps.iter().map(|step| step.spans()).collect();
        let drawn: Vec<_> =
            names.iter().zip(&spans).map(|(name, spans)| (&**name, &**spans)).collect();
        if let Some(picture) = Picture::of(&drawn, lanes).filter(|_| !self.flags.json) {
            let picture = picture.draw(terminal::width());
            self.print(&format!("\nLook: {look}\n{}", picture.trim_end()))?;
        }
        lock(&self.told).pictures.push(report::Picture { steps: names, look: look.into() });
        Ok(())
    }

    /// Ends the story; with `--json`, writes the report.
    pub fn finish(self) -> Result<(), StdoutFailed> {
        self.print_entries()?;
        if self.flags.json {
            let Told { steps, pictures, .. } = &*lock(&self.told);
            let steps = steps.iter().map(|step| {
                let report = lock(&step.report).clone();
                StepReport { spans: step.lanes.spans(), ..report }
            });
            let (steps, title) = (steps.collect(), self.title.to_owned());
            write_json(&Report { item: self.item, title, steps, pictures: pictures.clone() })?;
        }
        Ok(())
    }

    /// Prints what has been reported and then `text`, for a person.
    fn print(&self, text: &str) -> Result<(), StdoutFailed> {
        self.print_entries()?;
        self.print_line(text)
    }

    fn print_entries(&self) -> Result<(), StdoutFailed> {
        let entries = mem::take(&mut lock(&self.told).entries);
        for (step, name) in entries {
            let report = lock(&step.report);
            let said = |entries: &Entries, sign: &str| {
                let text = entries.get(name).map(|text| show(name, text));
                text.map(|text| format!("{sign} {text}"))
            };
            let value = report.told.get(name).map(|text| show(name, text)).unwrap_or_default();
            let (notes, about) = (said(&report.notes, "notes:"), said(&report.about, "≈"));
            let name = spoken(name);
            match (&wrap(&value, VALUE_COLUMNS)[..], notes) {
                ([line], Some(notes)) => {
                    self.print_line(&format!("  {name:<24} {line:<20} {NOTES}{notes}{NOTES:#}"))?;
                }
                (lines, _) => {
                    for (row, line) in lines.iter().enumerate() {
                        let name = if row == 0 { &*name } else { "" };
                        self.print_line(&format!("  {name:<24} {line}"))?;
                    }
                }
            }
            for line in about.iter().flat_map(|about| wrap(about, VALUE_COLUMNS)) {
                self.print_line(&format!("  {:<24} {NOTES}{line}{NOTES:#}", ""))?;
            }
        }
        Ok(())
    }

    fn print_line(&self, text: &str) -> Result<(), StdoutFailed> {
        match (self.flags.json, self.utf8) {
            (true, _) => Ok(()),
            (false, true) => print_line(text),
            (false, false) => print_line(&terminal::to_ascii(text)),
        }
    }
}

/// A step of a story: its lanes, its facts and its figures belong to it.
#[derive(Debug)]
pub struct Step<'story> {
    story: &'story Story,
    recorded: Arc<Recorded>,
}

impl Step<'_> {
    /// Does `work` in this step: what the calling thread, and those that it starts, do in a
    /// [`span`](crate::timeline::span) is recorded here. The calling thread's lane is called `main`.
    pub fn enter<T>(&self, work: impl FnOnce() -> T) -> T {
        self.recorded.lanes.enter("main", work)
    }

    /// What has been recorded in this step so far.
    pub fn spans(&self) -> Vec<Span> {
        self.recorded.lanes.spans()
    }

    /// Shows `round` as what happened in this step: of several rounds, the one that is told.
    pub fn show(&self, round: &Lanes) {
        self.recorded.lanes.adopt(round);
    }

    /// Reports what was found, to be judged by `cargo xtask verify`, and prints it.
    ///
    /// # Panics
    ///
    /// Like all that report: panics if this step has reported something of that name already, a mistake
    /// in the item.
    pub fn fact(&self, name: &'static str, value: impl Reportable) -> Entry<'_> {
        self.report(Kind::Fact, name, value)
    }

    /// Reports a fact that only the judge needs; it is printed with `--all` alone.
    pub fn proof(&self, name: &'static str, value: impl Reportable) {
        let is_printed = self.story.flags.all;
        self.add(Kind::Fact, name, value.into_value(), is_printed);
    }

    /// Reports and prints what was measured and depends on the machine.
    pub fn figure(&self, name: &'static str, value: impl Reportable) -> Entry<'_> {
        self.report(Kind::Figure, name, value)
    }

    /// Reports and prints what the run was asked for: a flag, or what stands for one.
    pub fn setting(&self, name: &'static str, value: impl Reportable) -> Entry<'_> {
        self.report(Kind::Setting, name, value)
    }

    fn report(&self, kind: Kind, name: &'static str, value: impl Reportable) -> Entry<'_> {
        self.add(kind, name, value.into_value(), true);
        Entry { step: self, name }
    }

    fn add(&self, kind: Kind, name: &'static str, value: Value, is_printed: bool) {
        let mut report = lock(&self.recorded.report);
        assert!(report.value(name).is_none(), "{}.{name} is reported twice", report.name);
        if is_printed {
            report.told.add(name, show(name, &value).into());
            lock(&self.story.told).entries.push((Arc::clone(&self.recorded), name));
        }
        let entries = match kind {
            Kind::Setting => &mut report.settings,
            Kind::Fact => &mut report.facts,
            Kind::Figure => &mut report.figures,
        };
        entries.add(name, value);
    }

    fn name(&self) -> String {
        lock(&self.recorded.report).name.clone()
    }
}

/// What has been reported a moment ago, for what is to stand beside it.
#[derive(Debug)]
pub struct Entry<'step> {
    step: &'step Step<'step>,
    name: &'static str,
}

impl Entry<'_> {
    /// Puts the notes' figure beside it.
    pub fn notes(self, notes: &str) -> Self {
        lock(&self.step.recorded.report).notes.add(self.name, notes.into());
        self
    }

    /// Puts below it how it comes about, from other figures of this run: `45 calls × 2.1 ms = 94.5 ms`.
    /// What stands there is about right, for it leaves out what takes little.
    pub fn about(self, arithmetic: &str) -> Self {
        lock(&self.step.recorded.report).about.add(self.name, arithmetic.into());
        self
    }

    /// Says that it is the best of so many rounds.
    pub fn best_of(self, rounds: usize) -> Self {
        if rounds > 1 {
            self.tell(|value| format!("{} (best of {rounds})", show(self.name, value)));
        }
        self
    }

    /// Tells a list of values that are all the same as one of them: what several ways to the same end
    /// have found alike.
    pub fn once(self) -> Self {
        self.tell(|value| match value.as_array().map(Vec::as_slice) {
            Some([first, others @ ..]) if others.iter().all(|other| other == first) => {
                show(self.name, first)
            }
            _ => show(self.name, value),
        });
        self
    }

    /// Changes what a person reads of the value.
    fn tell(&self, text: impl FnOnce(&Value) -> String) {
        let mut report = lock(&self.step.recorded.report);
        let text = report.value(self.name).map(text).unwrap_or_default();
        report.told.set(self.name, text.into());
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::timeline::span;

    fn story() -> Story {
        Story::begin(54, "Title", OutputFlags { json: true, all: false }).unwrap()
    }

    #[test]
    fn a_step_keeps_facts_proofs_and_figures_in_their_order_with_the_notes_beside() {
        let story = story();
        let race = story.step("race", "what it does").unwrap();
        race.setting("threads", 5);
        race.fact("found", 104_020).notes("367540");
        race.proof("order", vec!["read", "write"]);
        let elapsed = race.figure("elapsed_s", Duration::from_millis(85));
        elapsed.notes("0.085 s").best_of(5).about("5 threads × 17 ms");
        let report = lock(&race.recorded.report).clone();
        assert_eq!(
            serde_json::to_value(&report).unwrap(),
            json!({
                "name": "race", "says": "what it does", "settings": { "threads": 5 },
                "facts": { "found": 104_020, "order": ["read", "write"] },
                "figures": { "elapsed_s": 0.085 },
                "notes": { "found": "367540", "elapsed_s": "0.085 s" },
                "about": { "elapsed_s": "5 threads × 17 ms" },
                "told": { "threads": "5", "found": "104,020", "elapsed_s": "85 ms (best of 5)" },
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
    fn what_is_done_in_a_step_and_the_round_that_is_shown_are_the_steps_own() {
        let story = story();
        let step = story.step("step", "").unwrap();
        step.enter(|| span("count", || ()));
        let round = Lanes::new();
        round.enter("thread 0", || span("count", || ()));
        step.show(&round);
        let lanes: Vec<String> = step.spans().into_iter().map(|span| span.lane).collect();
        assert_eq!(lanes, ["main", "thread 0"]);
    }

    #[test]
    fn values_that_are_alike_are_printed_once_and_others_all() {
        let story = story();
        let step = story.step("step", "").unwrap();
        step.fact("alike", vec!["x", "x"]).once();
        step.fact("not", vec!["x", "y"]).once();
        step.fact("no_list", "x").once();
        let told = &lock(&step.recorded.report).told;
        let told: Vec<&Value> = told.iter().map(|(_, text)| text).collect();
        assert_eq!(told, ["x", "x, y", "x"]);
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
