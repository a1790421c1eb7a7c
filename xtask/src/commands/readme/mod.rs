//! `cargo xtask readme` keeps the READMEs true: every block of output begins with the command that prints
//! it (`$ cargo …`, and after a `|` what cuts a part out), and every block whose first line is a comment
//! with the path of a file stands in that file. Of a text in two languages neither has what the other lacks.
//!
//! Figures differ from run to run, so outputs are compared without them: the words.

mod languages;

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::io::{Seek, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::Context;
use common::children::ask;
use common::stdout::print_line;

use languages::{differences, korean_beside};

use super::selection::select;
use crate::engine::cargo::{EXERCISES, ORIGINAL, Workspace, cargo};
use crate::judge::Item;
use crate::text::file_named;

#[derive(Debug, clap::Args)]
pub struct Options {
    /// Whose READMEs, by number (default: all)
    #[arg(value_name = "ITEM")]
    items: Vec<String>,

    /// Replace the output instead
    #[arg(long)]
    write: bool,
}

/// How the names of the workspace's texts begin.
const TEXTS: [&str; 4] = ["README", "CONTRIBUTING", "GLOSSARY", "PATTERNS"];

/// Tells what has been checked and what has changed; the exit code says whether anything is left to do.
pub fn readme(options: &Options, catalogue: &[Item]) -> anyhow::Result<ExitCode> {
    let items = select(catalogue, &options.items)?;
    let workspace = Workspace::here()?;
    let mut paths = readmes(&workspace.root)?;
    if !options.items.is_empty() {
        let folders: Vec<&Path> =
            items.iter().map(|item| workspace.folder(item)).collect::<Result<_, _>>()?;
        paths.retain(|path| folders.iter().any(|folder| path.parent() == Some(folder)));
    }
    // What a command prints is the same in each language.
    let mut outputs = HashMap::new();
    let refresh = |is_well, path: &PathBuf| {
        let is_so = refresh(path, &workspace.root, &mut outputs, options.write)?;
        anyhow::Ok(agree(path, &workspace.root)? && is_so && is_well)
    };
    let is_well = paths.iter().try_fold(true, refresh);
    if !matches!(is_well, Ok(true)) {
        for name in begun(&workspace.root) {
            print_line(&format!(
                "{name} is begun: cargo xtask exercise {name} --undo puts the item's code back"
            ))?;
        }
    }
    Ok(if is_well? { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The exercises that are begun: those of which the original is kept.
fn begun(root: &Path) -> Vec<String> {
    let entries = fs::read_dir(root.join(EXERCISES)).into_iter().flatten().flatten();
    let begun = entries.filter(|entry| entry.path().join(ORIGINAL).is_file());
    begun.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// Compares a README with new runs and with the code, or, with `write`, replaces the outputs. Prints a
/// line for each difference, and says whether nothing is left to do.
fn refresh(
    path: &Path,
    root: &Path,
    known: &mut HashMap<String, String>,
    write: bool,
) -> anyhow::Result<bool> {
    let readme = path.strip_prefix(root).unwrap_or(path).display();
    let old = fs::read_to_string(path).with_context(|| format!("cannot read {readme}"))?;
    let mut is_well = true;
    let (mut new, mut rest) = (String::new(), old.as_str());
    let mut outputs = 0;
    while let Some((before, command, shown, after)) = next_block(rest) {
        if !known.contains_key(command) {
            known.insert(command.to_owned(), run(root, command)?);
        }
        let printed = &known[command];
        outputs += 1;
        if words(shown) != words(printed) {
            is_well &= write;
            let what = if write { "rewritten" } else { "changed" };
            print_line(&format!("{what} {readme}: {command}"))?;
        }
        let _ = write!(new, "{before}{command}\n{printed}");
        rest = after;
    }
    new.push_str(rest);
    if write && new != old {
        fs::write(path, &new).with_context(|| format!("cannot write {readme}"))?;
    }
    let folder = path.parent().unwrap_or(root);
    let excerpts = excerpts(&old);
    for (file, code) in &excerpts {
        let places = [folder, root].map(|base| base.join(file));
        let found = places.iter().find_map(|place| fs::read_to_string(place).ok());
        if !found.is_some_and(|text| contains(&text, code)) {
            is_well = false;
            print_line(&format!("not in {file} as {readme} shows it"))?;
        }
    }
    for line in old.lines().zip(old.lines().skip(1)).filter_map(without_command) {
        is_well = false;
        print_line(&format!("no command prints what {readme} shows: {line}"))?;
    }
    let excerpts = excerpts.len();
    if outputs + excerpts > 0 {
        print_line(&format!(
            "checked {readme} (outputs: {outputs}, excerpts of code: {excerpts})"
        ))?;
    }
    Ok(is_well)
}

/// Compares the text at `path` with the Korean one beside it. Prints a line for each difference, and says
/// whether there is none.
fn agree(path: &Path, root: &Path) -> anyhow::Result<bool> {
    let Some(korean) = korean_beside(path) else { return Ok(true) };
    let read = |path: &Path| {
        let what = || format!("cannot read {}", path.display());
        fs::read_to_string(path).with_context(what)
    };
    let name = korean.strip_prefix(root).unwrap_or(&korean).display();
    // Where the first text is there in Korean, all are.
    if !korean.is_file() {
        let is_meant = root.join("README.ko.md").is_file();
        if is_meant {
            print_line(&format!("missing {name}"))?;
        }
        return Ok(!is_meant);
    }
    let differences = differences((&read(path)?, &read(&korean)?));
    for difference in &differences {
        print_line(&format!("{name} differs from the English: {difference}"))?;
    }
    Ok(differences.is_empty())
}

/// The first line of a block of output that names no command.
fn without_command<'text>((fence, first): (&str, &'text str)) -> Option<&'text str> {
    let is_output = ["```console", "```text"].contains(&fence.trim_end());
    (is_output && !first.starts_with("$ cargo ")).then_some(first)
}

/// The texts of the workspace, in any folder and any language: READMEs, and those called like them.
fn readmes(root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).context("cannot list the workspace")? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_folder = entry.file_type()?.is_dir();
            if is_folder && !name.starts_with('.') && name != "target" && name != "src" {
                folders.push(entry.path());
            } else if TEXTS.iter().any(|text| name.starts_with(text))
                && Path::new(&name).extension().is_some_and(|ending| ending == "md")
            {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Splits `text` at its next block of output: what stands before the command, the command, the
/// output, and what follows.
fn next_block(text: &str) -> Option<(&str, &str, &str, &str)> {
    const OPENING: &str = "```console\n$ ";
    let start = text.find(&format!("{OPENING}cargo "))? + OPENING.len();
    let (before, block) = text.split_at(start);
    let (command, block) = block.split_once('\n')?;
    let (shown, _) = block.split_at(block.find("```")?);
    Some((before, command, shown, &block[shown.len()..]))
}

/// The blocks of code that name a file, in a comment as their first line: the file, and the code.
fn excerpts(text: &str) -> Vec<(&str, Vec<&str>)> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if !line.starts_with("```") {
            continue;
        }
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let Some((first, code)) = block.split_first() else { continue };
        if let Some(path) = file_named(first) {
            found.push((path, code.to_vec()));
        }
    }
    found
}

/// Whether the lines of `code` stand in `text` one after the other, indentation aside. A line
/// `...` in a comment stands for lines that are left out.
fn contains(text: &str, code: &[&str]) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut from = 0;
    code.split(|line| ["// ...", "# ..."].contains(&line.trim())).all(|part| {
        let part: Vec<&str> = part.iter().map(|line| line.trim()).collect();
        let is_here = |at: &usize| lines[*at..].starts_with(&part);
        let place = (from..=lines.len()).find(is_here);
        from = place.map_or(from, |at| at + part.len());
        place.is_some()
    })
}

/// What `command` prints to stdout where there is no terminal, or what a filter behind a `|` leaves of it.
fn run(root: &Path, command: &str) -> anyhow::Result<String> {
    let (cargos, filter) = command.split_once(" | ").unwrap_or((command, ""));
    let mut cargo = cargo(root);
    cargo.args(cargos.split_whitespace().skip(1)).env("LC_ALL", "C.UTF-8").stderr(Stdio::null());
    let printed = ask(&mut cargo, &format!("{cargos:?}"))?;
    if filter.is_empty() {
        return Ok(printed);
    }
    let mut file = tempfile::tempfile().context("cannot make a temporary file")?;
    file.write_all(printed.as_bytes()).and_then(|()| file.rewind()).context("cannot write it")?;
    ask(Command::new("sh").args(["-c", filter]).stdin(file), &format!("{filter:?}"))
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
        .filter(|word| !["s", "ms", "µs", "ns"].contains(&word.trim_end_matches(')')))
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
        assert_eq!(words("Item 54  (694 ms)"), words("Item 54  (1.02 s)"));
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

    #[test]
    fn a_block_of_code_names_its_file_in_its_first_line() {
        let text = "See:\n\n```rust\n// src/race.rs\nlet a = 1;\n```\n\n```python\n# in_python.py\nb = 2\n\
                    ```\n\n```rust\n// a comment\n```\n\n```rust\n// comment\n```\n\n```rust\n// as \
                    in b.rs\n```\n\n```sh\ncargo test\n```\n";
        let blocks = excerpts(text);
        assert_eq!(blocks, [("src/race.rs", vec!["let a = 1;"]), ("in_python.py", vec!["b = 2"])]);
    }

    #[test]
    fn code_is_found_word_for_word_indentation_aside() {
        let file = "fn main() {\n    let a = 1;\n    let b = 2;\n    let c = 3;\n}\n";
        assert!(contains(file, &["let a = 1;", "let b = 2;"]));
        assert!(contains(file, &["let a = 1;", "// ...", "let c = 3;"]));
        assert!(!contains(file, &["let a = 1;", "let c = 3;"]));
        assert!(!contains(file, &["let c = 3;", "// ...", "let a = 1;"]));
        assert!(!contains(file, &["let a = 1;", "// ...", "let a = 1;"]), "it is there once");
        assert!(!contains(file, &["let a = 2;"]));
    }
}
