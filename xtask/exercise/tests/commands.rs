//! The command line, where it changes nothing, and the table.

use std::fs;
use std::process::Command;

use exercise::exercises::exercises;
use exercise::judge::name_of;
use exercise::source::bodies;
use exercise::{Exercise, Hint, Wrong};
use testing::assert_refused;
use xtask::engine::cargo::Workspace;
use xtask::expectations::items;

fn exercise(arguments: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_exercise")).args(arguments).output().unwrap()
}

#[test]
fn a_name_that_is_misspelt_is_refused_with_the_nearest_ones() {
    assert_refused(&exercise(&["54-lcok"]), 2, "did you mean '54-lock'");
    assert_refused(&exercise(&["lock"]), 2, "did you mean '54-lock' or '54-deadlock'");
    assert_refused(&exercise(&["53"]), 2, "did you mean '53-threads' or '53-calls'");
    assert_refused(&exercise(&["nothing-like-it"]), 2, "cargo xtask exercise lists them");
    assert_refused(&exercise(&["--check"]), 2, "required arguments");
    assert_refused(&exercise(&["54-lock", "--undo", "--diff"]), 2, "cannot be used with");
    assert_refused(&exercise(&["54-lock", "--no-such-flag"]), 2, "--no-such-flag");
}

#[test]
fn the_list_has_them_all_in_the_order_of_the_chapter() {
    let output = exercise(&[]);
    let list = String::from_utf8(output.stdout).unwrap();
    let listed = list
        .lines()
        .filter_map(|line| line.split("  ").next())
        .filter(|name| name.starts_with(char::is_numeric));
    assert!(listed.eq(exercises().map(|exercise| exercise.name)), "{list}");
    assert!(list.lines().all(|line| line.chars().count() <= 80), "{list}");
    assert!(exercises().map(|exercise| exercise.item).is_sorted());
    for item in items() {
        assert!(exercises().any(|exercise| exercise.item == item.number), "{}", item.number);
    }
}

/// What an entry names must be there: the proof, which takes minutes, would find it late.
#[test]
fn each_entry_names_what_there_is() {
    let workspace = Workspace::here().unwrap();
    for exercise in exercises() {
        let Exercise { name, file, section, besides, steps, tests, hints, wrong, .. } = exercise;
        let item = items().into_iter().find(|item| item.number == exercise.item).unwrap();
        assert!(name.starts_with(&format!("{}-", item.number)), "{name}");
        let folder = workspace.folder(&item).unwrap();
        let text = fs::read_to_string(folder.join(file)).unwrap();
        for (function, todo) in exercise.functions {
            let body = bodies(&text, &[function]).unwrap().remove(0);
            assert!(text[body].lines().count() <= 28, "{name}: {function} is more than a heart");
            assert!(!todo.is_empty());
        }
        let readme = fs::read_to_string(folder.join("README.md")).unwrap();
        assert!(readme.contains(&format!("\n## {section}\n")), "{name}: {section}");
        for (file, names) in *besides {
            let text = fs::read_to_string(workspace.root.join(file)).unwrap();
            for name in *names {
                let heading = format!("\n### {name}\n");
                let what = if file.ends_with("GLOSSARY.md") { heading.as_str() } else { name };
                assert!(text.contains(what), "{}: no {what} in {file}", exercise.name);
            }
        }
        for step in *steps {
            assert!(item.checks.iter().any(|check| check.step() == *step), "{name}: {step}");
        }
        assert!(hints.len() >= 3 && (2..=3).contains(&wrong.len()), "{name}");
        // A row of the report, of a test, or of what comes before.
        let is_row = |row: &str| {
            let is_test = tests.iter().any(|test| test.name() == row);
            let is_fact = item.checks.iter().any(|check| name_of(check) == row);
            let is_before = ["build", "report", "hang"].contains(&row);
            is_test || is_fact || is_before || row.starts_with("build ")
        };
        for row in hints.iter().map(|Hint(row, _)| row).filter(|row| !row.is_empty()) {
            assert!(is_row(row), "{name}: no row {row} for a hint");
        }
        for wrong in *wrong {
            let Wrong { what, row, .. } = wrong;
            assert!(is_row(row), "{name}: no row {row} for a wrong answer");
            let changed = wrong.of(&text).unwrap_or_else(|error| panic!("{name}: {what}: {error}"));
            assert_ne!(changed, text, "{name}: {what}");
        }
    }
}
