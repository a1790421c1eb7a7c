//! The rounds of one program, and what came of claims and figures in all of them.

use std::borrow::Borrow;

use common::report::{Report, StepReport};
use common::unit::{Unit, show};
use serde::Serialize;
use serde_json::Value;

use super::measured_in;
use crate::judge::{Check, Item, Run};
use crate::verdict::{Judgement, Outcome};

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

impl Held {
    fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Failed => Self::Fails,
            Outcome::Skipped(_) => Self::Skipped,
            Outcome::Passed => Self::Holds,
        }
    }
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
        let mended = self.mended(check);
        (!mended.is_empty()).then(|| answer(check, &mended))
    }

    /// What came of those of `checks` that a mended step answers, too.
    pub fn judged_when_mended(&self, checks: &[Check]) -> Vec<Judgement> {
        checks.iter().filter_map(|check| worst(check, &self.mended(check))).collect()
    }

    /// The reports with the mended step in the place of that of `check`.
    fn mended(&self, check: &Check) -> Vec<Report> {
        let reports = self.reports().into_iter();
        reports.filter_map(|report| mended(report, check.step())).collect()
    }

    /// What came of each check that `judge` makes of a round: in the round that failed, if one did.
    pub fn judged(&self, judge: impl Fn(&Run) -> Vec<Judgement>) -> Vec<Judgement> {
        let mut rounds = self.runs.iter().rev().map(judge);
        let mut judged = rounds.next().unwrap_or_default();
        let count = judged.len();
        // A program is not run again after a round without a report, which has told the last one.
        for round in rounds.filter(|round| round.len() == count) {
            for (known, other) in judged.iter_mut().zip(round) {
                if Held::of(&other.outcome) <= Held::of(&known.outcome) {
                    *known = other;
                }
            }
        }
        judged
    }

    /// The first report, with the best of all rounds for what is measured.
    pub fn best_report(&self, item: &Item) -> Option<Report> {
        let first = *self.reports().first()?;
        let mut report = first.clone();
        for (of_step, name) in measured_in(first, item) {
            let step = report.steps.iter_mut().find(|step| step.name == of_step);
            let better = self.best((of_step, name)).filter(|best| {
                first.step(of_step).and_then(|step| step.value(name)) != Some(*best)
            });
            if let (Some(step), Some(best)) = (step, better) {
                step.figures.set(name, best.clone());
                step.facts.set(name, best.clone());
                step.told.set(name, show(name, best).into());
            }
        }
        Some(report)
    }

    /// Of what the rounds reported under this name, the best. A number without a unit has no best: of ratios
    /// the largest would be the one that was disturbed most. Of those it is the one in the middle.
    pub fn best(&self, (step, name): Named) -> Option<&Value> {
        let values = self.reports().into_iter().filter_map(|report| {
            let step = report.step(step)?;
            let value = step.figures.get(name).or_else(|| step.facts.get(name))?;
            Some((value.as_f64()?, value))
        });
        let mut values: Vec<(f64, &Value)> = values.collect();
        values.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        let unit = Unit::of(name);
        let best = match unit {
            Unit::Plain => values.get(values.len().saturating_sub(1) / 2),
            _ if unit.less_is_better() => values.first(),
            _ => values.last(),
        };
        best.map(|(_, value)| *value)
    }
}

fn answer(check: &Check, reports: &[impl Borrow<Report>]) -> Answer {
    let without = |held| Answer { held, found: String::new(), skipped: None };
    if reports.is_empty() {
        return without(Held::Unknown);
    }
    let Some(Judgement { outcome, found, .. }) = worst(check, reports) else {
        return without(Held::NotThere);
    };
    let held = Held::of(&outcome);
    let skipped = match outcome {
        Outcome::Skipped(reason) => Some(reason),
        Outcome::Failed | Outcome::Passed => None,
    };
    Answer { held, found, skipped }
}

/// What came of `check` in the report in which it came out worst. None if one of them does not have what it is
/// about, or if there are none.
fn worst(check: &Check, reports: &[impl Borrow<Report>]) -> Option<Judgement> {
    if !reports.iter().all(|report| check.is_in(report.borrow())) {
        return None;
    }
    let judgements = reports.iter().map(|report| check.judge(report.borrow()));
    judgements.min_by_key(|judgement| Held::of(&judgement.outcome))
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

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use super::*;
    use crate::judge::{Load, Python, at_least, check, step};

    /// A round whose step `s` reported these figures.
    fn round(figures: &Value) -> Run {
        let report =
            json!({ "item": 9, "title": "T", "steps": [{ "name": "s", "figures": figures }] });
        Run::that_reported(Ok(from_value(report).unwrap()))
    }

    fn rounds<const N: usize>(figures: &[Value; N]) -> Rounds {
        Rounds { runs: figures.iter().map(round).collect() }
    }

    #[test]
    fn times_have_a_best_round_and_ratios_a_middle_one() {
        let of_three = rounds(&[
            json!({ "elapsed_s": 3.0, "games_per_second": 3.0, "speed_up": 1.7 }),
            json!({ "elapsed_s": 1.0, "games_per_second": 9.0, "speed_up": 0.9 }),
            json!({ "elapsed_s": 2.0, "games_per_second": 6.0, "speed_up": 1.0 }),
        ]);
        let best = |name| of_three.best(("s", name)).cloned();
        assert_eq!(best("elapsed_s"), Some(json!(1.0)));
        assert_eq!(best("games_per_second"), Some(json!(9.0)));
        assert_eq!(best("speed_up"), Some(json!(1.0)));
        assert_eq!(best("gone"), None);
        let of_two = rounds(&[json!({ "speed_up": 1.7 }), json!({ "speed_up": 0.9 })]);
        assert_eq!(of_two.best(("s", "speed_up")), Some(&json!(0.9)), "one of the two");
    }

    /// A round in which `race` lost so many counts and took so long, and its mended step lost ten more.
    fn race(lost: u32, elapsed_s: f64) -> Run {
        let step = |name: &str, lost: u32| {
            json!({ "name": name, "facts": { "lost": lost }, "figures": { "elapsed_s": elapsed_s },
                    "told": { "lost": "some", "elapsed_s": "as told" } })
        };
        let steps = [step("race", lost), step("race_mended", lost + 10)];
        let report = json!({ "item": 54, "title": "T", "steps": steps });
        Run::that_reported(Ok(from_value(report).unwrap()))
    }

    fn item() -> Item {
        let claim = check("it loses some", step("race").fact("lost"), at_least(5)).because("w");
        Item::new(54, "item", Load::Waits, vec![claim])
    }

    #[test]
    fn of_several_rounds_a_page_shows_the_best_figure_and_the_judgement_of_the_one_that_failed() {
        let rounds = Rounds { runs: vec![race(9, 0.003), race(2, 0.001), race(8, 0.002)] };
        let best = rounds.best_report(&item()).unwrap();
        let race = best.step("race").unwrap();
        assert_eq!(race.figures.get("elapsed_s"), Some(&json!(0.001)));
        assert_eq!(race.told.get("elapsed_s"), Some(&json!("1 ms")));
        assert_eq!(race.facts.get("lost"), Some(&json!(9)), "facts are the first round's");
        let judged = rounds.judged(|run| run.judged_in_python(&item(), Python::CPython));
        let claim = judged.iter().find(|row| row.claim == "it loses some").unwrap();
        assert_eq!((&claim.outcome, &*claim.found), (&Outcome::Failed, "2"));
        let mended = rounds.judged_when_mended(&item().checks);
        assert_eq!((&mended[0].outcome, mended.len()), (&Outcome::Passed, 1));
        let other = check("it loses more", step("race").fact("more"), at_least(5)).because("w");
        assert_eq!(rounds.judged_when_mended(&[other]), [], "a mended step need not tell all");
    }

    #[test]
    fn one_round_is_shown_as_it_was_told_and_one_without_a_report_says_why() {
        let rounds = Rounds { runs: vec![race(9, 0.003)] };
        let report = rounds.best_report(&item()).unwrap();
        assert_eq!(report, *rounds.runs[0].report.as_ref().unwrap());
        let rounds =
            Rounds { runs: vec![race(9, 0.003), Run::that_reported(Err("crashed".into()))] };
        assert_eq!(rounds.best_report(&item()), None);
        let judged = rounds.judged(|run| run.judged(&item()));
        assert!(judged.iter().any(|row| row.found == "crashed"), "{judged:?}");
    }
}
