//! What `compare --json` prints: all of it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::interpreter::Found;
use super::rounds::{Compared, Held, Named, Rounds, how_many, mended_step};
use crate::judge::Check;
use crate::machine::Machine;

#[derive(Serialize)]
pub struct Told<'a> {
    machine: Machine,
    /// How often each was run.
    repeat: u32,
    /// Rust, and the interpreters as they were asked for.
    programs: &'a [String],
    /// Where the interpreters are.
    paths: ByProgram<String>,
    /// Why some could not be used.
    missing: Vec<String>,
    /// The versions that `all` has found, and that are too old.
    too_old: &'a [String],
    items: Vec<ToldItem<'a>>,
    summary: Vec<ToldSum>,
}

type ByProgram<T> = BTreeMap<String, T>;

#[derive(Serialize)]
struct ToldItem<'a> {
    item: u32,
    misbehaved: ByProgram<String>,
    claims: Vec<ToldClaim>,
    figures: Vec<ToldFigure>,
    headlines: Vec<ToldHeadline<'a>>,
}

#[derive(Serialize)]
struct ToldClaim {
    claim: &'static str,
    held: ByProgram<Held>,
    found: ByProgram<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    held_when_mended: ByProgram<Held>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    found_when_mended: ByProgram<String>,
    /// What it means where it does not hold in Python.
    #[serde(skip_serializing_if = "Option::is_none")]
    means: Option<&'static str>,
}

#[derive(Serialize)]
struct ToldFigure {
    step: String,
    name: String,
    best: ByProgram<f64>,
    /// How many times Rust's.
    ratio: ByProgram<f64>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    best_when_mended: ByProgram<f64>,
}

/// What the summary shows of the figures.
#[derive(Serialize)]
struct ToldHeadline<'a> {
    says: &'a str,
    ratio: ByProgram<f64>,
}

/// How the claims of a program came out.
#[derive(Serialize)]
struct ToldSum {
    program: String,
    hold: usize,
    fail: usize,
    not_there: usize,
    skipped: usize,
}

impl<'a> Told<'a> {
    pub fn new(
        compared: &'a [Compared],
        programs: &'a [String],
        found: &'a Found,
        repeat: u32,
    ) -> Self {
        let paths = found
            .usable()
            .map(|python| (python.to_string(), python.path.to_string_lossy().into_owned()));
        let sum = |(index, program): (usize, &String)| ToldSum {
            program: program.clone(),
            hold: how_many(compared, index, Held::Holds),
            fail: how_many(compared, index, Held::Fails),
            not_there: how_many(compared, index, Held::NotThere),
            skipped: how_many(compared, index, Held::Skipped),
        };
        Self {
            machine: Machine::this(),
            repeat,
            programs,
            paths: paths.collect(),
            missing: found.missing().map(ToString::to_string).collect(),
            too_old: &found.too_old,
            items: compared.iter().map(|of| ToldItem::new(of, programs)).collect(),
            summary: programs.iter().enumerate().map(sum).collect(),
        }
    }
}

impl<'a> ToldItem<'a> {
    fn new(compared: &'a Compared, programs: &[String]) -> Self {
        let all = ByName { compared, programs };
        let figure = |(step, name): Named| {
            let mended = mended_step(step);
            ToldFigure {
                step: step.to_owned(),
                name: name.to_owned(),
                best: all.told(|_, of| of.best((step, name))),
                ratio: all.ratio((step, name), (step, name)),
                best_when_mended: all.told(|_, of| of.best((&mended, name))),
            }
        };
        let headlines = compared.item.headlines.iter().map(|headline| ToldHeadline {
            says: &headline.says,
            ratio: all.ratio(headline.rust(), headline.python()),
        });
        Self {
            item: compared.item.number,
            misbehaved: all.told(|_, of| of.misbehaved.clone()),
            claims: compared.item.checks.iter().map(|check| ToldClaim::new(&all, check)).collect(),
            figures: compared.figures().into_iter().map(figure).collect(),
            headlines: headlines.collect(),
        }
    }
}

impl ToldClaim {
    fn new(all: &ByName, check: &Check) -> Self {
        let mended = |of: &Rounds| of.held_when_mended(check);
        Self {
            claim: check.claim,
            held: all.told(|_, of| Some(of.held(check).0)),
            found: all.told(|_, of| Some(of.held(check).1)),
            held_when_mended: all.told(|_, of| Some(mended(of)?.0)),
            found_when_mended: all.told(|_, of| Some(mended(of)?.1)),
            means: check.in_python,
        }
    }
}

/// The rounds of an item under the names of its programs.
struct ByName<'a> {
    compared: &'a Compared,
    programs: &'a [String],
}

impl ByName<'_> {
    fn told<T>(&self, tell: impl Fn(usize, &Rounds) -> Option<T>) -> ByProgram<T> {
        let rounds = self.programs.iter().zip(&self.compared.rounds).enumerate();
        rounds.filter_map(|(index, (name, of))| Some((name.clone(), tell(index, of)?))).collect()
    }

    fn ratio(&self, rust: Named, python: Named) -> ByProgram<f64> {
        let ratio = |index| self.compared.ratio(index, rust, python);
        self.told(|index, _| if index == 0 { None } else { ratio(index) })
    }
}
