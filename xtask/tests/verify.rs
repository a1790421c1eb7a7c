//! `verify` must notice whatever an item does wrong, name it, and leave nothing running.
//!
//! Each test hands `verify` a program that stands in for item 54 and misbehaves in one way.

use std::io::Read;
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

/// What item 54 reports when all is well: five threads that count at the same time.
fn good_report() -> Value {
    let span = |thread| {
        json!({ "step": "race", "lane": format!("thread {thread}"),
        "label": "count", "start_us": thread, "end_us": 100 })
    };
    json!({
        "item": 54,
        "title": "Use Lock to Prevent Data Races in Threads",
        "facts": {
            "race.expected": 500_000, "race.found": 104_020, "replay.found": 1,
            "lock.found": 500_000, "atomic.found": 500_000, "subtotals.found": 500_000,
        },
        "spans": (0..5).map(span).collect::<Vec<_>>(),
    })
}

fn verify_misbehaving(how: &str, report: &Value) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command
        .args(["verify", "54", "--program", env!("CARGO_BIN_EXE_misbehave")])
        .env("MISBEHAVE", how)
        .env("REPORT", report.to_string())
        .stdin(Stdio::null());
    command
}

fn run(command: &mut Command) -> Output {
    command.output().expect("xtask runs")
}

/// The last line and the exit code of `verify`, and the rows that failed.
fn failures(output: &Output) -> Vec<String> {
    let stdout = String::from_utf8_lossy(&output.stdout);
    stdout.lines().filter(|line| line.starts_with("FAIL")).map(str::to_owned).collect()
}

#[track_caller]
fn assert_one_failure(output: &Output, words: &[&str]) {
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{stdout}");
    assert_eq!(failures(output).len(), 1, "{stdout}");
    for word in words {
        assert!(stdout.contains(word), "{word:?} is not in:\n{stdout}");
    }
    assert!(stdout.trim_end().ends_with(", 1 failed"), "{stdout}");
}

#[test]
fn a_good_report_passes() {
    let output = run(&mut verify_misbehaving("", &good_report()));
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{stdout}");
    assert_eq!(stdout.lines().last(), Some("9 passed, 0 failed"));
}

#[test]
fn a_count_that_is_off_by_one_fails() {
    let mut report = good_report();
    report["facts"]["lock.found"] = json!(499_999);
    let output = run(&mut verify_misbehaving("", &report));
    assert_one_failure(&output, &["the lock loses nothing", "expected 500000", "found 499999"]);
}

#[test]
fn a_race_that_loses_nothing_fails() {
    let mut report = good_report();
    report["facts"]["race.found"] = json!(500_000);
    let output = run(&mut verify_misbehaving("", &report));
    assert_one_failure(&output, &["the race loses counts", "expected < 500000"]);
}

#[test]
fn threads_that_ran_one_after_the_other_fail() {
    let mut report = good_report();
    for thread in 0..5_usize {
        report["spans"][thread]["start_us"] = json!(thread * 100);
        report["spans"][thread]["end_us"] = json!(thread * 100 + 100);
    }
    let output = run(&mut verify_misbehaving("", &report));
    assert_one_failure(&output, &["the threads count at once", "expected 5", "found 1"]);
}

#[test]
fn a_missing_fact_fails_and_is_named() {
    let mut report = good_report();
    report["facts"].as_object_mut().expect("an object").remove("replay.found");
    let output = run(&mut verify_misbehaving("", &report));
    assert_one_failure(&output, &["replayed, two make one", "no fact replay.found"]);
}

#[test]
fn a_fact_of_the_wrong_type_fails() {
    let mut report = good_report();
    report["facts"]["lock.found"] = json!("500000");
    let output = run(&mut verify_misbehaving("", &report));
    assert_one_failure(&output, &["the lock loses nothing", "not a number"]);
}

#[test]
fn the_report_of_another_item_fails() {
    let mut report = good_report();
    report["item"] = json!(55);
    let output = run(&mut verify_misbehaving("", &report));
    assert_one_failure(&output, &["reported item 55, not 54"]);
}

#[test]
fn an_exit_code_fails_with_the_items_own_words() {
    let output = run(&mut verify_misbehaving("exit with 3", &good_report()));
    assert_one_failure(&output, &["exit status: 3", "no more threads"]);
}

#[test]
fn a_crash_fails_and_names_the_signal() {
    let output = run(&mut verify_misbehaving("crash", &good_report()));
    assert_one_failure(&output, &["crashed by signal 6"]);
}

#[test]
fn anything_but_one_whole_report_fails() {
    for how in ["print half", "print twice", "print nothing"] {
        let output = run(&mut verify_misbehaving(how, &good_report()));
        assert_one_failure(&output, &["printed no report"]);
    }
}

#[test]
fn megabytes_of_noise_fail() {
    let output = run(&mut verify_misbehaving("print noise", &good_report()));
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(failures(&output).len(), 1);
}

#[test]
fn a_program_that_is_not_there_fails() {
    let output = run(Command::new(env!("CARGO_BIN_EXE_xtask")).args([
        "verify",
        "54",
        "--program",
        "/no/such/program",
    ]));
    assert_one_failure(&output, &["cannot run /no/such/program"]);
}

#[test]
fn a_hanging_item_is_ended_together_with_its_children() {
    // Both the item and its child hold a connection to this test for as long as they live. They
    // are accepted before the time limit can matter, and their end is read as end of file.
    let control = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let output = run(verify_misbehaving("hang", &good_report())
        .args(["--time-limit", "2s"])
        .env("CONTROL", control.local_addr().expect("bound").to_string()));
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{stdout}");
    assert!(stdout.contains("ended after its time limit, 2 s"), "{stdout}");
    assert_all_ended(&control, 2);
}

#[test]
fn a_child_that_is_left_behind_fails_and_is_ended() {
    let control = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let output = run(verify_misbehaving("leave a child", &good_report())
        .env("CONTROL", control.local_addr().expect("bound").to_string()));
    assert_one_failure(&output, &["it leaves nothing running", "found a child"]);
}

#[test]
fn when_verify_is_told_to_end_its_items_end_too() {
    let control = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let mut verify = verify_misbehaving("hang", &good_report())
        .env("CONTROL", control.local_addr().expect("bound").to_string())
        .stdout(Stdio::null())
        .spawn()
        .expect("xtask runs");
    let connections: Vec<_> = (0..2).map(|_| control.accept().expect("a process").0).collect();
    kill_process(Pid::from_child(&verify), Signal::TERM).expect("it runs");
    verify.wait().expect("it ends");
    for mut connection in connections {
        assert_eq!(connection.read(&mut [0]).expect("its other end is closed"), 0);
    }
}

/// Each process that connected has ended: reading from its connection finds the end.
fn assert_all_ended(control: &TcpListener, processes: usize) {
    for _ in 0..processes {
        let (mut connection, _) = control.accept().expect("a process connected");
        assert_eq!(connection.read(&mut [0]).expect("its other end is closed"), 0);
    }
}

#[test]
fn json_holds_every_check_and_the_sum() {
    let mut report = good_report();
    report["facts"]["lock.found"] = json!(499_999);
    let output = run(verify_misbehaving("", &report).arg("--json"));
    assert_eq!(output.status.code(), Some(1));
    let json: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    assert_eq!((&json["passed"], &json["failed"]), (&json!(8), &json!(1)));
    let checks = json["checks"].as_array().expect("a list");
    assert_eq!(checks.len(), 9);
    assert!(checks.contains(&json!({
        "item": 54, "check": "the lock loses nothing",
        "expected": "500000", "found": "499999", "passed": false,
    })));
}

#[test]
fn repeating_judges_every_round() {
    let output = run(verify_misbehaving("", &good_report()).args(["--repeat", "3"]));
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(stdout.lines().last(), Some("27 passed, 0 failed"));
}

#[test]
fn wrong_usage_is_one_line_and_exit_code_2() {
    for (arguments, words) in [
        (&["verify", "99"][..], "the items are 52, "),
        (&["verify", "fifty-four"], "'fifty-four'"),
        (&["verify", "--no-such-flag"], "--no-such-flag"),
        (&["verify", "--repeat", "0"], "'0'"),
        (&["verify", "--time-limit", "5 parsecs"], "parsecs"),
        (&["verify", "54", "53", "--program", "x"], "--program goes with one ITEM"),
        (&["judge"], "judge"),
        (&[], "subcommand"),
    ] {
        let output = run(Command::new(env!("CARGO_BIN_EXE_xtask")).args(arguments));
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains(words), "{arguments:?}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    }
}
