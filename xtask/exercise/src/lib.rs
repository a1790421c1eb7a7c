//! Exercises: the heart of an item's own code is taken out, a reader writes it anew, and what judges the item
//! judges the reader.
//!
//! - [`exercises`]: the table, a file for each item.
//! - [`mod@source`]: functions in a file, and the file with other bodies. [`store`]: what is kept of an exercise,
//!   so that nothing is lost.
//! - [`judge`]: builds the item, runs it and its tests, and says in rows what holds.
//! - [`hints`]: which hint comes next.

pub mod exercises;
pub mod hints;
pub mod judge;
pub mod source;
pub mod store;

use anyhow::ensure;

use crate::source::{bodies, replaced};

/// Something worth having written once.
#[derive(Debug)]
pub struct Exercise {
    /// The item's number and a word: `54-lock`.
    pub name: &'static str,
    /// The item's number.
    pub item: u32,
    /// What is to be written, in a sentence.
    pub task: &'static str,
    /// The file, from the folder of the item's package.
    pub file: &'static str,
    /// The functions whose bodies are taken out, and what each must do.
    pub functions: &'static [(&'static str, &'static str)],
    /// The section of the item's README that helps.
    pub section: &'static str,
    /// What helps besides: files of the workspace, and which headings or names there.
    pub besides: &'static [(&'static str, &'static [&'static str])],
    /// The steps of the item's report that are about it.
    pub steps: &'static [&'static str],
    /// Tests that are about it.
    pub tests: &'static [Test],
    /// A question for whoever's code hangs.
    pub hangs: &'static str,
    /// Three hints at least.
    pub hints: &'static [Hint],
    /// Answers that people really give, and the row that catches each.
    pub wrong: &'static [Wrong],
}

/// A test that is about an exercise.
#[derive(Clone, Copy, Debug)]
pub enum Test {
    /// A test of the library, by a part of its name.
    Unit(&'static str),
    /// A test of a file in `tests`.
    Of(&'static str, &'static str),
    /// A model check in `tests/interleavings.rs`: every interleaving, by loom.
    Model(&'static str),
}

impl Test {
    /// The name by which it is found, or the part of it.
    pub fn name(self) -> &'static str {
        let (Self::Unit(name) | Self::Of(_, name) | Self::Model(name)) = self;
        name
    }
}

/// A hint, and the row that it goes with: `lock.found`, the name of a test, `report` or `hang`; `build` and
/// the codes of the compiler's errors that it is about; or nothing, where it is good in any case.
#[derive(Debug)]
pub struct Hint(pub &'static str, pub &'static str);

/// A wrong answer.
#[derive(Debug)]
pub struct Wrong {
    /// What is wrong with it.
    pub what: &'static str,
    /// How it differs from the original.
    pub slips: &'static [Slip],
    /// The row that must catch it, as a [`Hint`] names it.
    pub row: &'static str,
}

/// One difference of a wrong answer from the original.
#[derive(Debug)]
pub enum Slip {
    /// This function has this body.
    Body(&'static str, &'static str),
    /// In this function these words, each of which stands there once, are replaced by others.
    Words(&'static str, &'static [(&'static str, &'static str)]),
}

impl Wrong {
    /// The file with this answer in place of the `original`.
    ///
    /// # Errors
    ///
    /// Fails when the original no longer has what this answer differs from.
    pub fn of(&self, original: &str) -> anyhow::Result<String> {
        self.slips.iter().try_fold(original.to_owned(), |text, slip| {
            let (Slip::Body(function, _) | Slip::Words(function, _)) = slip;
            let place = bodies(&text, &[function])?;
            let body = match slip {
                Slip::Body(_, body) => (*body).to_owned(),
                Slip::Words(_, pairs) => {
                    let body = text[place[0].clone()].to_owned();
                    pairs.iter().try_fold(body, |body, (words, others)| {
                        let count = body.matches(words).count();
                        ensure!(count == 1, "{words:?} stands {count} times in {function}");
                        Ok(body.replace(words, others))
                    })?
                }
            };
            Ok(replaced(&text, &place, &[body]))
        })
    }
}
