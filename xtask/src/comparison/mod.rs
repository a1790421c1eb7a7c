//! An item in Rust beside the same item in Python: what tables, JSON and page are made of.

pub mod interpreters;
mod rounds;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::time::Duration;

use common::report::Report;
use common::unit::{Unit, show, spoken};
use serde_json::Value;

use crate::engine;
use crate::judge::{Check, Fact, Item, Python};

pub use rounds::{Answer, Held, Named, Rounds, mended_step};

/// A value of Rust's, and the corresponding values of Python under each interpreter.
#[derive(Clone, Debug, Default)]
pub struct Beside<T> {
    pub rust: T,
    pub pythons: Vec<T>,
}

impl<T> Beside<T> {
    /// Rust's first.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        [&self.rust].into_iter().chain(&self.pythons)
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        [&mut self.rust].into_iter().chain(&mut self.pythons)
    }

    pub fn map<U>(&self, of: impl Fn(&T) -> U) -> Beside<U> {
        Beside { rust: of(&self.rust), pythons: self.pythons.iter().map(of).collect() }
    }
}

impl Beside<String> {
    /// The texts that `tell` makes of `values`, with the names of their programs; values without a text are
    /// left out.
    pub fn by_name<'a, T, U>(
        &'a self,
        values: &'a Beside<T>,
        tell: impl Fn(&'a T) -> Option<U>,
    ) -> BTreeMap<&'a str, U> {
        let named = self.iter().zip(values.iter());
        named.filter_map(|(name, value)| Some((&**name, tell(value)?))).collect()
    }
}

/// An item, and how its programs ran.
#[derive(Debug)]
pub struct Comparison<'a> {
    pub item: &'a Item,
    pub rounds: Beside<Rounds>,
}

/// A claim, and its outcome in each program.
pub struct Claim<'a> {
    pub check: &'a Check,
    pub answers: Beside<Answer>,
    /// The same for the mended step, where there is one.
    pub mended: Beside<Option<Answer>>,
}

impl Claim<'_> {
    /// What is to be said of each program of which something is: why the claim does not hold, or why the
    /// machine could not show it.
    pub fn notes(&self, kinds: &[Option<Python>]) -> Beside<Option<String>> {
        let note = |kind: Option<Python>, answer: &Answer| match answer.held {
            Held::Fails => self.check.meaning_in(kind?).map(str::to_owned),
            _ => answer.skipped.as_ref().map(|reason| format!("skipped: {reason}")),
        };
        let pythons = kinds.iter().zip(&self.answers.pythons);
        Beside {
            rust: note(None, &self.answers.rust),
            pythons: pythons.map(|(kind, answer)| note(*kind, answer)).collect(),
        }
    }
}

/// A figure, and its value in each program.
#[derive(Debug)]
pub struct Measured<'a> {
    /// The step and the name.
    pub says: String,
    pub step: &'a str,
    pub name: &'a str,
    pub best: Beside<Option<Best>>,
    /// The same of the step that does it in the mended way, where there is one.
    pub mended: Beside<Option<Best>>,
}

/// The best of a program's rounds; of numbers without a unit, the middle one.
#[derive(Debug)]
pub struct Best {
    pub value: Value,
    /// The figure as text, with its unit.
    pub shown: String,
    /// Its ratio to Rust's figure, as a number and in words; none for counts.
    pub times_rust: Option<(f64, String)>,
}

impl<'a> Comparison<'a> {
    /// Runs `item` by these commands, one round of each after the other, so that a busy moment of the
    /// machine meets all alike. A program that has given no report is not run again. `tell` is told
    /// the name of what runs next, and its round.
    pub fn by_turns(
        item: &'a Item,
        commands: &Beside<(String, Option<Vec<OsString>>)>,
        rounds: u32,
        limit: Duration,
        tell: impl Fn(&str, u32),
    ) -> Self {
        let mut comparison = Self { item, rounds: commands.map(|_| Rounds::default()) };
        for round in 1..=rounds {
            for ((name, command), of) in commands.iter().zip(comparison.rounds.iter_mut()) {
                let is_well = of.misbehaved().is_none();
                if let Some(command) = command.as_ref().filter(|_| is_well) {
                    tell(name, round);
                    of.runs.push(engine::run(item, command, limit));
                }
            }
        }
        comparison
    }

    /// What came of each check of the item's table.
    pub fn claims(&self) -> impl Iterator<Item = Claim<'a>> {
        self.item.checks.iter().map(|check| Claim {
            check,
            answers: self.rounds.map(|of| of.answer(check)),
            mended: self.rounds.map(|of| of.answer_when_mended(check)),
        })
    }

    /// What both Rust and Python have measured, under one interpreter at least: figures, and facts that
    /// are times and that a claim or the summary is about. The others are for the judge alone.
    pub fn figures(&self) -> Vec<Measured<'_>> {
        let Some(Ok(report)) = self.rounds.rust.runs.first().map(|run| &run.report) else {
            return Vec::new();
        };
        let measured = measured_in(report, self.item).map(|named @ (step, name)| {
            self.measured(format!("{step} {}", spoken(name)), named, named)
        });
        let by_both = |Measured { best, .. }: &Measured| {
            best.rust.is_some() && best.pythons.iter().any(Option::is_some)
        };
        measured.filter(by_both).collect()
    }

    /// The figures that the item's table names for a summary.
    pub fn headlines(&self) -> impl Iterator<Item = Measured<'a>> {
        let named = |Fact { step, name }| (step, name);
        self.item.headlines.iter().map(move |headline| {
            self.measured(headline.says.clone(), named(headline.rust), named(headline.python))
        })
    }

    fn measured<'n>(&self, says: String, rust: Named<'n>, python: Named<'n>) -> Measured<'n> {
        let (step, name) = python;
        let rust = Best::of(&self.rounds.rust, rust, None);
        let rusts = rust.as_ref().and_then(|best| best.value.as_f64());
        let of_pythons = |step: &str| {
            self.rounds.pythons.iter().map(|of| Best::of(of, (step, name), rusts)).collect()
        };
        let best = Beside { rust, pythons: of_pythons(step) };
        let mended = of_pythons(&mended_step(step));
        Measured { says, step, name, best, mended: Beside { rust: None, pythons: mended } }
    }
}

impl Best {
    fn of(rounds: &Rounds, named: Named, rusts: Option<f64>) -> Option<Self> {
        let value = rounds.best(named)?.clone();
        let (shown, unit) = (show(named.1, &value), Unit::of(named.1));
        let both = value.as_f64().zip(rusts);
        let times_rust =
            both.and_then(|(own, rusts)| Some((unit.times(own, rusts)?, unit.ratio(own, rusts)?)));
        Some(Self { value, shown, times_rust })
    }
}

/// What a report has measured: the names of step and figure, or of a fact that is a time and that the
/// table of `item` is about.
fn measured_in<'a>(report: &'a Report, item: &Item) -> impl Iterator<Item = Named<'a>> {
    report.steps.iter().flat_map(|step| {
        let figures = step.figures.iter().map(|(name, _)| name);
        let facts = step.facts.iter().map(|(name, _)| name);
        let is_told = |name: &&str| Unit::of(name).is_time() && item.is_about(&step.name, name);
        let names = figures.chain(facts.filter(is_told));
        names.map(|name| (&*step.name, name)).collect::<Vec<_>>()
    })
}

/// For each of the `programs`, how many claims of all items hold, fail and have no counterpart.
pub fn counts(all: &[Comparison], programs: &Beside<String>) -> Beside<BTreeMap<Held, usize>> {
    let mut counts = programs.map(|_| BTreeMap::new());
    for Claim { answers, .. } in all.iter().flat_map(Comparison::claims) {
        for (count, answer) in counts.iter_mut().zip(answers.iter()) {
            *count.entry(answer.held).or_default() += 1;
        }
    }
    counts
}
