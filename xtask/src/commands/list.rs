//! `cargo xtask list`: the items, their titles, and the command that runs each.

use std::process::ExitCode;

use anyhow::Context;
use common::stdout::print_line;

use crate::engine::cargo::Workspace;
use crate::judge::Item;

/// Prints two lines for each item.
pub fn list(catalogue: &[Item]) -> anyhow::Result<ExitCode> {
    let workspace = Workspace::here()?;
    for item in catalogue {
        let Item { number, package, .. } = item;
        let title = workspace.title(item).with_context(|| format!("no package {package}"))?;
        print_line(&format!("{number}  {title}\n    cargo run -p {package}"))?;
    }
    Ok(ExitCode::SUCCESS)
}
