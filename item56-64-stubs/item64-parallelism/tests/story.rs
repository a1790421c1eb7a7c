//! Item 64 from outside: the story and a worker.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use item64_parallelism::PAIRS;
use item64_parallelism::proofs::by_euclid;
use serde_json::json;
use testing::{assert_kept, assert_refused, assert_wrong_usage};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item64-parallelism");

#[test]
fn the_program_keeps_the_contract_and_all_versions_agree_with_euclid() {
    let report = assert_kept(PROGRAM, &["--rounds", "1", "--workers", "3"]);
    assert_eq!(report.item, 64);
    let expected = json!(PAIRS.map(by_euclid));
    for version in ["serial", "threads", "rayon", "processes"] {
        assert_eq!(report.fact(version, "gcds"), Some(&expected), "{version}");
        let spans = &report.step(version).unwrap().spans;
        assert_eq!(spans.len(), 10, "the picture shows one round of {version}");
    }
    assert_eq!(report.fact("trip", "answers"), Some(&json!(100)));
    assert_eq!(report.fact("trip", "a_child_is_left"), Some(&json!(false)));
}

/// More workers than pairs: some find nothing to do, and end all the same.
#[test]
fn idle_workers_do_no_harm() {
    let report = assert_kept(PROGRAM, &["--rounds", "2", "--workers", "16"]);
    assert_eq!(report.fact("processes", "gcds"), report.fact("serial", "by_euclid"));
}

fn worker(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(PROGRAM);
    command.arg("worker").args(arguments).stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn a_worker_answers_each_pair_and_ends_with_its_input() {
    let output = worker(&[], b"12 18\n7 5\n0 9\n");
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "6\n1\n9\n");
}

#[test]
fn a_worker_tells_a_window_for_each_piece_of_its_work() {
    // Tried from 100000 down to 1, at most 40000 at a time.
    let output = worker(&["--windows"], b"100000 100001\n12 18\n0 9\n");
    assert!(output.status.success());
    let answers = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<Vec<u64>> = answers
        .lines()
        .map(|line| line.split(' ').map(|number| number.parse().unwrap()).collect())
        .collect();
    let gcds: Vec<u64> = answers.iter().map(|answer| answer[0]).collect();
    assert_eq!(gcds, [1, 6, 9]);
    let windows: Vec<usize> = answers.iter().map(|answer| answer.len() / 3).collect();
    assert_eq!(windows, [3, 1, 0]);
    for window in answers.iter().flat_map(|answer| answer[1..].chunks(3)) {
        assert!(window[0] < window[1] && window[2] <= window[1] - window[0], "{window:?}");
    }
}

#[test]
fn a_worker_refuses_what_is_no_pair() {
    for input in [&b"\n"[..], b"12\n", b"12 eighteen\n", b"\xff\n", b"-1 3\n"] {
        assert_refused(&worker(&[], input), 1, "error: cannot read a pair from stdin: ");
    }
}

#[test]
fn bad_values_are_refused() {
    for flags in [
        &["--workers", "0"][..],
        &["--workers", "-1"],
        &["--workers", "1000000"],
        &["--rounds", "0"],
        &["--rounds", "some"],
        &["--rounds", "101"],
        &["--no-such-flag"],
    ] {
        assert_wrong_usage(PROGRAM, flags, flags[0]);
    }
}
