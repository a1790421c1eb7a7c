//! What a page shows: the one JSON document that `cargo xtask report` hands to the package `page`.

use common::report::Report;
use serde::{Deserialize, Serialize};

use crate::judge::{Outcome, Verdict};
use crate::machine::Machine;
use crate::table::Row;

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

/// A check, judged.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Judgement {
    /// What is claimed.
    pub claim: String,
    /// What must be found.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// Why it must hold.
    pub why: String,
    /// What the notes found.
    #[serde(default)]
    pub notes: String,
    /// What came of it.
    pub outcome: Outcome,
    /// What it means in Python that it does not hold. Mostly empty.
    #[serde(default)]
    pub meaning: String,
}

impl From<Row> for Judgement {
    fn from(Row { claim, verdict: Verdict { expected, found, outcome }, why, notes }: Row) -> Self {
        let (claim, why, meaning) = (claim.into(), why.into(), String::new());
        Self { claim, expected, found, why, notes, outcome, meaning }
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
