//! What cargo knows of the packages of items 56 to 64: their names and titles stand in their manifests.

use std::env;
use std::process::{Command, Stdio};

use anyhow::Context;
use common::children::ask;
use serde_json::Value;

/// The folder that they are in.
pub const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

/// Number, title, and the command that runs it: two lines for each item.
pub fn list() -> anyhow::Result<Vec<String>> {
    let metadata = cargo("metadata", &["--no-deps", "--format-version", "1"])?;
    let metadata: Value = serde_json::from_str(&metadata).context("cargo printed no metadata")?;
    let mut items = Vec::new();
    for package in metadata["packages"].as_array().context("cargo knows no packages")? {
        let field = |name: &str| package[name].as_str().unwrap_or_default();
        if field("manifest_path").starts_with(&format!("{FOLDER}/item")) {
            let (name, title) = (field("name"), field("description"));
            let number = name.get("item".len().."item56".len()).unwrap_or_default();
            items.push(format!("{number}  {title}\n    cargo run -p {name}"));
        }
    }
    items.sort();
    Ok(items)
}

/// Calls cargo for this workspace and returns what it prints.
pub fn cargo(command: &str, arguments: &[&str]) -> anyhow::Result<String> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args([command, "--manifest-path", &format!("{FOLDER}/Cargo.toml")]).args(arguments);
    ask(cargo.stdin(Stdio::null()), &format!("`cargo {command} {}`", arguments.join(" ")))
}
