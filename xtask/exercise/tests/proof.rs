//! Each exercise, in a copy of the workspace: cut, it compiles and its judge says what is missing; each wrong
//! answer is caught by the row that it names; the original passes. It takes minutes, so that the gate
//! runs it by itself. `EXERCISE=54-lock` tries one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use exercise::exercises::exercises;
use exercise::{Exercise, Wrong};
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_exercise");

/// So many items are tried at the same time: while one is built, others run.
const AT_ONCE: usize = 3;

/// For what must not hang, on a busy machine; and for what may.
const LIMITS: [&str; 2] = ["120s", "8s"];

/// A copy of the workspace, which stays where it is, so that a second run builds less.
struct Copied {
    root: PathBuf,
}

impl Copied {
    fn make() -> Self {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("exercises");
        let _ = fs::remove_dir_all(root.join(".exercise"));
        copy(&from, &root, &["target", ".git", ".exercise"]);
        Self { root }
    }

    fn exercise(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(PROGRAM);
        command.args(["--time-limit"]).args(arguments).current_dir(&self.root);
        // Quickly built: nothing here depends on how fast a program is.
        command.env("CARGO_PROFILE_DEV_OPT_LEVEL", "0").env("CARGO_PROFILE_DEV_DEBUG", "0");
        command.env("CARGO_TARGET_DIR", self.root.join("target")).env("RUST_BACKTRACE", "0");
        // As git sees it, this is a folder that it ignores, in another workspace.
        command.env("GIT_CEILING_DIRECTORIES", &self.root);
        command.output().unwrap()
    }

    fn begin(&self, name: &str) {
        let output = self.exercise(&[LIMITS[0], name, "--reset"]);
        assert!(output.status.success(), "{name}: {output:?}");
    }

    /// What the judge says, and the names of the rows that failed.
    fn check(&self, name: &str, limit: &str) -> Result<(Option<i32>, Vec<String>, String), String> {
        let output = self.exercise(&[limit, name, "--check", "--json"]);
        let text = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        let report: Value = serde_json::from_slice(&output.stdout).map_err(|_| text.clone())?;
        let rows = report["rows"].as_array().into_iter().flatten();
        let failed = rows.filter(|row| row["outcome"] == "failed");
        let failed = failed.map(|row| row["name"].as_str().unwrap_or_default().to_owned());
        Ok((output.status.code(), failed.collect(), text))
    }
}

/// Copies what has changed, and nothing of the name of one of `but`.
fn copy(from: &Path, to: &Path, but: &[&str]) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let (name, from) = (entry.file_name(), entry.path());
        let to = to.join(&name);
        if but.iter().any(|but| name == *but) {
            continue;
        }
        if from.is_dir() {
            copy(&from, &to, &[]);
        } else if fs::read(&to).ok() != Some(fs::read(&from).unwrap()) {
            fs::copy(&from, &to).unwrap();
        }
    }
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
        let failure = match copied.check(name, limit) {
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

    copied.begin(name);
    expect("cut", LIMITS[0], 1, Some("written"));
    let folder = copied.root.join(".exercise").join(name);
    let original = fs::read_to_string(folder.join("original")).unwrap();
    let file = file(&copied.root, exercise);
    // The original, with a mark by which it differs from itself.
    fs::write(&file, format!("{original}// Solved.\n")).unwrap();
    expect("the original", LIMITS[0], 0, None);
    for wrong in exercise.wrong {
        let Wrong { what, row, .. } = wrong;
        fs::write(&file, wrong.of(&original).unwrap()).unwrap();
        // A test waits for long, if it waits in vain.
        let may_hang = *row == "hang" || !(row.contains('.') || ["build", "report"].contains(row));
        expect(what, LIMITS[usize::from(may_hang)], 1, Some(row));
    }
    let undone = copied.exercise(&[LIMITS[0], name, "--undo"]);
    assert!(undone.status.success(), "{undone:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), original, "{name}: the original is back");
    failures
}

fn file(root: &Path, exercise: &Exercise) -> PathBuf {
    let item = xtask::expectations::items();
    let item = item.iter().find(|item| item.number == exercise.item).unwrap();
    let folder = root.join(item.package);
    let folder =
        if folder.is_dir() { folder } else { root.join("item56-64-stubs").join(item.package) };
    folder.join(exercise.file)
}
