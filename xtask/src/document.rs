//! What a page shows: the one JSON document that `cargo xtask report` hands to the package `page`.

use std::path::{Path, PathBuf};

use common::report::{Report, StepReport};
use serde::{Deserialize, Serialize};

use crate::comparison::mended_step;
use crate::machine::Machine;
use crate::verdict::Judgement;

/// All of a page.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Document {
    /// In which language it is.
    #[serde(default)]
    pub language: Language,
    /// Where the workspace lies, as seen from the page: what the addresses of its files begin with.
    pub root: String,
    /// The README of the workspace, with whose opening the page begins.
    pub front: Text,
    /// The chapters, in the order in which they are read.
    pub chapters: Vec<Chapter>,
    /// What the items' runs have in common; none for a page of READMEs alone.
    #[serde(default)]
    pub made: Option<Made>,
    /// Items 56 to 60 beside each other.
    #[serde(default)]
    pub fan_out: Option<Table>,
}

impl Document {
    /// The items, in the order of their chapters.
    pub fn items(&self) -> impl Iterator<Item = &Shown> {
        self.chapters.iter().filter_map(|chapter| chapter.item.as_ref())
    }

    /// The same, to be changed.
    pub fn items_mut(&mut self) -> impl Iterator<Item = &mut Shown> {
        self.chapters.iter_mut().filter_map(|chapter| chapter.item.as_mut())
    }
}

/// The languages of pages and READMEs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English: `README.md`.
    #[default]
    En,
    /// Korean: `README.ko.md`.
    Ko,
}

impl Language {
    /// The path of a text in this language, from that of the English one.
    pub fn path_of(self, english: &Path) -> PathBuf {
        match self {
            Self::En => english.to_owned(),
            Self::Ko => english.with_extension("ko.md"),
        }
    }
}

/// A text of the workspace, in Markdown.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Text {
    /// Its path in the workspace.
    pub path: String,
    /// What it says.
    pub markdown: String,
}

/// A chapter: a text, and the item that it is about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Chapter {
    /// The text. Of an item from elsewhere there may be none.
    pub text: Text,
    /// The item.
    #[serde(default)]
    pub item: Option<Shown>,
}

/// How the runs that a page shows came about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Made {
    /// When the items ran (RFC 3339, in UTC).
    pub date: String,
    /// Where they ran.
    pub machine: Machine,
    /// The program that ran instead of the item's own.
    #[serde(default)]
    pub program: Option<String>,
    /// The Python interpreters that ran the items, too: the columns beside Rust.
    #[serde(default)]
    pub pythons: Vec<String>,
    /// How often each ran; figures are the best of so many rounds.
    pub rounds: u32,
}

/// A table of texts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Table {
    /// What stands over its columns.
    pub columns: Vec<String>,
    /// Its rows.
    pub rows: Vec<Vec<String>>,
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
    /// The files that a reader may want to open.
    #[serde(default)]
    pub files: Vec<SourceFile>,
    /// How it ran, if it did.
    #[serde(default)]
    pub run: Option<Ran>,
    /// How its Python ran under each of the interpreters; none where there is no such program.
    #[serde(default)]
    pub pythons: Vec<Option<Ran>>,
}

/// One run of an item.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ran {
    /// How long it took, in seconds.
    pub elapsed_s: f64,
    /// What it reported, with the best of all rounds. If it did not, the first of the judgements says why.
    pub report: Option<Report>,
    /// Its checks, in the order of their table: of each the round that failed, if one did.
    pub judgements: Vec<Judgement>,
    /// Those that a mended step answers, too.
    #[serde(default)]
    pub mended: Vec<Judgement>,
}

impl Ran {
    /// What the step of this name reported.
    pub fn step(&self, name: &str) -> Option<&StepReport> {
        self.report.as_ref()?.step(name)
    }

    /// What the step reported that mends the one of this name.
    pub fn mended_step(&self, name: &str) -> Option<&StepReport> {
        self.step(&mended_step(name))
    }

    /// What came of the same check in this run: its step and its claim are the same.
    pub fn same(&self, check: &Judgement) -> Option<&Judgement> {
        self.judgements.iter().find(|other| is_same(check, other))
    }

    /// What came of the same check in the mended step.
    pub fn same_mended(&self, check: &Judgement) -> Option<&Judgement> {
        self.mended.iter().find(|other| is_same(check, other))
    }
}

fn is_same(check: &Judgement, other: &Judgement) -> bool {
    (&other.step, &other.claim) == (&check.step, &check.claim)
}

/// A file that a reader may want to open.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SourceFile {
    /// Its path in the workspace.
    pub path: String,
    /// What it says of itself in its first sentence. May be empty.
    #[serde(default)]
    pub about: String,
}

#[cfg(test)]
mod tests {
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
            Run::that_reported(Ok(serde_json::from_value(report).unwrap()))
        };
        let judgements = run(1).judged_in_python(&item, Python::CPython);
        let python = Ran { elapsed_s: 0.0, report: None, judgements, mended: Vec::new() };
        let rust = run(0).judged(&item);
        let claims = rust.iter().filter(|row| row.claim == "none is missing");
        let theirs: Vec<_> = claims.map(|row| python.same(row).unwrap()).collect();
        assert_eq!(theirs[0].outcome, Outcome::Passed);
        let of_tasks = (&theirs[1].outcome, &*theirs[1].meaning);
        assert_eq!(of_tasks, (&Outcome::Failed, "the last line is lost"));
    }
}
