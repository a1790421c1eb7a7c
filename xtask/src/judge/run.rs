//! A run of an item, and the judgement of all of it: what is asked of every item, and what its table asks.

use std::collections::BTreeSet;
use std::time::Duration;

use common::report::Report;

use super::{Check, Item, Python};
use crate::verdict::{Judgement, Outcome};

/// What is known of a run of an item's program.
#[derive(Debug)]
pub struct Run {
    /// The report, or in one line why there is no report to judge.
    pub report: Result<Report, String>,
    /// Whether the program has said that the system failed it: it has ended with exit code 1.
    pub gave_up: bool,
    /// What the system denied the program, where there is no report for that reason.
    pub denied: Option<&'static str>,
    /// Whether it has outlived its time limit, and was ended.
    pub hung: bool,
    /// Whether it has left children of its own behind. They have been ended.
    pub left_behind: bool,
    /// How long it took.
    pub elapsed: Duration,
}

#[cfg(test)]
impl Run {
    /// One of which nothing else is to be said.
    pub fn that_reported(report: Result<Report, String>) -> Self {
        let (gave_up, hung, left_behind) = (false, false, false);
        Self { report, gave_up, denied: None, hung, left_behind, elapsed: Duration::ZERO }
    }
}

impl Run {
    /// Judges how the program of `item` ran and, if it reported, what it says.
    pub fn judged(&self, item: &Item) -> Vec<Judgement> {
        let mut rows = self.of_contract();
        if let Ok(report) = &self.report {
            rows.extend(item.checks.iter().map(|check| check.judge(report)));
            let unjudged = match unjudged(report, &item.checks) {
                facts if facts.is_empty() => "every fact".to_owned(),
                facts => format!("not {}", facts.join(", ")),
            };
            rows.push(of_contract("every fact has a check", "every fact", &unjudged));
        }
        rows
    }

    /// The same of the item's program in Python. A check of what that does not report is left out, for
    /// the language may have no counterpart; what it reports besides is not judged.
    pub fn judged_in_python(&self, item: &Item, python: Python) -> Vec<Judgement> {
        let mut rows = self.of_contract();
        if let Ok(report) = &self.report {
            let there = item.checks.iter().filter(|check| check.is_in(report));
            rows.extend(there.map(|check| {
                let judgement = check.judge(report);
                let has_failed = judgement.outcome == Outcome::Failed;
                let meaning = check.meaning_in(python).filter(|_| has_failed);
                Judgement { meaning: meaning.unwrap_or_default().into(), ..judgement }
            }));
        }
        rows
    }

    fn of_contract(&self) -> Vec<Judgement> {
        let left = if self.left_behind { "a child" } else { "nothing" };
        let reported = self.report.as_ref().err().map_or("a report", String::as_str);
        let mut reports = of_contract("it runs and reports", "a report", reported);
        if let Some(denied) = self.denied {
            reports.outcome = Outcome::Skipped(denied.into());
        }
        vec![reports, of_contract("it leaves nothing running", "nothing", left)]
    }
}

fn of_contract(claim: &str, expected: &str, found: &str) -> Judgement {
    Judgement {
        step: None,
        claim: claim.into(),
        expected: expected.into(),
        found: found.into(),
        why: "every item must (CONTRIBUTING.md)".into(),
        notes: String::new(),
        outcome: if expected == found { Outcome::Passed } else { Outcome::Failed },
        meaning: String::new(),
    }
}

/// The facts of `report` that none of `checks` looks at, as `step.fact`.
fn unjudged(report: &Report, checks: &[Check]) -> Vec<String> {
    let judged: BTreeSet<(&str, &str)> =
        checks.iter().flat_map(Check::facts).map(|fact| (fact.step, fact.name)).collect();
    let reported = report
        .steps
        .iter()
        .flat_map(|step| step.facts.iter().map(|(name, _)| (step.name.as_str(), name)));
    let unjudged = reported.filter(|fact| !judged.contains(fact));
    unjudged.map(|(step, name)| format!("{step}.{name}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::judge::{Load, Step, at_most, below, check, is, ratio, step};

    const S: Step = step("s");

    fn item(checks: Vec<Check>) -> Item {
        Item::new(9, "item", Load::TakesAll, checks)
    }

    fn run(steps: &Value) -> Run {
        let report = json!({ "item": 9, "title": "T", "steps": steps });
        Run::that_reported(Ok(serde_json::from_value(report).unwrap()))
    }

    #[test]
    fn a_program_that_the_system_denied_what_it_needs_has_not_failed() {
        for (denied, expected) in
            [(None, Outcome::Failed), (Some("no memory"), Outcome::Skipped("no memory".into()))]
        {
            let report = Err("crashed by signal 9".into());
            let run = Run { report, denied, ..run(&json!([])) };
            assert_eq!(run.judged(&item(vec![]))[0].outcome, expected);
        }
    }

    #[test]
    fn a_fact_that_no_check_looks_at_is_found_out_and_a_setting_needs_none() {
        let facts = json!({ "f": 1, "bound": 2, "excuse": 3, "above": 4, "below": 5, "x": 6 });
        let steps = json!([{ "name": "s", "facts": facts, "settings": { "threads": 5 } }]);
        let checks = vec![
            check("c", S.fact("f"), below(S.fact("bound"))).because("w").unless(
                S.fact("excuse"),
                is(3),
                "r",
            ),
            check("d", ratio(S.fact("above"), S.fact("below"), "times"), at_most(1)).because("w"),
        ];
        let rows = run(&steps).judged(&item(checks));
        let last = rows.last().unwrap();
        assert_eq!((&*last.found, &last.outcome), ("not s.x", &Outcome::Failed));
    }

    #[test]
    fn a_setting_is_found_where_a_fact_is_compared_to_it() {
        let steps = json!([{ "name": "s", "facts": { "f": 5 }, "settings": { "threads": 5 } }]);
        let check = check("c", S.fact("f"), is(S.fact("threads"))).because("w");
        assert_eq!(check.judge(&run(&steps).report.unwrap()).outcome, Outcome::Passed);
    }

    #[test]
    fn what_python_does_not_do_is_left_out_and_what_fails_there_is_explained() {
        let found = |name| step(name).fact("found");
        let item = item(vec![
            check("the lock loses nothing", found("lock"), is(500))
                .because("w")
                .in_python(&[Python::PyPy], "it has none"),
            check("fetch_add loses nothing", found("atomic"), is(500)).because("w"),
        ]);
        let steps = json!([{ "name": "lock", "facts": { "found": 499, "of_its_own": 1 } }]);
        let others = run(&steps).judged_in_python(&item, Python::CPython);
        assert!(others.iter().all(|row| row.meaning.is_empty()), "it is about PyPy");
        let rows = run(&steps).judged_in_python(&item, Python::PyPy);
        let rows: Vec<_> =
            rows.iter().map(|row| (&*row.claim, &row.outcome, &*row.meaning)).collect();
        assert_eq!(
            rows,
            [
                ("it runs and reports", &Outcome::Passed, ""),
                ("it leaves nothing running", &Outcome::Passed, ""),
                ("the lock loses nothing", &Outcome::Failed, "it has none"),
            ]
        );
    }
}
