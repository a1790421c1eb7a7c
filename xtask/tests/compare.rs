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

/// What both programs report: the race that `found` so much, and took so many seconds.
fn report(found: u32, elapsed_s: f64) -> Value {
    let span = |thread| json!({ "lane": format!("thread {thread}"), "label": "count", "start_us": 0, "end_us": 9 });
    let spans: Vec<Value> = (0..5).map(span).collect();
    json!({ "item": 9, "title": "Use Lock", "steps": [
        { "name": "machine", "facts": { "cores": 2 }, "figures": { "latency_s": 0.001 } },
        { "name": "race", "facts": { "found": found }, "figures": { "elapsed_s": elapsed_s },
          "spans": spans },
        { "name": "lock", "facts": { "found": 500, "cores_seen": 2 } },
    ] })
}

struct Workspace(TempDir);

impl Workspace {
    fn new() -> Self {
        let workspace = Self(tempfile::tempdir().expect("a folder"));
        let built = json!({ "executable": env!("CARGO_BIN_EXE_misbehave"),
                            "target": { "name": "misbehave" } });
        workspace.script("cargo", &format!("echo '{built}'"));
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
        let asked = format!("[ \"$1\" = -c ] && {{ echo '{version}'; exit; }}");
        let finds = "case \"$1\" in */misbehave/in_python.py) ;; *) exit 2; esac";
        self.script(name, &format!("{asked}\n{finds}\n{body}")).display().to_string()
    }

    fn compare(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_own-table"))
            .args(["compare", "--repeat", "2"])
            .args(arguments)
            .env("CARGO", self.0.path().join("cargo"))
            .env("CARGO_MANIFEST_DIR", self.0.path().join("xtask"))
            .env("REPORT", report(367, 0.001).to_string())
            .output()
            .expect("it runs")
    }
}

#[track_caller]
fn assert_tells(output: &Output, exit_code: i32, words: &[&str]) {
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(exit_code), "{output:?}");
    for word in words {
        assert!(stdout.contains(word), "{word:?} is not in:\n{stdout}");
    }
    assert!(stdout.lines().all(|line| line.chars().count() <= 80), "{stdout}");
}

#[test]
fn what_differs_is_shown_with_what_was_found_and_the_ratio() {
    let workspace = Workspace::new();
    let python = workspace.python("p", "CPython 3.11.7", &format!("echo '{}'", report(500, 0.059)));
    let output = workspace.compare(&["--python", &python]);
    assert_tells(
        &output,
        0,
        &[
            "3.11.7",
            "the race loses counts               yes 367        NO  500",
            "race elapsed                        1 ms           59 ms  × 59",
            "3 other claims hold in all; 0 have no counterpart",
        ],
    );
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
    assert_tells(&output, 0, &["NO  500", "3 ms  × 3.0"]);
}

#[test]
fn a_step_that_python_does_not_have_is_no_failure() {
    let workspace = Workspace::new();
    let mut without_lock = report(367, 0.001);
    without_lock["steps"].as_array_mut().expect("a list").pop();
    let python = workspace.python("p", "CPython 3.11.7", &format!("echo '{without_lock}'"));
    let output = workspace.compare(&["--python", &python]);
    assert_tells(&output, 0, &["2 other claims hold in all; 2 have no counterpart in Python"]);
}

#[test]
fn the_mended_step_is_judged_in_the_place_of_the_one_before() {
    let workspace = Workspace::new();
    let mut both = report(500, 0.001);
    let mut mended = both["steps"][1].clone();
    mended["name"] = json!("race_mended");
    mended["facts"]["found"] = json!(123);
    both["steps"].as_array_mut().expect("a list").push(mended);
    let python = workspace.python("p", "CPython 3.11.7", &format!("echo '{both}'"));
    let output = workspace.compare(&["--python", &python]);
    assert_tells(&output, 0, &["NO  500\n  mended", "yes 123"]);
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
        ("exec sleep 60", "ended after its time limit, 3 s"),
    ] {
        let broken = workspace.python("broken", "CPython 3.9.18", body);
        let well =
            workspace.python("well", "CPython 3.12.1", &format!("echo '{}'", report(500, 1.0)));
        let limit = ["--time-limit", "3s"];
        let output =
            workspace.compare(&[&["--python", &broken, "--python", &well][..], &limit].concat());
        assert_tells(
            &output,
            1,
            &[
                &format!("CPython 3.9.18: {words}"),
                "the race loses counts               yes      -        NO",
            ],
        );
    }
}

#[test]
fn an_interpreter_that_cannot_be_used_is_one_line() {
    let workspace = Workspace::new();
    let old = workspace.python("old", "CPython 3.7.16", "exit 9");
    let mute = workspace.python("mute", "", "exit 9");
    for (python, words) in [
        ("/no/such/python", "/no/such/python: cannot be run"),
        (&old, "too old: CPython 3.7.16, but 3.8 is the oldest"),
        (&mute, "did not say its version"),
    ] {
        let output = workspace.compare(&["--python", python]);
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{stdout}");
        assert!(stdout.lines().next().is_some_and(|line| line.contains(words)), "{stdout}");
    }
}

#[test]
fn json_has_all_of_it() {
    let workspace = Workspace::new();
    let python = workspace.python("p", "CPython 3.11.7", &format!("echo '{}'", report(500, 0.059)));
    let output = workspace.compare(&["--json", "--python", &python, "--python", &python]);
    let json: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    assert_eq!(json["programs"], json!(["Rust", "CPython 3.11.7"]), "each version once");
    let item = &json["items"][0];
    let race = &item["claims"][0];
    assert_eq!(race["held"], json!({ "Rust": "holds", "CPython 3.11.7": "fails" }));
    assert_eq!(race["found"]["CPython 3.11.7"], json!("500"));
    let times = item["times"].as_array().expect("a list");
    assert_eq!(times.len(), 1, "what is the same in both is a flag, not a time: {times:?}");
    let ratio = times[0]["ratio"]["CPython 3.11.7"].as_f64().expect("a number");
    assert!((ratio - 59.0).abs() < 1e-9, "{ratio}");
}

#[test]
fn wrong_usage_is_refused() {
    for arguments in [&["--repeat", "0"][..], &["99"], &["--no-such-flag"]] {
        let arguments = [&["compare"], arguments].concat();
        common::contract::assert_wrong_usage(env!("CARGO_BIN_EXE_xtask"), &arguments, arguments[1]);
    }
}
