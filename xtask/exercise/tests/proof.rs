//! Each exercise, in a copy of the workspace: cut, it compiles and its judge says what is missing; each wrong
//! answer is caught by the row that it names; the original passes. It takes minutes, so that the gate
//! runs it by itself. `EXERCISE=54-lock` tries one.

mod copied;

use std::collections::BTreeMap;
use std::fs;
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use copied::{Copied, LIMIT, succeeds};
use exercise::exercises::exercises;
use exercise::{Exercise, Wrong};
use serde_json::Value;

/// So many items are tried at the same time: while one is built, others run.
const AT_ONCE: usize = 3;

/// How long what may hang may take.
const SHORT: &str = "8s";

/// What the judge says, and the names of the rows that failed.
fn check(
    copied: &Copied,
    name: &str,
    limit: &str,
) -> Result<(Option<i32>, Vec<String>, String), String> {
    let output = copied.exercise(limit, &[name, "--check", "--json"]).output().unwrap();
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|it| String::from_utf8_lossy(it));
    let text = format!("{stdout}{stderr}");
    let report: Value = serde_json::from_slice(&output.stdout).map_err(|_| text.clone())?;
    let rows = report["rows"].as_array().into_iter().flatten();
    let failed = rows.filter(|row| row["outcome"] == "failed");
    let failed = failed.map(|row| row["name"].as_str().unwrap_or_default().to_owned());
    Ok((output.status.code(), failed.collect(), text))
}

#[test]
#[ignore = "it takes minutes; the gate runs it"]
fn each_exercise_can_be_solved_and_each_wrong_answer_is_caught_by_its_row() {
    let only = std::env::var("EXERCISE").ok();
    let chosen = exercises()
        .filter(|exercise| only.as_ref().is_none_or(|only| exercise.name.starts_with(only)));
    let mut by_item: BTreeMap<u32, Vec<&Exercise>> = BTreeMap::new();
    chosen.for_each(|exercise| by_item.entry(exercise.item).or_default().push(exercise));
    let copied = Copied::make();
    let (left, failures) = (Mutex::new(by_item.into_values()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                let next = || left.lock().unwrap().next();
                while let Some(exercises) = next() {
                    for exercise in exercises {
                        let start = Instant::now();
                        let failed = prove(&copied, exercise);
                        println!("{:12} {:5.1} s", exercise.name, start.elapsed().as_secs_f64());
                        failures.lock().unwrap().extend(failed);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

/// What is wrong with an exercise, if anything is.
fn prove(copied: &Copied, exercise: &Exercise) -> Vec<String> {
    let name = exercise.name;
    let mut failures = Vec::new();
    let mut expect = |what: &str, limit: &str, code: i32, row: Option<&str>| {
        let failure = match check(copied, name, limit) {
            Err(text) => text,
            Ok((found, failed, text)) => {
                let is_named = row.is_none_or(|row| failed.iter().any(|failed| failed == row));
                if found == Some(code) && is_named {
                    return;
                }
                format!("exit code {found:?}, failed {failed:?}: {text}")
            }
        };
        failures.push(format!("{name}: {what}: expected {code} {row:?}: {failure}"));
    };

    let (file, original) = copied.begin(exercise);
    let item = xtask::expectations::items();
    let item = item.iter().find(|item| item.number == exercise.item).unwrap();
    succeeds(copied.command(env!("CARGO")).args(["build", "--bins", "--package", item.package]));
    expect("cut", LIMIT, 1, Some("written"));
    // The original, with a mark by which it differs from itself.
    fs::write(&file, format!("{original}// Solved.\n")).unwrap();
    expect("the original", LIMIT, 0, None);
    for wrong in exercise.wrong {
        let Wrong { what, row, .. } = wrong;
        fs::write(&file, wrong.of(&original).unwrap()).unwrap();
        // A test waits for long, if it waits in vain.
        let may_hang = *row == "hang" || !(row.contains('.') || ["build", "report"].contains(row));
        expect(what, if may_hang { SHORT } else { LIMIT }, 1, Some(row));
    }
    succeeds(&mut copied.exercise(LIMIT, &[name, "--undo"]));
    assert_eq!(fs::read_to_string(&file).unwrap(), original, "{name}: the original is back");
    failures
}
