//! What came of an item's claims and figures, in Rust and under each interpreter.

use common::report::{Report, StepReport};
use serde::Serialize;
use serde_json::Value;

use crate::judge::{Check, Item, Outcome};

/// What came of a claim in all rounds of one program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// It held in each round.
    Holds,
    /// It failed in some round.
    Fails,
    /// This program has no such step or fact: the language has no counterpart.
    NotThere,
    /// The machine could not show it.
    Skipped,
    /// There is no report to judge.
    Unknown,
}

/// The rounds of one program: Rust's, or Python's under one interpreter.
#[derive(Debug, Default)]
pub struct Rounds {
    pub reports: Vec<Report>,
    /// Why a round gave no report; then there are no more.
    pub misbehaved: Option<String>,
}

/// An item, and its rounds in Rust and under each interpreter, in this order.
#[derive(Debug)]
pub struct Compared {
    pub item: &'static Item,
    pub rounds: Vec<Rounds>,
}

/// A figure, or a fact that is one: its step and its name.
pub type Named<'a> = (&'a str, &'a str);

impl Rounds {
    /// Whether there is something to tell: each round gave a report.
    pub fn all_ran(&self) -> bool {
        self.misbehaved.is_none() && !self.reports.is_empty()
    }

    /// What came of `check` in all rounds, and what was found: where it failed, if it did.
    pub fn held(&self, check: &Check) -> (Held, String) {
        held(check, self.reports.iter(), self.misbehaved.is_some())
    }

    /// The same of the step that does it in the mended way, where there is one: `race_mended`.
    pub fn held_when_mended(&self, check: &Check) -> Option<(Held, String)> {
        let mended: Vec<Report> =
            self.reports.iter().filter_map(|report| mended(report, check.step())).collect();
        (!mended.is_empty()).then(|| held(check, mended.iter(), false))
    }

    /// The best that any round reported under this name, in the unit of the name: the least of
    /// times and bytes, the most of all else.
    pub fn best(&self, (step, name): Named) -> Option<f64> {
        if self.misbehaved.is_some() {
            return None;
        }
        let values = self.reports.iter().filter_map(|report| {
            let step = report.step(step)?;
            step.figures.get(name).or_else(|| step.facts.get(name)).and_then(Value::as_f64)
        });
        let less_is_better = is_time(name) || name.ends_with("_bytes");
        if less_is_better { values.min_by(f64::total_cmp) } else { values.max_by(f64::total_cmp) }
    }
}

fn held<'a>(
    check: &Check,
    reports: impl Iterator<Item = &'a Report> + Clone,
    misbehaved: bool,
) -> (Held, String) {
    if misbehaved || reports.clone().next().is_none() {
        return (Held::Unknown, String::new());
    }
    if reports.clone().any(|report| !check.is_in(report)) {
        return (Held::NotThere, String::new());
    }
    let verdicts: Vec<_> = reports.map(|report| check.judge(report)).collect();
    let failed = verdicts.iter().find(|verdict| verdict.outcome == Outcome::Failed);
    let skipped = verdicts.iter().find(|verdict| matches!(verdict.outcome, Outcome::Skipped(_)));
    let (held, verdict) = match (failed, skipped) {
        (Some(verdict), _) => (Held::Fails, verdict),
        (None, Some(verdict)) => (Held::Skipped, verdict),
        (None, None) => (Held::Holds, &verdicts[0]),
    };
    (held, verdict.found.clone())
}

/// The report with the mended step in the place of `step`.
fn mended(report: &Report, step: &str) -> Option<Report> {
    let mended = report.step(&mended_step(step))?.clone();
    let mut report = report.clone();
    report.steps.retain(|of_report| of_report.name != step);
    report.steps.push(StepReport { name: step.into(), ..mended });
    Some(report)
}

/// The step that does what `step` does where that no longer does what it says.
pub fn mended_step(step: &str) -> String {
    format!("{step}_mended")
}

fn is_time(name: &str) -> bool {
    name.ends_with("_s") || name.ends_with("_ns")
}

/// Whether it says something to divide Python's by Rust's. Counts and ratios speak for themselves.
pub fn has_ratio(name: &str) -> bool {
    is_time(name) || name.ends_with("_bytes") || name.ends_with("_per_second")
}

impl Compared {
    /// What Rust has measured and Python under some interpreter, too: figures, and facts that are
    /// times.
    pub fn figures(&self) -> Vec<Named<'_>> {
        let Some(report) = self.rounds[0].reports.first() else { return Vec::new() };
        let measured = report.steps.iter().flat_map(|step| {
            let figures = step.figures.iter().map(|(name, _)| name);
            let times = step.facts.iter().map(|(name, _)| name).filter(|name| is_time(name));
            figures.chain(times).map(|name| (&*step.name, name))
        });
        let has_both = |figure: &Named| {
            let has = |of: &Rounds| of.best(*figure).is_some();
            has(&self.rounds[0]) && self.rounds[1..].iter().any(has)
        };
        measured.filter(|figure| has_both(figure) && !self.is_flag(*figure)).collect()
    }

    /// A time that is the same to the last digit wherever it is reported was not measured.
    #[expect(clippy::float_cmp, reason = "a flag is the same to the last digit")]
    fn is_flag(&self, figure: Named) -> bool {
        let best: Vec<f64> = self.rounds.iter().filter_map(|of| of.best(figure)).collect();
        is_time(figure.1) && best.iter().all(|value| *value == best[0])
    }

    /// How many times Rust's figure the program `index` has of its own, where that says something.
    pub fn ratio(&self, index: usize, rust: Named, own: Named) -> Option<f64> {
        let (rusts, owns) = (self.rounds[0].best(rust)?, self.rounds[index].best(own)?);
        (has_ratio(own.1) && rusts > 0.0).then_some(owns / rusts)
    }
}

/// Of how many claims of all items `held` came under the program `index`.
pub fn how_many(compared: &[Compared], index: usize, held: Held) -> usize {
    let of_item = |of: &Compared| {
        let checks = of.item.checks.iter();
        checks.filter(|check| of.rounds[index].held(check).0 == held).count()
    };
    compared.iter().map(of_item).sum()
}
