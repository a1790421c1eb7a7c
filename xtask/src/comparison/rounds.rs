//! The rounds of one program, and what came of claims and figures in all of them.

use common::report::{Report, StepReport};
use common::unit::Unit;
use serde::Serialize;
use serde_json::Value;

use crate::judge::{Check, Run};
use crate::verdict::Outcome;

/// The rounds of one program: Rust's, or Python's under one interpreter. An interpreter that can't be used
/// has no rounds.
#[derive(Debug, Default)]
pub struct Rounds {
    pub runs: Vec<Run>,
}

/// The names of a step and of one of its figures, or of a fact that is one.
pub type Named<'a> = (&'a str, &'a str);

/// What came of a claim in all rounds of one program.
#[derive(Clone, Debug)]
pub struct Answer {
    pub held: Held,
    /// What was found: in the round that failed, if one did.
    pub found: String,
    /// Why the machine could not show it, where it could not.
    pub skipped: Option<String>,
}

/// Whether a claim held: what counts more among several rounds stands first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// It failed in some round.
    Fails,
    /// The machine could not show it.
    Skipped,
    /// It held in each round.
    Holds,
    /// This program has no such step or fact: the language has no counterpart.
    NotThere,
    /// There is no report to judge.
    Unknown,
}

impl Rounds {
    /// Why the last round gave no report; then there are no more.
    pub fn misbehaved(&self) -> Option<&str> {
        self.runs.last()?.report.as_ref().err().map(String::as_str)
    }

    /// The reports. There are none if a round gave no report, or if there were no rounds.
    fn reports(&self) -> Vec<&Report> {
        let reports: Result<Vec<&Report>, _> =
            self.runs.iter().map(|run| run.report.as_ref()).collect();
        reports.unwrap_or_default()
    }

    /// What came of `check`.
    pub fn answer(&self, check: &Check) -> Answer {
        answer(check, &self.reports())
    }

    /// What came of `check` in the mended step (`race_mended`), where there is one.
    pub fn answer_when_mended(&self, check: &Check) -> Option<Answer> {
        let reports = self.reports().into_iter();
        let mended: Vec<Report> =
            reports.filter_map(|report| mended(report, check.step())).collect();
        (!mended.is_empty()).then(|| answer(check, &mended.iter().collect::<Vec<_>>()))
    }

    /// The best that any round reported under this name.
    pub fn best(&self, (step, name): Named) -> Option<&Value> {
        let values = self.reports().into_iter().filter_map(|report| {
            let step = report.step(step)?;
            step.figures.get(name).or_else(|| step.facts.get(name))
        });
        let sign = if Unit::of(name).less_is_better() { 1.0 } else { -1.0 };
        let numbers = values.filter_map(|value| Some((value.as_f64()? * sign, value)));
        Some(numbers.min_by(|(a, _), (b, _)| a.total_cmp(b))?.1)
    }
}

fn answer(check: &Check, reports: &[&Report]) -> Answer {
    if reports.is_empty() {
        return Answer { held: Held::Unknown, found: String::new(), skipped: None };
    }
    if !reports.iter().all(|report| check.is_in(report)) {
        return Answer { held: Held::NotThere, found: String::new(), skipped: None };
    }
    let judgements = reports.iter().map(|report| check.judge(report));
    let answers = judgements.map(|judgement| {
        let (held, skipped) = match judgement.outcome {
            Outcome::Failed => (Held::Fails, None),
            Outcome::Skipped(reason) => (Held::Skipped, Some(reason)),
            Outcome::Passed => (Held::Holds, None),
        };
        Answer { held, found: judgement.found, skipped }
    });
    answers.min_by_key(|answer| answer.held).expect("there is a report")
}

/// The report with the mended step in the place of `step`.
fn mended(report: &Report, step: &str) -> Option<Report> {
    let mended = report.step(&mended_step(step))?.clone();
    let mut report = report.clone();
    report.steps.retain(|of_report| of_report.name != step);
    report.steps.push(StepReport { name: step.into(), ..mended });
    Some(report)
}

/// The name of the step that mends `step`, whose code no longer does what the chapter says.
pub fn mended_step(step: &str) -> String {
    format!("{step}_mended")
}
