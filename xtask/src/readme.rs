//! Keeps the output that the READMEs show true: every block that begins with `$ cargo …` is what
//! that command prints.
//!
//! Figures differ from run to run, so a check compares what is left without them: the words.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use crate::run::{cargo, workspace};

/// Compares each output in the READMEs with a new run, or, with `write`, replaces it. Returns the
/// commands whose output has changed.
pub fn refresh(write: bool) -> anyhow::Result<Vec<String>> {
    let root = workspace()?;
    let mut changed = Vec::new();
    for path in readmes(&root)? {
        let old =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut new = String::new();
        let mut rest = old.as_str();
        while let Some((before, command, shown, after)) = next_block(rest) {
            let printed = run(&root, command)?;
            if words(shown) != words(&printed) {
                changed.push(format!("{}: {command}", path.display()));
            }
            let _ = write!(new, "{before}{command}\n{printed}");
            rest = after;
        }
        new.push_str(rest);
        if write {
            fs::write(&path, new).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    Ok(changed)
}

/// The READMEs of the workspace: its own, in each language, and one in each folder.
fn readmes(root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut folders = vec![root.to_owned()];
    for entry in fs::read_dir(root).context("cannot list the workspace")? {
        folders.push(entry?.path());
    }
    folders.sort();
    let names = ["README.md", "README.ko.md"];
    let paths = folders.iter().flat_map(|folder| names.map(|name| folder.join(name)));
    Ok(paths.filter(|path| path.is_file()).collect())
}

/// Splits `text` at its next block of output: what stands before the command, the command, the
/// output, and what follows.
fn next_block(text: &str) -> Option<(&str, &str, &str, &str)> {
    const OPENING: &str = "```console\n$ ";
    let start = text.find(OPENING)? + OPENING.len();
    let (before, block) = text.split_at(start);
    let (command, block) = block.split_once('\n')?;
    let (shown, _) = block.split_at(block.find("```")?);
    Some((before, command, shown, &block[shown.len()..]))
}

/// What `command` prints to stdout where there is no terminal.
fn run(root: &Path, command: &str) -> anyhow::Result<String> {
    let mut words = command.split_whitespace();
    if words.next() != Some("cargo") {
        bail!("only cargo's commands can be run, not {command:?}");
    }
    let output = Command::new(cargo())
        .args(words)
        .current_dir(root)
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .with_context(|| format!("cannot run {command:?}"))?;
    if !output.status.success() {
        bail!("{command:?} failed ({})", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("{command:?} printed no text"))
}

/// What stays the same from run to run: the words, without figures, units and pictures. As a set:
/// the order is not the same for what happens at the same time, nor is the number of lanes where
/// there are more cores.
fn words(output: &str) -> BTreeSet<&str> {
    output
        .lines()
        .map(|line| line.split('│').next().unwrap_or(line))
        .flat_map(str::split_whitespace)
        .filter(|word| !word.contains(|character: char| character.is_ascii_digit()))
        .filter(|word| !["s", "ms", "µs", "ns"].contains(word))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_and_pictures_may_change_and_words_may_not() {
        let shown = "race: five threads\n  found   104020\n  elapsed  1.35 ms\n  thread 0 │█▓│\n";
        let again = "race: five threads\n  found   99\n  elapsed  1 s\n  thread 0 │ ▒│\n";
        let other = "race: five threads\n  lost    104020\n  elapsed  1.35 ms\n  thread 0 │█▓│\n";
        assert_eq!(words(shown), words(again));
        assert_ne!(words(shown), words(other));
    }

    #[test]
    fn a_block_is_found_with_its_command_and_its_output() {
        let text =
            "Run it:\n\n```console\n$ cargo xtask list\n52  Use\n53  Use\n```\n\nThen read.\n";
        let (before, command, shown, after) = next_block(text).unwrap();
        assert_eq!(before, "Run it:\n\n```console\n$ ");
        assert_eq!(command, "cargo xtask list");
        assert_eq!(shown, "52  Use\n53  Use\n");
        assert_eq!(after, "```\n\nThen read.\n");
        assert!(next_block(after).is_none());
    }
}
