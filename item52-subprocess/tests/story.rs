//! The program as its users run it; also when it fails, and when it is told to end.

use std::io::{BufRead, BufReader};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Stdio};

use common::contract::{assert_kept, assert_refused, assert_wrong_usage};
use common::timeline::overlap;
use rustix::process::{Pid, Signal, kill_process, test_kill_process_group};
use serde_json::json;

const PROGRAM: &str = env!("CARGO_BIN_EXE_item52-subprocess");

/// Half a second, in which ten children start even on a busy machine.
const QUICK: [&str; 4] = ["--sleep", "500ms", "--timeout", "50ms"];

#[test]
fn the_program_keeps_the_contract_and_reports_every_step() {
    let report = assert_kept(PROGRAM, &QUICK);
    let fact = |key: &str| &report.facts[key];
    assert_eq!(fact("run.output"), "hello from subprocess!");
    assert_eq!(fact("run.failing_status"), 3);
    assert_eq!(fact("poll.status"), 0);
    assert_eq!(fact("parallel.statuses"), &json!(vec![0; 10]));
    assert_eq!(fact("parallel.running_at_once"), 10);
    assert_eq!(overlap(&report.spans, "parallel"), 10);
    assert_eq!(fact("pipelines.statuses"), &json!(vec![0; 6]));
    assert_eq!(fact("pipelines.running_at_once"), 6);
    assert_eq!(overlap(&report.spans, "pipelines"), 6);
    assert_eq!(fact("pipelines.digest_tails"), fact("pipelines.in_one_process"));
    assert_eq!(fact("pipelines.digest_tails"), fact("pipelines.in_one_expression"));
    assert_eq!(fact("timeout.status"), -15);
    assert_eq!(fact("flood.ends_unread"), false);
    assert_eq!(fact("flood.read"), fact("flood.written"));
    assert_eq!(fact("end.children_left"), 0);
    assert_eq!(fact("end.pipes_open"), fact("end.pipes_open_at_first"));
}

#[test]
fn bad_values_are_refused() {
    for (flag, value) in [
        ("--sleep", "5 parsecs"),
        ("--children", "0"),
        ("--children", "-1"),
        ("--pipelines", "many"),
        ("--bytes", "-100"),
        ("--timeout", "soon"),
    ] {
        assert_wrong_usage(PROGRAM, &[flag, value], flag);
    }
    assert_wrong_usage(PROGRAM, &["encrypt", "--salt", "xyz"], "16 hexadecimal digits");
}

#[test]
fn a_program_that_is_missing_is_named() {
    let output = Command::new(PROGRAM).env("PATH", "/nowhere").output().unwrap();
    assert_refused(&output, 1, "cannot start echo");
}

/// Whatever could not be opened, the children that had been started are ended.
#[test]
fn with_few_open_files_it_fails_in_one_line_and_leaves_nothing() {
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 16; exec \"$0\" --sleep 50ms --pipelines 64", PROGRAM]);
    let child = command.process_group(0).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let child = child.unwrap();
    let group = Pid::from_child(&child);
    let output = child.wait_with_output().unwrap();
    assert_refused(&output, 1, "Too many open files");
    assert_nothing_left_of(group);
}

/// Each heading is printed just before its step starts its children.
#[test]
fn told_to_end_in_any_step_it_leaves_nothing() {
    for (step, signal) in [
        ("poll", Signal::INT),
        ("parallel", Signal::TERM),
        ("pipelines", Signal::INT),
        ("timeout", Signal::TERM),
        ("flood", Signal::HUP),
    ] {
        let mut child = Command::new(PROGRAM)
            .args(["--sleep", "200ms", "--timeout", "200ms"])
            .process_group(0)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let group = Pid::from_child(&child);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let heading = format!("{step}:");
        assert!(lines.any(|line| line.unwrap().starts_with(&heading)), "no step {step}");
        kill_process(group, signal).unwrap();
        // The pipe is read to its end, which comes when the last that holds it has ended.
        lines.for_each(drop);
        let status = child.wait().unwrap();
        assert_eq!(status.signal(), Some(signal.as_raw()), "in step {step}");
        assert_nothing_left_of(group);
    }
}

#[track_caller]
fn assert_nothing_left_of(group: Pid) {
    assert_eq!(test_kill_process_group(group), Err(rustix::io::Errno::SRCH));
}
