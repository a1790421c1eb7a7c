//! What an item must report: the vocabulary of the tables in `expectations/`.
//!
//! What the words mean is in `meaning`; what is asked of every item, whatever its table says, in
//! `run`.

mod meaning;
mod run;

use common::unit::spoken;
use serde_json::Value;

pub use meaning::COLUMN;
pub use run::Run;

/// An item: where its program is, how it may be run, what it must report.
#[derive(Debug)]
pub struct Item {
    /// Its number in the book.
    pub number: u32,
    /// The package, whose program has the same name. Its description is the item's title.
    pub package: &'static str,
    /// Whether it may run beside other items.
    pub load: Load,
    /// What its report must say.
    pub checks: Vec<Check>,
    /// Which of its figures the summary of a comparison shows.
    pub headlines: Vec<Headline>,
}

/// What an item does with its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// It mostly waits, so other items may run beside it.
    Waits,
    /// It computes, and another item that computes would disturb what it measures; or it starts so many threads
    /// that other items might get none.
    TakesAll,
}

/// A figure that the summary of a comparison shows.
#[derive(Debug)]
pub struct Headline {
    /// What the figure is of.
    pub says: String,
    /// Rust's figure.
    pub rust: Fact,
    /// Python's.
    pub python: Fact,
}

impl Item {
    /// An item without headlines.
    pub fn new(number: u32, package: &'static str, load: Load, checks: Vec<Check>) -> Self {
        Self { number, package, load, checks, headlines: Vec::new() }
    }

    /// Shows the figure `name` of `step` in the summary of a comparison.
    pub fn headline(self, step: Step, name: &'static str) -> Self {
        let says = format!("{} {}", step.0, spoken(name));
        self.headline_beside(&says, step.fact(name), step.fact(name))
    }

    /// Shows one of Rust's figures beside another of Python's: another way to the same end.
    pub fn headline_beside(mut self, says: &str, rust: Fact, python: Fact) -> Self {
        self.headlines.push(Headline { says: says.into(), rust, python });
        self
    }

    /// Whether a claim or a headline is about this fact. A bound or an excuse is not.
    pub fn is_about(&self, step: &str, name: &str) -> bool {
        let is_it = |fact: &Fact| (fact.step, fact.name) == (step, name);
        let headlines = self.headlines.iter().flat_map(|of| [of.rust, of.python]);
        let judged = self.checks.iter().flat_map(Check::judged);
        judged.chain(headlines).any(|fact| is_it(&fact))
    }
}

/// One claim of the chapter, and the figure that shows it.
#[derive(Clone, Debug)]
pub struct Check {
    /// The claim, in at most 33 characters.
    pub claim: &'static str,
    figure: Figure,
    expected: Expected,
    why: &'static str,
    words: Option<&'static str>,
    excuses: Vec<Excuse>,
    /// In which Pythons the claim fails, and why.
    in_python: Option<(&'static [Python], &'static str)>,
}

/// A kind of Python interpreter, as far as claims depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Python {
    /// `CPython` until 3.9, with its global lock, which a thread may give away at any instruction.
    UntilCPython39,
    /// `CPython` with its global lock, which a thread gives away at calls and when it jumps back.
    CPython,
    /// `CPython` without its global lock.
    FreeThreaded,
    /// `PyPy`, which has a global lock, too.
    PyPy,
    /// Any other.
    Other,
}

impl Python {
    /// All of them: the reason lies in the language.
    pub const ANY: &[Self] =
        &[Self::UntilCPython39, Self::CPython, Self::FreeThreaded, Self::PyPy, Self::Other];

    /// Those that are known to have a global lock.
    pub const WITH_LOCK: &[Self] = &[Self::UntilCPython39, Self::CPython, Self::PyPy];
}

/// A claim without its reason.
#[derive(Debug)]
pub struct Claim(Check);

/// Why a check that does not hold is skipped instead of failed: this machine can't show the claim.
#[derive(Clone, Debug)]
struct Excuse {
    figure: Figure,
    expected: Expected,
    reason: &'static str,
}

/// Claims that `figure` is as `expected`.
pub fn check(claim: &'static str, figure: impl Into<Figure>, expected: Expected) -> Claim {
    let (figure, excuses) = (figure.into(), Vec::new());
    Claim(Check { claim, figure, expected, why: "", words: None, excuses, in_python: None })
}

impl Claim {
    /// Says why the claim must hold on every machine, or whose figure it is.
    pub fn because(mut self, why: &'static str) -> Check {
        self.0.why = why;
        self.0
    }
}

impl Check {
    /// How a row that passed sums up what was found: for what is too long to show, or says nothing. A fact
    /// that it had to equal is then shown by its name.
    pub fn in_words(mut self, words: &'static str) -> Self {
        self.words = Some(words);
        self
    }

    /// Says why the claim fails in these Pythons.
    pub fn in_python(mut self, which: &'static [Python], sentence: &'static str) -> Self {
        self.in_python = Some((which, sentence));
        self
    }

    /// Why the claim fails in this Python, if a reason is known.
    pub fn meaning_in(&self, python: Python) -> Option<&'static str> {
        self.in_python.filter(|(which, _)| which.contains(&python)).map(|(_, sentence)| sentence)
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
    /// One of its facts, or of its settings, to which facts are compared.
    pub const fn fact(self, name: &'static str) -> Fact {
        Fact { step: self.0, name }
    }

    /// How many of its lanes had a span open at the same moment, at most.
    pub const fn overlap(self) -> Figure {
        Figure::Overlap(self.0, None)
    }

    /// The same, of its spans with this label alone.
    pub const fn overlap_of(self, label: &'static str) -> Figure {
        Figure::Overlap(self.0, Some(label))
    }
}

/// The name of a fact and of the step that reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fact {
    /// The name of the step.
    pub step: &'static str,
    /// The name of the fact.
    pub name: &'static str,
}

/// The figure that a check judges.
#[derive(Clone, Copy, Debug)]
pub enum Figure {
    /// A fact.
    Fact(Fact),
    /// One fact divided by another, and what it counts.
    Ratio(Fact, Fact, &'static str),
    /// How many lanes of a step were open at once, at most; of spans with this label.
    Overlap(&'static str, Option<&'static str>),
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

/// What a figure must be.
#[derive(Clone, Debug)]
pub struct Expected(Rule);

#[derive(Clone, Debug)]
enum Rule {
    Is(Bound),
    Below(Bound),
    AtLeast(Bound),
    AtMost(Bound),
    Within(Bound, Bound),
    Each(usize, Box<Expected>),
    Grows,
    IsText,
    InOrder(&'static [(&'static str, &'static str)]),
}

/// Equal to this value.
pub fn is(bound: impl Into<Bound>) -> Expected {
    Expected(Rule::Is(bound.into()))
}

/// A number below this bound.
pub fn below(bound: impl Into<Bound>) -> Expected {
    Expected(Rule::Below(bound.into()))
}

/// A number not below this bound.
pub fn at_least(bound: impl Into<Bound>) -> Expected {
    Expected(Rule::AtLeast(bound.into()))
}

/// A number from 0 to this bound, both included.
pub fn at_most(bound: impl Into<Bound>) -> Expected {
    Expected(Rule::AtMost(bound.into()))
}

/// A number from the first bound to the second, both included.
pub fn within(least: impl Into<Bound>, most: impl Into<Bound>) -> Expected {
    Expected(Rule::Within(least.into(), most.into()))
}

/// A list of `count` values, each of which is as expected: `each(2, at_least(5))`.
pub fn each(count: usize, value: impl Into<Expected>) -> Expected {
    Expected(Rule::Each(count, Box::new(value.into())))
}

impl<T: Into<Bound>> From<T> for Expected {
    fn from(bound: T) -> Self {
        is(bound)
    }
}

/// A list of numbers that never falls and ends higher than it began.
pub fn grows() -> Expected {
    Expected(Rule::Grows)
}

/// Any text: for what has no number.
pub fn is_text() -> Expected {
    Expected(Rule::IsText)
}

/// A list of events in which the first of each pair stands before the second.
pub fn in_order(pairs: &'static [(&'static str, &'static str)]) -> Expected {
    Expected(Rule::InOrder(pairs))
}

/// What a figure is compared with.
#[derive(Clone, Debug)]
pub enum Bound {
    /// A number, a text, yes or no.
    Value(Value),
    /// Another fact of the same report.
    Fact(Fact),
    /// Another fact of the same step.
    Its(&'static str),
}

/// Another fact, or a setting, of the step whose figure is judged.
pub fn its(name: &'static str) -> Bound {
    Bound::Its(name)
}

impl<T: Into<Value>> From<T> for Bound {
    fn from(value: T) -> Self {
        Self::Value(value.into())
    }
}

impl From<Fact> for Bound {
    fn from(fact: Fact) -> Self {
        Self::Fact(fact)
    }
}
