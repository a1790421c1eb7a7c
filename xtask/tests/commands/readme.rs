//! `readme` notices when a README no longer shows what is so, and mends what it can; `list` names
//! what the root README's table names.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Output};

use rustix::process::Signal;
use tempfile::TempDir;
use testing::Running;

use crate::helpers::{Control, MISBEHAVE, XTASK, assert_all_ended, run, stdout};

const OUTPUT: &str = "See:\n\n```console\n$ cargo version\ncargo 1.2.3 (and, a, date)\n```\n";
const CODE: &str = "And:\n\n```rust\n// src/main.rs\nlet a = 1;\n```\n";

/// A workspace with a README at its root and one in the folder of item 9, `misbehave`.
fn workspace(root: &str, of_item: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        fs::write(path, text).expect("it can be written");
    };
    write("Cargo.toml", "[workspace]\nmembers = [\"street/misbehave\"]\n");
    write("street/misbehave/Cargo.toml", "[package]\nname = \"misbehave\"\n");
    write("README.md", root);
    write("street/misbehave/README.md", of_item);
    write("street/misbehave/src/main.rs", "fn main() {\n    let a = 1;\n}\n");
    write("target/README.md", "```console\n$ cargo no-such-command\n```\n");
    folder
}

fn command(workspace: &Path) -> Command {
    let mut command = Command::new(XTASK);
    command.arg("readme").current_dir(workspace);
    command
}

fn readme(workspace: &Path, arguments: &[&str]) -> Output {
    run(command(workspace).args(arguments))
}

#[track_caller]
fn assert_says(output: &Output, exit_code: i32, words: &[&str]) {
    let stdout = stdout(output);
    let differences = stdout.lines().filter(|line| !line.starts_with("checked "));
    assert_eq!(output.status.code(), Some(exit_code), "{output:?}");
    assert_eq!(differences.count(), words.len(), "{stdout}");
    for word in words {
        assert!(stdout.contains(word), "{word:?} is not in {stdout:?}");
    }
}

/// What `cargo version` prints, in the words of this machine.
fn true_output() -> String {
    let version = Command::new("cargo").arg("version").output().expect("cargo runs").stdout;
    format!("See:\n\n```console\n$ cargo version\n{}```\n", String::from_utf8_lossy(&version))
}

#[test]
fn what_is_so_is_counted_and_no_more() {
    let workspace = workspace(&true_output(), CODE);
    let output = readme(workspace.path(), &[]);
    assert_says(&output, 0, &[]);
    let counted = "checked README.md (outputs: 1, excerpts of code: 0)\n\
                   checked street/misbehave/README.md (outputs: 0, excerpts of code: 1)\n";
    assert_eq!(stdout(&output), counted);
}

#[test]
fn a_part_of_an_output_is_cut_out_by_a_filter_and_compared() {
    let block = |shown| format!("```console\n$ cargo version | cut -c 1-5\n{shown}\n```\n");
    let workspace = workspace(&block("cargo"), &block("Cargo"));
    assert_says(&readme(workspace.path(), &[]), 1, &["changed street/misbehave/README.md"]);
}

#[test]
fn output_without_the_command_that_prints_it_is_reported() {
    let workspace = workspace("```text\nfound 500000\n```\n", "```console\n$ make\n```\n");
    let reported = ["README.md shows: found 500000", "README.md shows: $ make"];
    assert_says(&readme(workspace.path(), &[]), 1, &reported);
}

#[test]
fn words_that_have_changed_are_reported_and_rewritten_when_asked_to() {
    let workspace = workspace(OUTPUT, CODE);
    let path = workspace.path().join("README.md");
    assert_says(&readme(workspace.path(), &[]), 1, &["changed"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), OUTPUT, "nothing is written unasked");
    assert_says(&readme(workspace.path(), &["--write"]), 0, &["rewritten"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), true_output());
}

#[test]
fn code_that_is_not_in_its_file_is_reported_and_cannot_be_rewritten() {
    let workspace = workspace("", &CODE.replace("let a", "let b"));
    for arguments in [&[][..], &["--write"]] {
        assert_says(&readme(workspace.path(), arguments), 1, &["not in src/main.rs"]);
    }
}

/// A reader who has begun an exercise is told why the code is not what the README shows.
#[test]
fn of_code_that_an_exercise_has_cut_the_exercise_is_named() {
    let workspace = workspace("", CODE);
    let kept = workspace.path().join(".exercise/54-lock");
    fs::create_dir_all(&kept).unwrap();
    fs::write(kept.join("original"), "").unwrap();
    assert_says(&readme(workspace.path(), &[]), 0, &[]);
    fs::write(workspace.path().join("street/misbehave/src/main.rs"), "").unwrap();
    let reported = ["not in src/main.rs", "cargo xtask exercise 54-lock --undo"];
    assert_says(&readme(workspace.path(), &[]), 1, &reported);
}

#[test]
fn what_one_language_lacks_is_reported() {
    let workspace = workspace("", CODE);
    let write = |path: &str, text: &str| fs::write(workspace.path().join(path), text).unwrap();
    write("README.ko.md", "");
    let missing = "missing street/misbehave/README.ko.md";
    assert_says(&readme(workspace.path(), &[]), 1, &[missing]);
    write("street/misbehave/README.ko.md", CODE);
    assert_says(&readme(workspace.path(), &[]), 0, &[]);
    write("street/misbehave/README.ko.md", &CODE.replace("let a", "let b"));
    let reported = [
        "not in src/main.rs as street/misbehave/README.ko.md shows it",
        "street/misbehave/README.ko.md differs from the English: at \"let a = 1;\" and \"let b = 1;\"",
    ];
    assert_says(&readme(workspace.path(), &[]), 1, &reported);
}

#[test]
fn a_number_asks_for_the_readmes_of_that_item_alone() {
    let workspace = workspace(OUTPUT, CODE);
    assert_says(&readme(workspace.path(), &["9"]), 0, &[]);
    fs::write(workspace.path().join("street/misbehave/README.md"), OUTPUT).unwrap();
    assert_says(&readme(workspace.path(), &["9"]), 1, &["misbehave"]);
}

#[test]
fn a_command_that_fails_is_an_error() {
    let workspace = workspace("```console\n$ cargo no-such-command\n```\n", "");
    let output = readme(workspace.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("\"cargo no-such-command\" failed"), "{stderr}");
}

#[test]
fn told_to_end_it_ends_the_command_that_it_runs() {
    let control = Control::listen();
    let workspace = workspace(OUTPUT, "");
    let mut command = command(workspace.path());
    // What it takes for cargo holds a connection for as long as it lives.
    control.tell(command.env("CARGO", MISBEHAVE).env("MISBEHAVE", "linger"));
    let running = Running::start(&mut command);
    let cargo = control.running(1);
    running.signal(Signal::TERM);
    assert_eq!(running.wait().status.signal(), Some(Signal::TERM.as_raw()));
    assert_all_ended(cargo);
}

#[test]
fn the_root_readme_lists_every_item_as_list_does() {
    let list = Command::new(env!("CARGO_BIN_EXE_xtask")).arg("list").output().expect("it runs");
    let list = String::from_utf8(list.stdout).expect("text");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    let readme = fs::read_to_string(root.join("README.md")).expect("a README");
    let mut items = 0;
    let mut lines = list.lines();
    while let (Some(title), Some(command)) = (lines.next(), lines.next()) {
        let (number, title) = title.split_once("  ").expect("a number and a title");
        let (title, command) = (format!(" | {title} | "), format!("`{}` |", command.trim()));
        let row = readme.lines().find(|line| line.starts_with(&format!("| [{number}](")));
        let row = row.unwrap_or_else(|| panic!("item {number} is not in the README"));
        assert!(row.contains(&title) && row.ends_with(&command), "{row}\n{title}{command}");
        items += 1;
    }
    assert_eq!(items, 13, "{list}");
}
