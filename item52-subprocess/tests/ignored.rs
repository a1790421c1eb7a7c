//! Started with SIGTERM ignored, which children inherit, the program waits for none of them for ever.
//! Neither does its Python.

use std::io::Read;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use common::children::spawn;
use common::report::Report;
use serde_json::{Value, json};
use testing::{openssl_is_missing, python_is_missing, report};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item52-subprocess");
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/in_python.py");

/// Far more than any of them takes.
const LIMIT: Duration = Duration::from_secs(60);

const KILLED: &str = "did not heed SIGTERM, so it was killed";

/// Runs `words`. What they print must fit into a pipe.
#[track_caller]
fn run_with_sigterm_ignored(words: &[&str]) -> Output {
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' TERM; exec \"$0\" \"$@\""]).args(words);
    let mut program = spawn(shell.stdout(Stdio::piped()).stderr(Stdio::piped())).unwrap();
    let status = program.wait_within(LIMIT).unwrap().expect("it ends");
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    program.take_stdout().unwrap().read_to_end(&mut stdout).unwrap();
    program.take_stderr().unwrap().read_to_end(&mut stderr).unwrap();
    Output { status, stdout, stderr }
}

#[track_caller]
fn assert_killed(report: &Report, sigterm_is_ignored: &Value) {
    assert_eq!(report.fact("timeout", "status"), Some(&json!(-9)));
    assert_eq!(report.fact("timeout", "sigterm_is_ignored"), Some(sigterm_is_ignored));
    assert_eq!(report.fact("flood", "unread_status"), Some(&json!(-9)));
    assert_eq!(report.fact("end", "a_child_is_left"), Some(&json!(false)));
}

#[test]
fn children_that_ignore_sigterm_are_killed_and_the_story_says_so() {
    let quick = [PROGRAM, "--sleep", "1ms", "--timeout", "1ms"];
    let told = run_with_sigterm_ignored(&quick);
    let told = String::from_utf8_lossy(&told.stdout);
    assert_eq!(told.matches(KILLED).count(), 2, "{told}");

    let as_json = [&quick[..], &["--json"]].concat();
    // Elsewhere safe Rust can't ask.
    let can_ask = cfg!(target_os = "linux");
    assert_killed(&report(&run_with_sigterm_ignored(&as_json)), &json!(can_ask));
}

#[test]
fn so_they_are_in_python() {
    if python_is_missing() || openssl_is_missing() {
        return;
    }
    let told = run_with_sigterm_ignored(&["python3", SCRIPT]);
    let told = String::from_utf8_lossy(&told.stdout).replace("\n  ", " ");
    assert_eq!(told.matches(KILLED).count(), 2, "{told}");

    let output = run_with_sigterm_ignored(&["python3", SCRIPT, "--json"]);
    assert_killed(&report(&output), &json!(true));
}
