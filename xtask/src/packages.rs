//! What cargo knows of the workspace.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;

use crate::judge::Item;
use crate::run::ask_cargo;

/// The packages of the workspace (`cargo metadata`).
#[derive(Debug, Deserialize)]
pub struct Packages {
    packages: Vec<Package>,
    target_directory: PathBuf,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    description: Option<String>,
    manifest_path: PathBuf,
}

impl Packages {
    /// Asks cargo.
    pub fn ask() -> anyhow::Result<Self> {
        let metadata = ask_cargo(["metadata", "--no-deps", "--format-version", "1"])?;
        serde_json::from_str(&metadata).context("cannot read the metadata")
    }

    /// Where cargo builds.
    pub fn target(&self) -> &Path {
        &self.target_directory
    }

    /// The title of an item: the description of its package.
    pub fn title(&self, item: &Item) -> Option<&str> {
        self.package(item)?.description.as_deref()
    }

    /// The folder of an item.
    pub fn folder(&self, item: &Item) -> Option<&Path> {
        self.package(item)?.manifest_path.parent()
    }

    fn package(&self, item: &Item) -> Option<&Package> {
        self.packages.iter().find(|package| package.name == item.package)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expectations::items;

    #[test]
    fn cargo_knows_where_an_item_is_and_what_it_is_called() {
        let packages = Packages::ask().unwrap();
        let items = items();
        let lock = items.iter().find(|item| item.number == 54).unwrap();
        assert!(packages.folder(lock).is_some_and(|folder| folder.ends_with("item54-lock")));
        assert!(packages.title(lock).is_some_and(|title| title.contains("Lock")));
    }
}
