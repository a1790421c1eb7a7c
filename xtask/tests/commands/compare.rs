//! `compare` measures and tells, whatever the interpreters do.
//!
//! The workspace is made for the test: a cargo that has built the item already, a program in Python,
//! and interpreters that are shell scripts.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::helpers::{MISBEHAVE, XTASK, good_report, run, stdout};

/// What both programs report: the race that `found` so much, and took so many seconds.
fn report(found: u32, elapsed_s: f64) -> Value {
    let mut report = good_report();
    report["steps"][0]["settings"] = json!({ "latency_s": 0.001 });
    report["steps"][1]["facts"]["found"] = json!(found);
    let figures = json!({ "elapsed_s": elapsed_s, "runs_per_second": 1.0 / elapsed_s });
    report["steps"][1]["figures"] = figures;
    report
}

struct Workspace(TempDir);

impl Workspace {
    fn new() -> Self {
        let workspace = Self(tempfile::tempdir().expect("a folder"));
        let built = json!({ "executable": MISBEHAVE,
                            "target": { "name": "misbehave" } });
        let root = workspace.0.path();
        let package =
            json!({ "name": "misbehave", "manifest_path": root.join("misbehave/Cargo.toml") });
        let metadata = json!({ "packages": [package], "workspace_root": root,
                               "target_directory": root.join("target") });
        let cargo = format!("case $1 in metadata) echo '{metadata}';; *) echo '{built}'; esac");
        workspace.script("cargo", &cargo);
        fs::create_dir(workspace.0.path().join("misbehave")).expect("it can be made");
        workspace
    }

    /// A script of the shell's.
    fn script(&self, name: &str, body: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, format!("#!/bin/sh\n{body}\n")).expect("it can be written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it can be run");
        path
    }

    /// An interpreter that says that it is `version`, and runs the item's program by `body`.
    fn python(&self, name: &str, version: &str, body: &str) -> String {
        self.python_with("locked", name, version, body)
    }

    /// One whose global lock is on or off: `locked` or `free`.
    fn python_with(&self, lock: &str, name: &str, version: &str, body: &str) -> String {
        let asked = format!("[ \"$1\" = -c ] && {{ echo '{version} {lock} 1:{name}'; exit; }}");
        let finds = "case \"$1\" in */misbehave/in_python.py) ;; *) exit 2; esac";
        self.script(name, &format!("{asked}\n{finds}\n{body}")).display().to_string()
    }

    fn compare(&self, arguments: &[&str]) -> Output {
        run(&mut self.command(arguments))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(XTASK);
        command
            .args(["compare", "--repeat", "2"])
            .args(arguments)
            .env("CARGO", self.0.path().join("cargo"))
            .env("REPORT", report(367, 0.001).to_string());
        command
    }
}

#[track_caller]
fn assert_tells(output: &Output, exit_code: i32, words: &[&str]) {
    let stdout = stdout(output);
    assert_eq!(output.status.code(), Some(exit_code), "{output:?}");
    for word in words {
        assert!(stdout.contains(word), "{word:?} is not in:\n{stdout}");
    }
    let fits = |line: &str| line.chars().count() <= 80 && !line.ends_with(' ');
    assert!(stdout.lines().all(fits), "{stdout}");
    assert!(!stdout.contains('\u{1b}'), "no colour where there is no terminal: {stdout:?}");
}

/// A text whose lines were broken, in one line.
fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The cells of the rows of this name: what stands two blanks apart.
fn rows(output: &Output, name: &str) -> Vec<Vec<String>> {
    let stdout = stdout(output);
    let cells = |line: &str| {
        let cells = line.strip_prefix(name)?.strip_prefix("  ")?.split("  ");
        let cells = cells.map(str::trim).filter(|cell| !cell.is_empty());
        Some(cells.map(str::to_owned).collect::<Vec<_>>())
    };
    stdout.lines().filter_map(cells).collect()
}

#[test]
fn each_claim_and_each_figure_has_a_row_with_what_was_found_and_the_ratio() {
    let workspace = Workspace::new();
    let python = workspace.python("p", "CPython 3.11.7", &format!("echo '{}'", report(500, 0.059)));
    let output = workspace.compare(&["--python", &python]);
    assert_tells(&output, 0, &["3.11.7", "best of 2"]);
    assert_eq!(rows(&output, "the race loses counts"), [["yes 367", "NO", "500"]]);
    assert_eq!(rows(&output, "the threads count at once"), [["yes 5 at once", "yes 5 at once"]]);
    assert_eq!(rows(&output, "the lock loses nothing"), [["yes 500", "yes 500"]]);
    assert_eq!(rows(&output, "race elapsed"), [["1 ms", "59 ms × 59"]]);
    assert_eq!(rows(&output, "race runs per second"), [["1000", "17 ÷ 59"]]);
    let stdout = stdout(&output);
    let at = |claim| stdout.find(claim).expect("it is there");
    assert!(at("the race loses counts") < at("the threads count at once"), "what differs is first");
    let note = "the race loses counts: in 3.11.7: not since CPython 3.10";
    assert!(stdout.contains(note), "{stdout}");
}

#[test]
fn the_best_of_the_rounds_counts_and_a_claim_must_hold_in_each() {
    let workspace = Workspace::new();
    let rounds = [report(367, 0.009), report(500, 0.003)].map(|round| format!("echo '{round}'"));
    let turn = workspace.0.path().join("turn");
    let [first, second] = rounds;
    let turn = turn.display();
    let body = format!("if [ -e {turn} ]; then {second}; else touch {turn}; {first}; fi");
    let python = workspace.python("p", "CPython 3.11.7", &body);
    let output = workspace.compare(&["--python", &python]);
    assert_tells(&output, 0, &[]);
    assert_eq!(rows(&output, "the race loses counts"), [["yes 367", "NO", "500"]]);
    assert_eq!(rows(&output, "race elapsed"), [["1 ms", "3 ms × 3.0"]]);
    assert_eq!(rows(&output, "race runs per second"), [["1000", "333 ÷ 3.0"]]);
}

#[test]
fn a_step_that_python_does_not_have_is_no_failure() {
    let workspace = Workspace::new();
    let mut without_lock = report(367, 0.001);
    without_lock["steps"].as_array_mut().expect("a list").pop();
    let python = workspace.python("p", "CPython 3.11.7", &format!("echo '{without_lock}'"));
    let output = workspace.compare(&["--python", &python]);
    assert_tells(&output, 0, &["2 claims have no counterpart in Python"]);
    assert!(rows(&output, "the lock loses nothing").is_empty());

    let mut fails = report(367, 0.001);
    fails["steps"][2]["facts"]["found"] = json!(499);
    let mut command = workspace.command(&["--python", &python]);
    let output = run(command.env("REPORT", fails.to_string()));
    assert_eq!(rows(&output, "the lock loses nothing"), [["NO", "499", "none"]], "of Rust");
}

#[test]
fn the_mended_step_is_judged_in_the_place_of_the_one_before() {
    let workspace = Workspace::new();
    let mut both = report(500, 0.002);
    let mut mended = both["steps"][1].clone();
    mended["name"] = json!("race_mended");
    mended["facts"]["found"] = json!(123);
    mended["figures"]["elapsed_s"] = json!(0.004);
    both["steps"].as_array_mut().expect("a list").push(mended);
    let python = workspace.python("p", "CPython 3.11.7", &format!("echo '{both}'"));
    let output = workspace.compare(&["--python", &python]);
    assert_tells(&output, 0, &[]);
    assert_eq!(rows(&output, "the race loses counts"), [["yes 367", "NO", "500"]]);
    assert_eq!(rows(&output, "race elapsed"), [["1 ms", "2 ms × 2.0"]]);
    let mended = rows(&output, "  mended");
    assert_eq!(
        mended,
        [["yes 123"], ["4 ms × 4.0"], ["500 × 0.5"], ["4 ms × 4.0"]],
        "of claim, figures, headline"
    );
}

#[test]
fn an_interpreter_that_fails_is_one_line_and_a_column_of_dashes() {
    let workspace = Workspace::new();
    let turn = workspace.0.path().join("turn");
    let turn = turn.display();
    let first = report(367, 1.0);
    let in_the_second_round = format!("[ -e {turn} ] && exit 1; touch {turn}; echo '{first}'");
    for (body, words) in [
        (&*in_the_second_round, "exit status: 1"),
        ("kill -SEGV $$", "crashed by signal 11"),
        ("echo nonsense", "printed no report"),
        ("echo 'no such module' >&2; exit 1", "exit status: 1: no such module"),
        (
            "printf 'Traceback (most recent call last):\\n  File \"x\"\\nValueError: no lane\\n' >&2; exit 1",
            "exit status: 1: ValueError: no lane",
        ),
        ("exec sleep 60", "hung: ended after its time limit, 3 s"),
    ] {
        let broken = workspace.python("broken", "CPython 3.9.18", body);
        let well =
            workspace.python("well", "CPython 3.12.1", &format!("echo '{}'", report(500, 1.0)));
        let limit = ["--time-limit", "3s"];
        let output =
            workspace.compare(&[&["--python", &broken, "--python", &well][..], &limit].concat());
        assert_tells(&output, 1, &[&format!("CPython 3.9.18: {words}")]);
        assert_eq!(rows(&output, "the race loses counts"), [["yes 367", "-", "NO", "500"]]);
        assert_eq!(rows(&output, "race elapsed"), [["1 ms", "-", "1 s × 1000"]]);
        assert_eq!(rows(&output, "claims that hold"), [["4", "-", "3"]]);
    }
}

#[test]
fn an_interpreter_that_cannot_be_used_is_one_line_and_a_column_of_dashes() {
    let workspace = Workspace::new();
    let old = workspace.python("old", "CPython 3.7.16", "exit 9");
    let mute = workspace.python("mute", "", "exit 9");
    let well = workspace.python("well", "CPython 3.12.1", &format!("echo '{}'", report(500, 1.0)));
    for (python, words, name) in [
        ("/no/such/python", "/no/such/python: cannot be run", "python"),
        (&old, "too old: CPython 3.7.16, but 3.8 is the oldest", "3.7.16"),
        (&mute, "did not say its version", "mute"),
    ] {
        let output = workspace.compare(&["--python", python, "--python", &well]);
        let stdout = stdout(&output);
        assert_tells(&output, 1, &[]);
        let complained = String::from_utf8_lossy(&output.stderr);
        assert_eq!(complained.lines().count(), 1, "{complained}");
        let (_, last) = stdout.split_once("not compared: ").expect("it is told at the end, too");
        for told in [&complained, last] {
            assert!(in_one_line(told).contains(words), "{told}");
        }
        assert_eq!(rows(&output, "the lock loses nothing"), [["yes 500", "-", "yes 500"]]);
        assert_eq!(rows(&output, "claims that hold"), [["4", "-", "3"]]);
        let is_head = |line: &str| line.trim_start().starts_with("Rust") && line.contains(name);
        assert!(stdout.lines().any(is_head), "{stdout}");
    }
}

#[test]
fn without_an_interpreter_that_can_be_used_nothing_is_built_or_run() {
    let workspace = Workspace::new();
    let old = workspace.python("old", "CPython 2.7.18", "exit 9");
    let mut command = workspace.command(&["--python", "/no/such/python", "--python", &old]);
    // A cargo that was asked would fail.
    let output = run(command.env("CARGO", "/no/such/cargo"));
    testing::assert_refused(
        &output,
        1,
        "no Python to compare with: /no/such/python: cannot be run",
    );
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("too old: CPython 2.7.18, but 3.8 is the oldest"), "{stderr}");
}

#[test]
fn all_finds_those_on_the_path_and_pyenvs_and_says_in_a_line_which_are_too_old() {
    let workspace = Workspace::new();
    let on_path = workspace.python("python3.12", "CPython 3.12.1", "exit 9");
    let pyenv = workspace.0.path().join("pyenv");
    for version in ["3.9.18", "3.7.16", "3.6.15"] {
        let folder = pyenv.join("versions").join(version).join("bin");
        fs::create_dir_all(&folder).expect("it can be made");
        let python = workspace.python("made", &format!("CPython {version}"), "exit 9");
        fs::rename(python, folder.join("python3")).expect("it can be moved");
    }
    let paths = [PathBuf::from(&on_path).parent().expect("a folder").to_owned()];
    let path = std::env::join_paths(paths).expect("a PATH");
    let mut command = workspace.command(&["--python", "all", "--json"]);
    let output = command.env("PATH", &path).env("PYENV_ROOT", &pyenv).output().expect("it runs");
    let json: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    assert_eq!(json["programs"], json!(["Rust", "CPython 3.9.18", "CPython 3.12.1"]));
    assert_eq!((&json["missing"], &json["too_old"]), (&json!([]), &json!(["3.6.15", "3.7.16"])));

    let mut command = workspace.command(&["--python", "all"]);
    let output = command.env("PATH", &path).env("PYENV_ROOT", &pyenv).output();
    assert_tells(&output.expect("it runs"), 1, &["older than 3.8, left out: 3.6.15, 3.7.16"]);

    let nowhere = workspace.0.path().join("nowhere");
    let mut command = workspace.command(&["--python", "all"]);
    let output = run(command.env("PATH", &nowhere).env("PYENV_ROOT", &nowhere));
    testing::assert_refused(&output, 1, "all: found none on the PATH");
}

/// The same claim fails in all of them, and the sentence about it is about one.
#[test]
fn what_a_failure_means_is_told_of_those_interpreters_that_it_is_true_of() {
    let workspace = Workspace::new();
    let loses_nothing = format!("echo '{}'", report(500, 0.059));
    let flags: Vec<String> = [
        ("locked", "CPython 3.9.18"),
        ("locked", "CPython 3.12.1"),
        ("free", "CPython 3.13.5t"),
        ("locked", "CPython 3.14.0t"),
        ("locked", "PyPy 3.10.1"),
    ]
    .into_iter()
    .flat_map(|(lock, version)| {
        let python =
            workspace.python_with(lock, &version.replace(' ', "-"), version, &loses_nothing);
        ["--python".to_owned(), python]
    })
    .collect();
    let output = workspace.compare(&flags.iter().map(|flag| &**flag).collect::<Vec<_>>());
    let told = in_one_line(&stdout(&output));
    for words in [
        "the race loses counts: in 3.12.1, 3.14.0t: not since CPython 3.10",
        "3.13.5t: a free-threaded build; it has no global interpreter lock",
        "3.14.0t: a free-threaded build; it could do without the global interpreter lock, which is",
    ] {
        assert!(told.contains(words), "{words:?} is not in:\n{told}");
    }
}

#[test]
fn two_builds_of_one_version_are_told_apart_by_their_paths() {
    let workspace = Workspace::new();
    let builds = ["a", "b"].map(|folder| {
        fs::create_dir(workspace.0.path().join(folder)).expect("it can be made");
        let body = format!("echo '{}'", report(if folder == "a" { 300 } else { 500 }, 1.0));
        workspace.python(&format!("{folder}/python3"), "CPython 3.11.7", &body)
    });
    let flags = ["--python", &builds[0], "--python", &builds[1], "--python", &builds[0]];
    let output = workspace.compare(&flags);
    assert_tells(&output, 0, &["3.11.7 a/python3", "3.11.7 b/python3"]);
    assert_eq!(rows(&output, "the race loses counts"), [["yes 367", "yes 300", "NO", "500"]]);
    let output = workspace.compare(&[&flags[..], &["--json"]].concat());
    let json: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    let names = ["Rust", "CPython 3.11.7 a/python3", "CPython 3.11.7 b/python3"];
    assert_eq!(json["programs"], json!(names));
}

#[test]
#[cfg(target_os = "linux")]
fn nothing_that_an_interpreter_has_started_is_left_running() {
    let workspace = Workspace::new();
    let pid = workspace.0.path().join("pid");
    let body = format!("sleep 600 & echo $! > {}; wait", pid.display());
    let python = workspace.python("p", "CPython 3.11.7", &body);
    let output = workspace.compare(&["--python", &python, "--time-limit", "1s"]);
    assert_tells(&output, 1, &["ended after its time limit"]);
    let pid = fs::read_to_string(pid).expect("it was written").trim().parse().expect("a number");
    testing::assert_ended(pid);
}

#[test]
fn where_many_do_not_fit_they_stand_in_blocks_and_what_holds_everywhere_stands_once() {
    let workspace = Workspace::new();
    let versions = ["3.8.1", "3.9.1", "3.10.1", "3.11.1", "3.12.1"];
    let found = [367, 300, 500, 500, 500];
    let pythons: Vec<String> = versions
        .iter()
        .zip(found)
        .map(|(version, found)| {
            let body = format!("echo '{}'", report(found, 0.059));
            workspace.python(version, &format!("CPython {version}"), &body)
        })
        .collect();
    let flags: Vec<&str> = pythons.iter().flat_map(|python| ["--python", python]).collect();
    let output = workspace.compare(&flags);
    assert_tells(&output, 0, &versions);
    let race = rows(&output, "the race loses counts").concat();
    let race: Vec<&str> = race.iter().map(|cell| &**cell).filter(|cell| *cell != "NO").collect();
    let rusts = race.iter().filter(|cell| **cell == "yes 367").count() - 1;
    assert!(rusts > 1, "a block has Rust's column: {race:?}");
    assert_eq!(race.len() - rusts, found.len());
    assert_eq!(rows(&output, "the lock loses nothing"), [["yes 500", "yes 500"]]);
}

/// Only then is there a row of such claims; and a Python that is not the usual one is named.
#[test]
fn what_the_machine_cannot_show_is_counted_apart() {
    let workspace = Workspace::new();
    let row = "claims the machine can't show";
    for (cores, counted) in [(1, vec![vec!["1", "1"]]), (2, vec![])] {
        let is_counted = !counted.is_empty();
        let mut report = report(367, 0.001);
        report["steps"][0]["facts"]["cores"] = json!(cores);
        report["steps"][2]["facts"]["cores_seen"] = json!(cores);
        let python = workspace.python("p", "PyPy 3.10.1", &format!("echo '{report}'"));
        let mut command = workspace.command(&["--python", &python]);
        let output = command.env("REPORT", report.to_string()).output().expect("it runs");
        assert_tells(&output, 0, &["PyPy 3.10.1\n"]);
        assert_eq!(rows(&output, row), counted);
        let reason = "in Rust, PyPy 3.10.1: skipped: ";
        assert_eq!(stdout(&output).contains(reason), is_counted, "{output:?}");
    }
}

#[test]
fn json_has_all_of_it() {
    let workspace = Workspace::new();
    let python = workspace.python("p", "CPython 3.11.7", &format!("echo '{}'", report(500, 0.059)));
    let output = workspace.compare(&["--json", "--python", &python, "--python", &python]);
    let json: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    assert_eq!(json["programs"], json!(["Rust", "CPython 3.11.7"]), "each file once");
    let item = &json["items"][0];
    let race = &item["claims"][0];
    assert_eq!(race["held"], json!({ "Rust": "holds", "CPython 3.11.7": "fails" }));
    assert_eq!(race["found"]["CPython 3.11.7"], json!("500"));
    assert_eq!(race["means"], json!({ "CPython 3.11.7": "not since CPython 3.10" }));
    let figures = item["figures"].as_array().expect("a list");
    assert_eq!(figures.len(), 2, "a setting is no figure: {figures:?}");
    let ratio = |value: &Value| value["ratio"]["CPython 3.11.7"].as_f64().expect("a number");
    assert!((ratio(&item["figures"][0]) - 59.0).abs() < 1e-9, "{item}");
    assert_eq!(item["headlines"][0]["says"], json!("the race"));
    assert!((ratio(&item["headlines"][0]) - 59.0).abs() < 1e-9, "{item}");
    let sum =
        json!({ "program": "CPython 3.11.7", "hold": 3, "fail": 1, "not_there": 0, "skipped": 0 });
    assert_eq!(json["summary"][1], sum);
    assert_eq!(json["paths"]["CPython 3.11.7"], json!(python));
    assert_eq!((&json["repeat"], &json["missing"]), (&json!(2), &json!([])));
}

#[test]
fn wrong_usage_is_refused() {
    for arguments in [&["--repeat", "0"][..], &["99"], &["--no-such-flag"]] {
        let arguments = [&["compare"], arguments].concat();
        testing::assert_wrong_usage(env!("CARGO_BIN_EXE_xtask"), &arguments, arguments[1]);
    }
}
