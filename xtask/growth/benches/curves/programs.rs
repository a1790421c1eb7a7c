//! Programs that are measured from outside.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use anyhow::Context;
use xtask::engine::cargo::Workspace;

const PROGRAMS: [&str; 4] =
    ["item52-subprocess", "item57-fan-out", "item60-coroutines", "item64-parallelism"];

/// Where the program of an item is. The first call builds all that are asked for here.
pub fn program(item: &str) -> anyhow::Result<&'static Path> {
    static BUILT: OnceLock<BTreeMap<&str, PathBuf>> = OnceLock::new();
    if BUILT.get().is_none() {
        // All calls come from one thread.
        let _ = BUILT.set(Workspace::here()?.build(&PROGRAMS)?);
    }
    let found = BUILT.get().and_then(|built| built.get(item));
    found.map(PathBuf::as_path).with_context(|| format!("{item} is not built"))
}

/// Whether there is such a command, and it does something without complaint.
pub fn is_there(command: &str, argument: &str) -> bool {
    let mut command = Command::new(command);
    command.arg(argument).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
