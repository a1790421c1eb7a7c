//! How a report is judged: the vocabulary of the tables in `expectations/`, and its meaning.

use std::collections::BTreeSet;

use common::report::{Report, StepReport};
use common::timeline::overlap;
use common::timing::three_digits;
use common::unit::{show, spoken};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An item: where its program is, how it may be run, what it must report.
#[derive(Debug)]
pub struct Item {
    /// Its number in the book.
    pub number: u32,
    /// The package, whose program has the same name. Its description is the item's title.
    pub package: &'static str,
    /// Beside what it may run.
    pub load: Load,
    /// What its report must say.
    pub checks: Vec<Check>,
    /// Which of its figures the summary of a comparison shows.
    pub headlines: Vec<Headline>,
}

/// A figure that the summary of a comparison shows.
#[derive(Debug)]
pub struct Headline {
    /// What it is of.
    pub says: String,
    rust: (Step, &'static str),
    python: (Step, &'static str),
}

impl Headline {
    /// Rust's figure, as the names of step and figure.
    pub fn rust(&self) -> (&str, &str) {
        (self.rust.0.name(), self.rust.1)
    }

    /// Python's.
    pub fn python(&self) -> (&str, &str) {
        (self.python.0.name(), self.python.1)
    }
}

impl Item {
    /// An item without headlines.
    pub fn new(number: u32, package: &'static str, load: Load, checks: Vec<Check>) -> Self {
        Self { number, package, load, checks, headlines: Vec::new() }
    }

    /// Shows the figure `name` of `step` in the summary of a comparison.
    #[must_use]
    pub fn headline(self, step: Step, name: &'static str) -> Self {
        let says = format!("{} {}", step.name(), spoken(name));
        self.headline_beside(&says, (step, name), (step, name))
    }

    /// Shows one of Rust's figures beside another of Python's: another way to the same end.
    #[must_use]
    pub fn headline_beside(
        mut self,
        says: &str,
        rust: (Step, &'static str),
        python: (Step, &'static str),
    ) -> Self {
        self.headlines.push(Headline { says: says.into(), rust, python });
        self
    }
}

/// What an item does with its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// It waits, mostly, or starts threads that do: it may run beside others.
    Waits,
    /// It computes, and what it looks for would suffer from another that does.
    Computes,
}

/// One claim of the chapter and the figure that bears it out.
#[derive(Clone, Debug)]
pub struct Check {
    /// The claim, in at most 33 characters.
    pub claim: &'static str,
    figure: Figure,
    expected: Expected,
    /// Why this must hold on every machine, or whose figure it is.
    pub why: &'static str,
    words: Option<&'static str>,
    excuses: Vec<Excuse>,
    /// What it means where the claim does not hold in Python.
    pub in_python: Option<&'static str>,
}

/// Claims that `figure` is as `expected`; `why` says why that must hold on every machine, or whose
/// figure it is.
pub fn check(
    claim: &'static str,
    figure: impl Into<Figure>,
    expected: Expected,
    why: &'static str,
) -> Check {
    Check {
        claim,
        figure: figure.into(),
        expected,
        why,
        words: None,
        excuses: Vec::new(),
        in_python: None,
    }
}

/// What this machine can't show is neither passed nor failed.
#[derive(Clone, Debug)]
struct Excuse {
    figure: Figure,
    expected: Expected,
    reason: &'static str,
}

impl Check {
    /// How a row that passed sums up what was found: for what is too long to show.
    pub fn in_words(mut self, words: &'static str) -> Self {
        self.words = Some(words);
        self
    }

    /// Says what it means where the claim does not hold in Python.
    pub fn in_python(mut self, sentence: &'static str) -> Self {
        self.in_python = Some(sentence);
        self
    }

    /// Skips the check where it fails and `figure` is as `expected`: this machine can't show the
    /// claim. The figure replaces `{}` in the `reason`.
    pub fn unless(
        mut self,
        figure: impl Into<Figure>,
        expected: Expected,
        reason: &'static str,
    ) -> Self {
        self.excuses.push(Excuse { figure: figure.into(), expected, reason });
        self
    }
}

/// A step of an item, by its name: once in its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step(&'static str);

/// The step of this name.
pub const fn step(name: &'static str) -> Step {
    Step(name)
}

impl Step {
    /// Its name in a report.
    pub const fn name(self) -> &'static str {
        self.0
    }

    /// One of its facts.
    pub const fn fact(self, name: &'static str) -> Fact {
        Fact { step: self, name }
    }

    /// How many of its lanes had a span open at the same moment, at most.
    pub const fn overlap(self) -> Figure {
        Figure::Overlap(self, None)
    }

    /// The same, of its spans with this label alone.
    pub const fn overlap_of(self, label: &'static str) -> Figure {
        Figure::Overlap(self, Some(label))
    }
}

/// A fact of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fact {
    step: Step,
    name: &'static str,
}

/// What is judged.
#[derive(Clone, Copy, Debug)]
pub enum Figure {
    /// A fact, as it is.
    Fact(Fact),
    /// One fact divided by another, and what it counts.
    Ratio(Fact, Fact, &'static str),
    /// How many lanes of a step were open at once, at most; of spans with this label.
    Overlap(Step, Option<&'static str>),
}

impl From<Fact> for Figure {
    fn from(fact: Fact) -> Self {
        Self::Fact(fact)
    }
}

/// `above` divided by `below`; `unit` says what the result counts: "times", "latencies".
pub const fn ratio(above: Fact, below: Fact, unit: &'static str) -> Figure {
    Figure::Ratio(above, below, unit)
}

/// What the figure must be.
#[derive(Clone, Copy, Debug)]
pub enum Expected {
    /// See [`is`].
    Is(Bound),
    /// See [`below`].
    Below(Bound),
    /// See [`at_least`].
    AtLeast(Bound),
    /// See [`at_most`].
    AtMost(Bound),
    /// See [`within`].
    Within(Bound, Bound),
    /// See [`each`].
    Each(usize, Bound),
    /// See [`each_at_least`].
    EachAtLeast(usize, Bound),
    /// See [`grows`].
    Grows,
    /// See [`is_text`].
    IsText,
    /// See [`in_order`].
    InOrder(&'static [(&'static str, &'static str)]),
}

/// Exactly this.
pub fn is(bound: impl Into<Bound>) -> Expected {
    Expected::Is(bound.into())
}

/// A number below this.
pub fn below(bound: impl Into<Bound>) -> Expected {
    Expected::Below(bound.into())
}

/// A number that is this or more.
pub fn at_least(bound: impl Into<Bound>) -> Expected {
    Expected::AtLeast(bound.into())
}

/// A number from nought up to this.
pub fn at_most(bound: impl Into<Bound>) -> Expected {
    Expected::AtMost(bound.into())
}

/// A number from the first up to the second.
pub fn within(least: impl Into<Bound>, most: impl Into<Bound>) -> Expected {
    Expected::Within(least.into(), most.into())
}

/// A list of so many values, each of them this.
pub fn each(count: usize, value: impl Into<Bound>) -> Expected {
    Expected::Each(count, value.into())
}

/// A list of so many numbers, each of them this or more.
pub fn each_at_least(count: usize, bound: impl Into<Bound>) -> Expected {
    Expected::EachAtLeast(count, bound.into())
}

/// A list of numbers that never falls and ends higher than it began.
pub fn grows() -> Expected {
    Expected::Grows
}

/// A text, whatever it says: where a number can't be had.
pub fn is_text() -> Expected {
    Expected::IsText
}

/// A list of events in which the first of each pair stands before the second.
pub fn in_order(pairs: &'static [(&'static str, &'static str)]) -> Expected {
    Expected::InOrder(pairs)
}

/// What a figure is compared with.
#[derive(Clone, Copy, Debug)]
pub enum Bound {
    /// A number.
    Number(f64),
    /// A text, as it is.
    Text(&'static str),
    /// Yes or no.
    Answer(bool),
    /// Another fact of the same report.
    Same(Fact),
}

impl From<i32> for Bound {
    fn from(number: i32) -> Self {
        Self::Number(number.into())
    }
}

impl From<f64> for Bound {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<&'static str> for Bound {
    fn from(text: &'static str) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Bound {
    fn from(answer: bool) -> Self {
        Self::Answer(answer)
    }
}

impl From<Fact> for Bound {
    fn from(fact: Fact) -> Self {
        Self::Same(fact)
    }
}

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What the figure must be.
    pub expected: String,
    /// What it is.
    pub found: String,
    /// Whether that is as it must be.
    pub outcome: Outcome,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It is as it must be.
    Passed,
    /// It is not, or it can't be told.
    Failed,
    /// It is not, but this machine can't show it, for this reason.
    Skipped(String),
}

impl Verdict {
    /// A verdict that knows no excuse.
    pub fn new(expected: &str, found: &str, passed: bool) -> Self {
        let outcome = if passed { Outcome::Passed } else { Outcome::Failed };
        Self { expected: expected.into(), found: found.into(), outcome }
    }
}

impl Check {
    /// Holds this check against `report`. A figure that is missing or of the wrong type fails, and
    /// so does an excuse that names one.
    pub fn judge(&self, report: &Report) -> Verdict {
        let expected = self.expected.describe(self.figure, report);
        // As often as is claimed, each value as it must be: no need to show them all.
        let each = matches!(self.expected, Expected::Each(..)).then(|| expected.clone());
        let verdict = |found: String, outcome| Verdict { expected, found, outcome };
        let value = match self.figure.in_report(report) {
            Ok(value) => value,
            Err(complaint) => return verdict(complaint, Outcome::Failed),
        };
        let found = self.figure.show(&value);
        let excuse = match self.excuse(report) {
            Ok(excuse) => excuse,
            Err(complaint) => {
                return verdict(format!("{found} (excuse: {complaint})"), Outcome::Failed);
            }
        };
        match self.expected.holds(&value, report) {
            Ok(true) => {
                let in_words = self.words.map(str::to_owned).or(each);
                let in_words = in_words.or_else(|| self.expected.in_words(&value, &found));
                verdict(in_words.unwrap_or(found), Outcome::Passed)
            }
            Ok(false) => verdict(found, excuse.map_or(Outcome::Failed, Outcome::Skipped)),
            Err(complaint) => {
                let outcome = excuse.map_or(Outcome::Failed, Outcome::Skipped);
                verdict(format!("{found} ({complaint})"), outcome)
            }
        }
    }

    /// Why this machine can't show the claim, if it can't. All excuses are looked at, for one that
    /// names what is not reported could never apply.
    fn excuse(&self, report: &Report) -> Result<Option<String>, String> {
        let mut reason = None;
        for excuse in &self.excuses {
            let value = excuse.figure.in_report(report)?;
            if excuse.expected.holds(&value, report)? {
                let found = excuse.figure.show(&value);
                reason.get_or_insert_with(|| excuse.reason.replace("{}", &found));
            }
        }
        Ok(reason)
    }

    /// Whether the report has what the check is about. A program in another language may leave out a
    /// step, or a fact, for which that language has no counterpart.
    pub fn is_in(&self, report: &Report) -> bool {
        let has = |fact: Fact| value_of(report, fact).is_ok();
        let facts = self.figure.facts().into_iter().chain(self.expected.facts());
        step_of(report, self.figure.step()).is_ok() && facts.flatten().all(has)
    }

    /// The step that the check is about.
    pub fn step(&self) -> &'static str {
        self.figure.step().0
    }

    /// The facts that this check looks at, its excuses' among them.
    fn facts(&self) -> impl Iterator<Item = Fact> {
        let excuses = self.excuses.iter().map(|excuse| (excuse.figure, excuse.expected));
        [(self.figure, self.expected)]
            .into_iter()
            .chain(excuses)
            .flat_map(|(figure, expected)| figure.facts().into_iter().chain(expected.facts()))
            .flatten()
    }

    /// The step whose notes belong to the figure, and the name under which they stand.
    pub fn notes<'report>(&self, report: &'report Report) -> Option<&'report str> {
        let Figure::Fact(Fact { step, name }) = self.figure else { return None };
        report.step(step.0)?.notes.get(name)?.as_str()
    }
}

/// The facts of `report` that none of `checks` looks at, as `step.fact`.
pub fn unjudged(report: &Report, checks: &[Check]) -> Vec<String> {
    let judged: BTreeSet<(&str, &str)> =
        checks.iter().flat_map(Check::facts).map(|Fact { step, name }| (step.0, name)).collect();
    let reported = report
        .steps
        .iter()
        .flat_map(|step| step.facts.iter().map(|(name, _)| (step.name.as_str(), name)));
    let unjudged = reported.filter(|fact| !judged.contains(fact));
    unjudged.map(|(step, name)| format!("{step}.{name}")).collect()
}

fn step_of(report: &Report, Step(name): Step) -> Result<&StepReport, String> {
    report.step(name).ok_or_else(|| format!("no step {name}"))
}

fn value_of(report: &Report, fact: Fact) -> Result<&Value, String> {
    let Fact { step, name } = fact;
    step_of(report, step)?;
    report.fact(step.0, name).ok_or_else(|| format!("no fact {}.{name}", step.0))
}

fn number(value: &Value) -> Result<f64, String> {
    value.as_f64().ok_or_else(|| "not a number".into())
}

impl Figure {
    fn in_report(self, report: &Report) -> Result<Value, String> {
        match self {
            Self::Fact(fact) => value_of(report, fact).cloned(),
            Self::Ratio(above, below, _) => {
                Ok((number(value_of(report, above)?)? / number(value_of(report, below)?)?).into())
            }
            Self::Overlap(step, label) => {
                let spans = &step_of(report, step)?.spans;
                let wanted = |label: Option<&str>, of: &str| label.is_none_or(|label| label == of);
                let mut spans = spans.iter().filter(|span| wanted(label, &span.label)).peekable();
                if spans.peek().is_none() {
                    return Err(format!("no spans of {}", step.0));
                }
                Ok(overlap(spans).into())
            }
        }
    }

    fn step(self) -> Step {
        match self {
            Self::Fact(fact) | Self::Ratio(fact, ..) => fact.step,
            Self::Overlap(step, _) => step,
        }
    }

    fn facts(self) -> [Option<Fact>; 2] {
        match self {
            Self::Fact(fact) => [Some(fact), None],
            Self::Ratio(above, below, _) => [Some(above), Some(below)],
            Self::Overlap(..) => [None, None],
        }
    }

    fn show(self, value: &Value) -> String {
        match self {
            Self::Fact(fact) => show(fact.name, value),
            Self::Ratio(_, _, unit) => format!("{} {unit}", show("", value)),
            Self::Overlap(..) => format!("{} at once", show("", value)),
        }
    }
}

impl Expected {
    /// Whether `value` is as expected; the error says why they can't be compared.
    fn holds(self, value: &Value, report: &Report) -> Result<bool, String> {
        let than = |bound: Bound| number(&bound.in_report(report)?);
        Ok(match self {
            Self::Is(bound) => equal(value, &bound.in_report(report)?)?,
            Self::Below(bound) => number(value)? < than(bound)? && number(value)? >= 0.0,
            Self::AtLeast(bound) => number(value)? >= than(bound)?,
            Self::AtMost(bound) => number(value)? <= than(bound)? && number(value)? >= 0.0,
            Self::Within(least, most) => (than(least)?..=than(most)?).contains(&number(value)?),
            Self::Each(count, each) => {
                let (values, each) = (list(value)?, each.in_report(report)?);
                let alike = values.iter().map(|value| equal(value, &each));
                alike.collect::<Result<Vec<_>, _>>()?.iter().all(|alike| *alike)
                    && values.len() == count
            }
            Self::EachAtLeast(count, least) => {
                let numbers = list(value)?.iter().map(number).collect::<Result<Vec<_>, _>>()?;
                let least = than(least)?;
                numbers.len() == count && numbers.iter().all(|number| *number >= least)
            }
            Self::Grows => {
                let numbers = list(value)?.iter().map(number).collect::<Result<Vec<_>, _>>()?;
                numbers.is_sorted() && numbers.first() < numbers.last()
            }
            Self::IsText => value.is_string(),
            Self::InOrder(pairs) => {
                let events = list(value)?;
                let position = |event| events.iter().position(|value| value == event);
                pairs.iter().all(|(first, second)| {
                    matches!((position(first), position(second)), (Some(a), Some(b)) if a < b)
                })
            }
        })
    }

    fn facts(self) -> [Option<Fact>; 2] {
        match self {
            Self::Is(bound) | Self::Below(bound) | Self::AtLeast(bound) | Self::AtMost(bound) => {
                [bound.fact(), None]
            }
            Self::Within(least, most) => [least.fact(), most.fact()],
            Self::Each(_, bound) | Self::EachAtLeast(_, bound) => [bound.fact(), None],
            Self::Grows | Self::IsText | Self::InOrder(_) => [None, None],
        }
    }

    fn describe(self, figure: Figure, report: &Report) -> String {
        let bound = |bound: Bound| bound.describe(figure, report);
        match self {
            Self::Is(than) => bound(than),
            Self::Below(than) => format!("< {}", bound(than)),
            Self::AtLeast(than) => format!(">= {}", bound(than)),
            Self::AtMost(than) => format!("<= {}", bound(than)),
            Self::Within(least, most) => format!("{} to {}", bound(least), bound(most)),
            Self::Each(count, each) => format!("{count} times {}", bound(each)),
            Self::EachAtLeast(count, than) => format!("{count} times >= {}", bound(than)),
            Self::Grows => "growing".into(),
            Self::IsText => "a text".into(),
            Self::InOrder(pairs) => {
                let pairs: Vec<_> =
                    pairs.iter().map(|(first, second)| format!("{first} < {second}")).collect();
                pairs.join("; ")
            }
        }
    }

    /// What a row says instead of a value that was found as expected and is long.
    fn in_words(self, value: &Value, found: &str) -> Option<String> {
        let count = value.as_array().map(Vec::len);
        match self {
            Self::InOrder(_) => Some(format!("{} in order", count?)),
            Self::Grows => {
                let [first, .., last] = &value.as_array()?[..] else { return None };
                Some(format!("{} to {}", show("", first), show("", last)))
            }
            Self::Is(_) if found.chars().count() > COLUMN => {
                Some(count.map_or("the same".into(), |count| format!("the same {count}")))
            }
            _ => None,
        }
    }
}

/// What fits a column of the table of results.
pub const COLUMN: usize = 19;

fn list(value: &Value) -> Result<&Vec<Value>, String> {
    value.as_array().ok_or_else(|| "not a list".into())
}

/// Equality of values of the same type; 3 and 3.0 are the same number.
fn equal(found: &Value, expected: &Value) -> Result<bool, String> {
    match (found, expected) {
        (Value::Number(a), Value::Number(b)) => Ok(a.as_f64() == b.as_f64()),
        (Value::Number(_), _) => Err("a number".into()),
        (_, Value::Number(_)) => Err("not a number".into()),
        _ => Ok(found == expected),
    }
}

impl Bound {
    fn in_report(self, report: &Report) -> Result<Value, String> {
        match self {
            Self::Number(number) => Ok(number.into()),
            Self::Text(text) => Ok(text.into()),
            Self::Answer(answer) => Ok(answer.into()),
            Self::Same(fact) => value_of(report, fact).cloned(),
        }
    }

    fn fact(self) -> Option<Fact> {
        match self {
            Self::Same(fact) => Some(fact),
            Self::Number(_) | Self::Text(_) | Self::Answer(_) => None,
        }
    }

    /// As a person reads it, in the unit of `figure`.
    fn describe(self, figure: Figure, report: &Report) -> String {
        match (self, figure) {
            (Self::Number(number), Figure::Ratio(_, _, unit)) => {
                format!("{} {unit}", three_digits(number))
            }
            (Self::Number(number), Figure::Fact(fact)) => show(fact.name, &number.into()),
            (Self::Number(number), Figure::Overlap(..)) => format!("{number} at once"),
            (Self::Text(text), _) => text.into(),
            (Self::Answer(answer), _) => show("", &answer.into()),
            (Self::Same(fact), _) => match value_of(report, fact) {
                Ok(value) => {
                    let shown = show(fact.name, value);
                    let Fact { step, name } = fact;
                    if shown.chars().count() > COLUMN {
                        format!("{}.{name}", step.0)
                    } else {
                        shown
                    }
                }
                Err(complaint) => complaint,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const S: Step = step("s");

    /// A report of the step `s` with these facts, and with spans from 0 to 10 and 5 to 15.
    fn report(facts: &Value) -> Report {
        let span = |lane: &str, start_us: u64| json!({ "lane": lane, "label": lane, "start_us": start_us, "end_us": start_us + 10 });
        let spans = json!([span("a", 0), span("b", 5)]);
        let steps = json!([
            { "name": "s", "facts": facts, "spans": spans, "notes": { "f": "367540" } },
            { "name": "without spans" },
        ]);
        serde_json::from_value(json!({ "item": 9, "title": "T", "steps": steps })).unwrap()
    }

    fn judged(fact: &Value, expected: Expected) -> Verdict {
        let report = report(&json!({ "f": fact, "five": 5, "text": "x" }));
        check("claim", S.fact("f"), expected, "why").judge(&report)
    }

    #[expect(clippy::needless_pass_by_value, reason = "json! makes values")]
    fn passes(fact: Value, expected: Expected) -> bool {
        judged(&fact, expected).outcome == Outcome::Passed
    }

    #[test]
    fn numbers_are_compared_with_numbers_and_other_facts() {
        assert!(passes(json!(5), is(5)));
        assert!(!passes(json!(4), is(5)));
        assert!(passes(json!(5), is(S.fact("five"))));
        assert!(passes(json!(4), below(S.fact("five"))));
        assert!(!passes(json!(5), below(S.fact("five"))));
        assert!(passes(json!(5), at_least(5)));
        assert!(!passes(json!(4.9), at_least(5)));
        assert!(passes(json!(5), at_most(5)));
        assert!(!passes(json!(5.1), at_most(5)));
        assert!(passes(json!(4), within(4, 5)) && passes(json!(5), within(4, 5)));
        assert!(!passes(json!(3), within(4, 5)) && !passes(json!(6), within(4, 5)));
    }

    #[test]
    fn what_has_an_upper_bound_has_a_lower_one_at_nought() {
        assert!(passes(json!(0), below(5)) && passes(json!(0), at_most(5)));
        assert!(!passes(json!(-5), below(5)));
        assert!(!passes(json!(-5), at_most(5)));
    }

    #[test]
    fn texts_and_answers_are_compared() {
        assert!(passes(json!("hello"), is("hello")));
        assert!(!passes(json!("hallo"), is("hello")));
        assert!(passes(json!(false), is(false)));
        assert!(!passes(json!(true), is(false)));
        assert!(passes(json!("x"), is(S.fact("text"))));
        assert!(passes(json!("anything"), is_text()));
        assert!(!passes(json!(1), is_text()));
    }

    #[test]
    fn a_wrong_type_fails_and_says_so() {
        for (fact, expected, complaint) in [
            (json!("5"), is(5), "not a number"),
            (json!(5), is("5"), "a number"),
            (json!("4"), below(5), "not a number"),
            (json!(true), at_least(1), "not a number"),
            (json!(null), within(1, 2), "not a number"),
            (json!(5), each(1, 5), "not a list"),
            (json!(5), grows(), "not a list"),
            (json!(["5", 6]), grows(), "not a number"),
            (json!(5), in_order(&[("a", "b")]), "not a list"),
        ] {
            let verdict = judged(&fact, expected);
            assert_eq!(verdict.outcome, Outcome::Failed);
            assert!(verdict.found.contains(complaint), "{verdict:?}");
        }
    }

    #[test]
    fn what_is_named_and_not_reported_fails_and_is_named() {
        let report = report(&json!({ "f": 1 }));
        let gone = step("gone");
        for (check, complaint) in [
            (check("c", S.fact("g"), is(1), "why"), "no fact s.g"),
            (check("c", gone.fact("f"), is(1), "why"), "no step gone"),
            (check("c", ratio(S.fact("f"), S.fact("g"), "times"), is(1), "why"), "no fact s.g"),
            (check("c", S.fact("f"), is(S.fact("g")), "why"), "no fact s.g"),
            (check("c", gone.overlap(), at_most(9), "why"), "no step gone"),
            (check("c", step("without spans").overlap(), at_most(9), "why"), "no spans"),
            (check("c", S.overlap_of("c"), at_most(9), "why"), "no spans"),
            // An excuse that can't apply is a mistake also where nothing is to be excused.
            (check("c", S.fact("f"), is(1), "why").unless(S.fact("g"), is(1), "r"), "no fact s.g"),
            (
                check("c", S.fact("f"), is(1), "why").unless(S.fact("f"), is(S.fact("g")), "r"),
                "no fact s.g",
            ),
            (check("c", S.fact("f"), is(1), "why").unless(S.fact("f"), is("x"), "r"), "a number"),
        ] {
            let verdict = check.judge(&report);
            assert_eq!(verdict.outcome, Outcome::Failed, "{check:?}");
            assert!(verdict.found.contains(complaint), "{verdict:?}");
        }
    }

    #[test]
    fn every_value_of_a_list_counts() {
        assert!(passes(json!([0, 0, 0]), each(3, 0)));
        assert!(!passes(json!([0, 0]), each(3, 0)));
        assert!(!passes(json!([0, 1, 0]), each(3, 0)));
        assert!(
            passes(json!(["x", "x"]), each(2, "x")) && !passes(json!(["x", "y"]), each(2, "x"))
        );
        assert!(passes(json!([5, 5]), each(2, S.fact("five"))));
        assert!(!passes(json!([5, 6]), each(2, S.fact("five"))));
        assert!(passes(json!([5, 7.5]), each_at_least(2, S.fact("five"))));
        assert!(!passes(json!([5, 4.9]), each_at_least(2, S.fact("five"))));
        assert!(!passes(json!([5]), each_at_least(2, 5)));
        assert!(passes(json!([0, 0, 7]), grows()));
        assert!(!passes(json!([0, 7, 6]), grows()));
        assert!(!passes(json!([7, 7]), grows()));
        assert!(!passes(json!([]), grows()));
    }

    #[test]
    fn only_the_promised_order_is_asked_for() {
        let pairs = in_order(&[("put", "got"), ("ready", "got")]);
        assert!(passes(json!(["ready", "put", "got"]), pairs));
        assert!(passes(json!(["put", "ready", "got"]), pairs));
        assert!(!passes(json!(["put", "got", "ready"]), pairs));
        assert!(!passes(json!(["put", "got"]), pairs));
    }

    #[test]
    fn ratios_and_overlaps_are_computed_here_not_reported() {
        let report = report(&json!({ "a": 3000, "b": 1000 }));
        let verdict = |figure: Figure, expected| check("c", figure, expected, "why").judge(&report);
        let ratio = ratio(S.fact("a"), S.fact("b"), "times");
        assert_eq!(verdict(ratio, at_least(3)), Verdict::new(">= 3 times", "3 times", true));
        assert_eq!(verdict(S.overlap(), is(2)), Verdict::new("2 at once", "2 at once", true));
        assert_eq!(verdict(S.overlap(), is(1)).outcome, Outcome::Failed);
        assert_eq!(verdict(S.overlap_of("a"), is(1)).outcome, Outcome::Passed);
    }

    #[test]
    fn a_claim_that_this_machine_cannot_show_is_skipped_neither_passed_nor_failed() {
        let check = check("claim", S.fact("f"), is(2), "why")
            .unless(S.fact("cores"), is(1), "{} core")
            .unless(S.fact("free"), below(0.5), "busy");
        let outcome = |f, cores, free| {
            check.judge(&report(&json!({ "f": f, "cores": cores, "free": free }))).outcome
        };
        assert_eq!(outcome(1, 1, 1.0), Outcome::Skipped("1 core".into()));
        assert_eq!(outcome(1, 2, 0.1), Outcome::Skipped("busy".into()));
        assert_eq!(outcome(1, 2, 1.0), Outcome::Failed, "no excuse applies");
        assert_eq!(outcome(2, 1, 0.1), Outcome::Passed, "nothing to excuse");
    }

    #[test]
    fn a_fact_that_no_check_names_is_found_out() {
        let report =
            report(&json!({ "f": 1, "bound": 2, "excuse": 3, "above": 4, "below": 5, "x": 6 }));
        let checks = [
            check("c", S.fact("f"), below(S.fact("bound")), "w").unless(
                S.fact("excuse"),
                is(3),
                "r",
            ),
            check("c", ratio(S.fact("above"), S.fact("below"), "times"), at_most(1), "w"),
        ];
        assert_eq!(unjudged(&report, &checks), ["s.x"]);
    }

    #[test]
    fn what_was_found_as_expected_and_is_long_is_summed_up() {
        assert_eq!(judged(&json!([0, 0]), each(2, 0)).found, "2 times 0");
        assert_eq!(judged(&json!([0, 25, 64]), grows()).found, "0 to 64");
        assert_eq!(judged(&json!(["a", "b"]), in_order(&[("a", "b")])).found, "2 in order");
        let long = "a value of thirty characters..";
        assert_eq!(judged(&json!(long), is(long)).found, "the same");
        assert_eq!(judged(&json!(long), is("x")).found, long, "a failure shows all of it");
        let fits = "nineteen characters";
        assert_eq!(judged(&json!(fits), is(fits)).found, fits);
        let in_words = check("c", S.fact("f"), is(1), "why").in_words("5 grids agree");
        assert_eq!(in_words.judge(&report(&json!({ "f": 1 }))).found, "5 grids agree");
        assert_eq!(in_words.judge(&report(&json!({ "f": 2 }))).found, "2");
    }

    #[test]
    fn figures_are_shown_in_their_units_and_the_notes_beside() {
        let report = report(&json!({ "f": 1, "elapsed_s": 0.0125 }));
        let timed = check("c", S.fact("elapsed_s"), below(1), "why");
        assert_eq!(timed.judge(&report), Verdict::new("< 1 s", "12.5 ms", true));
        let counted = |bound: f64| check("c", S.fact("f"), below(bound), "why").judge(&report);
        assert_eq!(counted(10000.0).expected, "< 10000", "a count has all its digits");
        assert_eq!(counted(1.234).expected, "< 1.23");
        assert_eq!(timed.notes(&report), None);
        assert_eq!(check("c", S.fact("f"), is(1), "why").notes(&report), Some("367540"));
    }

    #[test]
    fn a_check_is_about_what_is_there_if_its_step_and_all_its_facts_are() {
        let report = report(&json!({ "f": 1 }));
        for (check, is_there) in [
            (check("c", S.fact("f"), is(1), "why"), true),
            (check("c", S.overlap(), is(1), "why"), true),
            (check("c", S.fact("g"), is(1), "why"), false),
            (check("c", S.fact("f"), is(S.fact("g")), "why"), false),
            (check("c", ratio(S.fact("f"), S.fact("g"), "times"), is(1), "why"), false),
            (check("c", step("gone").overlap(), is(1), "why"), false),
        ] {
            assert_eq!(check.is_in(&report), is_there, "{check:?}");
        }
    }

    #[test]
    fn what_is_expected_of_a_fact_is_that_fact_or_where_it_is_long_its_name() {
        let fits = "nineteen characters";
        let report = report(&json!({ "f": "f", "fits": fits, "long": format!("{fits}.") }));
        let expected =
            |bound| check("c", S.fact("f"), is(S.fact(bound)), "w").judge(&report).expected;
        assert_eq!(fits.len(), COLUMN);
        assert_eq!(expected("fits"), fits);
        assert_eq!(expected("long"), "s.long");
    }
}
