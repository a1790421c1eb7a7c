//! What several commands let the user choose: which items, which program, and how long it may take.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Error;
use clap::error::ErrorKind;
use common::program::duration_within;

use crate::engine::{self, cargo::Workspace};
use crate::judge::{Item, Run};

/// The items with these numbers, or all if none is named.
pub fn select<'a>(catalogue: &'a [Item], numbers: &[String]) -> anyhow::Result<Vec<&'a Item>> {
    if numbers.is_empty() {
        return Ok(catalogue.iter().collect());
    }
    let item = |number: &String| {
        catalogue.iter().find(|item| item.number.to_string() == *number).ok_or_else(|| {
            let known: Vec<String> = catalogue.iter().map(|item| item.number.to_string()).collect();
            let known = known.join(", ");
            let complaint =
                format!("invalid value '{number}' for '[ITEM]...': the items are {known}");
            Error::raw(ErrorKind::ValueValidation, complaint).into()
        })
    };
    numbers.iter().map(item).collect()
}

/// Which items are run, and how.
#[derive(Debug, clap::Args)]
pub struct Programs {
    /// Which items to run, by number (default: all)
    #[arg(value_name = "ITEM")]
    items: Vec<String>,

    // Where it takes 100 ms to start a thread, item 57 starts its own for four minutes.
    /// How long one item may take; then it is ended, and fails
    #[arg(long, value_name = "DURATION", default_value = "300s")]
    #[arg(value_parser = duration_within("10ms", "1day"))]
    pub time_limit: Duration,

    /// Judge the report of this program (one that takes --json) instead of the item's own
    ///
    /// Only what it reports is judged, not how it came to it: a program that prints the right report
    /// and does none of the work passes.
    #[arg(long, value_name = "PATH")]
    program: Option<PathBuf>,
}

/// The programs of items, by their packages.
pub type Built<'a> = BTreeMap<&'a str, PathBuf>;

impl Programs {
    /// The items that were chosen.
    pub fn select<'a>(&self, catalogue: &'a [Item]) -> anyhow::Result<Vec<&'a Item>> {
        select(catalogue, &self.items)
    }

    /// The program that runs instead of an item's own, if one was given.
    pub fn program(&self) -> Option<&Path> {
        self.program.as_deref()
    }

    /// Builds the programs of `items`, unless one was given.
    pub fn build<'a>(&self, items: &[&'a Item]) -> anyhow::Result<Built<'a>> {
        let packages: Vec<&str> = items.iter().map(|item| item.package).collect();
        match (&self.program, &packages[..]) {
            (None, _) => Workspace::here()?.build(&packages),
            (Some(path), [package]) => Ok([(*package, path.clone())].into()),
            (Some(_), _) => {
                let complaint = "--program goes with one ITEM";
                Err(Error::raw(ErrorKind::ArgumentConflict, complaint).into())
            }
        }
    }

    /// Runs `item` once, by its program among those that were `built`.
    pub fn run(&self, item: &Item, built: &Built) -> Run {
        engine::run(item, &[&built[item.package]], self.time_limit)
    }
}
