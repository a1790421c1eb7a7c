//! What a page shows: the one JSON document that `cargo xtask report` hands to the package `page`.

use common::report::Report;
use serde::{Deserialize, Serialize};

use crate::machine::Machine;
use crate::verdict::Judgement;

/// All of a page.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Document {
    /// When the items ran (RFC 3339, in UTC).
    pub date: String,
    /// Where they ran.
    pub machine: Machine,
    /// The Python interpreters that ran the items, too: the columns beside Rust.
    #[serde(default)]
    pub pythons: Vec<String>,
    /// The items, in the chapter's order.
    pub items: Vec<Shown>,
}

/// One item.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Shown {
    /// Its number in the book.
    pub number: u32,
    /// Its title.
    pub title: String,
    /// The package, whose program has the same name.
    pub package: String,
    /// The advice, as its README gives it: a paragraph of Markdown. May be empty.
    #[serde(default)]
    pub advice: String,
    /// The files that a reader may want to open.
    #[serde(default)]
    pub files: Vec<SourceFile>,
    /// How it ran.
    pub run: Ran,
    /// How its Python ran under each of the interpreters; none where there is no such program.
    #[serde(default)]
    pub pythons: Vec<Option<Ran>>,
}

/// One run of an item.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ran {
    /// How long it took, in seconds.
    pub elapsed_s: f64,
    /// What it reported. If it did not, the first of the judgements says why.
    pub report: Option<Report>,
    /// Its checks, in the order of their table.
    pub judgements: Vec<Judgement>,
}

impl Ran {
    /// What came of the same check in this run: its step and its claim are the same.
    pub fn same(&self, check: &Judgement) -> Option<&Judgement> {
        let same = |other: &&Judgement| (&other.step, &other.claim) == (&check.step, &check.claim);
        self.judgements.iter().find(same)
    }
}

/// A file that a reader may want to open.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SourceFile {
    /// Its path in the folder of its item.
    pub path: String,
    /// The address of the file, as seen from the page.
    pub address: String,
    /// What it says of itself in its first sentence. May be empty.
    #[serde(default)]
    pub about: String,
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::judge::{Item, Load, Python, Run, check, is, step};
    use crate::verdict::Outcome;

    /// Item 62 makes the same claims of three versions.
    #[test]
    fn the_same_claim_of_two_steps_has_a_counterpart_each() {
        let missing = |name| check("none is missing", step(name).fact("missing"), is(0));
        let checks = vec![
            missing("threads").because("w"),
            missing("tasks").because("w").in_python(Python::ANY, "the last line is lost"),
        ];
        let item = Item::new(62, "item", Load::Waits, checks);
        let run = |by_tasks| {
            let steps = json!([{ "name": "threads", "facts": { "missing": 0 } },
                               { "name": "tasks", "facts": { "missing": by_tasks } }]);
            let report = json!({ "item": 62, "title": "T", "steps": steps });
            let report = Ok(serde_json::from_value(report).unwrap());
            Run {
                report,
                gave_up: false,
                denied: None,
                hung: false,
                left_behind: false,
                elapsed: Duration::ZERO,
            }
        };
        let judgements = run(1).judged_in_python(&item, Python::CPython);
        let python = Ran { elapsed_s: 0.0, report: None, judgements };
        let rust = run(0).judged(&item);
        let claims = rust.iter().filter(|row| row.claim == "none is missing");
        let theirs: Vec<_> = claims.map(|row| python.same(row).unwrap()).collect();
        assert_eq!(theirs[0].outcome, Outcome::Passed);
        let of_tasks = (&theirs[1].outcome, &*theirs[1].meaning);
        assert_eq!(of_tasks, (&Outcome::Failed, "the last line is lost"));
    }
}
