//! What cargo knows and does: the workspace, its packages, their programs.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context;
use common::children::ask;
use serde::Deserialize;
use serde_json::Value;

use crate::judge::Item;

/// The name of an item's program in Python, in the folder of the item.
pub const IN_PYTHON: &str = "in_python.py";

/// Where `cargo xtask exercise` keeps what belongs to readers, a folder for each exercise: in the folder of the
/// workspace.
pub const EXERCISES: &str = ".exercise";

/// The file in such a folder in which the item's own code is kept while the exercise is begun.
pub const ORIGINAL: &str = "original";

/// The cargo that runs this program, in `folder` and with nothing to read.
pub fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(folder).stdin(Stdio::null());
    command
}

/// The workspace, as `cargo metadata` tells it.
#[derive(Debug, Deserialize)]
pub struct Workspace {
    packages: Vec<Package>,
    /// Its folder.
    #[serde(rename = "workspace_root")]
    pub root: PathBuf,
    /// Where cargo builds.
    #[serde(rename = "target_directory")]
    pub target: PathBuf,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    description: Option<String>,
    manifest_path: PathBuf,
}

impl Workspace {
    /// The workspace of the current folder, wherever this program was built.
    pub fn here() -> anyhow::Result<Self> {
        Self::of(Path::new("."))
    }

    fn of(folder: &Path) -> anyhow::Result<Self> {
        let asked = ["metadata", "--no-deps", "--format-version", "1"];
        let metadata = ask(cargo(folder).args(asked), "cargo metadata")?;
        serde_json::from_str(&metadata).context("cannot read the metadata")
    }

    /// The title of an item: the description of its package.
    pub fn title(&self, item: &Item) -> Option<&str> {
        self.package(item).ok()?.description.as_deref()
    }

    /// The folder of an item.
    pub fn folder(&self, item: &Item) -> anyhow::Result<&Path> {
        self.package(item)?.manifest_path.parent().context("a manifest is in a folder")
    }

    /// The program of an item in Python, whether or not there is one.
    pub fn script(&self, item: &Item) -> anyhow::Result<PathBuf> {
        Ok(self.folder(item)?.join(IN_PYTHON))
    }

    fn package(&self, item: &Item) -> anyhow::Result<&Package> {
        let found = self.packages.iter().find(|package| package.name == item.package);
        found.with_context(|| format!("no package {}", item.package))
    }

    /// Builds packages whose program is called like them, and returns the paths of those programs,
    /// from what cargo itself reports.
    pub fn build<'a>(&self, packages: &[&'a str]) -> anyhow::Result<BTreeMap<&'a str, PathBuf>> {
        let mut command = cargo(&self.root);
        command.args(["build", "--bins"]);
        command.args(packages.iter().flat_map(|package| ["--package", package]));
        let built = programs(&mut command, "cargo build")?;
        let found = packages.iter().map(|package| {
            let program = built.iter().find(|program| program.name == *package);
            let made = program.with_context(|| format!("cargo build made no program {package}"))?;
            Ok((*package, made.path.clone()))
        });
        found.collect()
    }
}

/// A program that cargo has made.
#[derive(Debug)]
pub struct Program {
    /// The name of its target.
    pub name: String,
    /// Whether it is one of tests.
    pub is_test: bool,
    /// Where it is.
    pub path: PathBuf,
}

/// Lets `command`, a command of cargo's that errors call `what`, build, and returns the programs that it
/// reports.
pub fn programs(command: &mut Command, what: &str) -> anyhow::Result<Vec<Program>> {
    let messages = ask(command.args(["--message-format", "json-render-diagnostics"]), what)?;
    let programs = messages.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let path = PathBuf::from(message["executable"].as_str()?);
        let name = message["target"]["name"].as_str()?.to_owned();
        Some(Program { name, is_test: message["profile"]["test"] == true, path })
    });
    Ok(programs.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::Load;

    #[test]
    fn cargo_knows_where_an_item_is_and_what_it_is_called() {
        let workspace = Workspace::here().unwrap();
        let item = |package| Item::new(54, package, Load::TakesAll, Vec::new());
        let lock = item("item54-lock");
        assert!(workspace.folder(&lock).unwrap().ends_with("item54-lock"));
        assert!(workspace.title(&lock).is_some_and(|title| title.contains("Lock")));
        assert!(workspace.script(&lock).unwrap().is_file());
        assert!(workspace.folder(&item("no-such-item")).is_err());
    }

    #[test]
    fn the_workspace_is_the_one_of_the_folder_not_the_one_this_was_built_in() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::write(root.join("Cargo.toml"), "[workspace]\n").unwrap();
        let workspace = Workspace::of(&root).unwrap();
        assert_eq!((workspace.target, workspace.root), (root.join("target"), root));
    }
}
