//! Item 64 from outside: the story and a worker.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use serde_json::Value;
use testing::{assert_kept, assert_refused, assert_wrong_usage};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item64-parallelism");

/// More workers than pairs: some find nothing to do, and end all the same.
#[test]
fn the_program_keeps_the_contract_and_idle_workers_do_no_harm() {
    let report = assert_kept(PROGRAM, &["--rounds", "2", "--workers", "16"]);
    for version in ["serial", "threads", "rayon", "processes"] {
        assert_eq!(report.fact(version, "gcds"), report.fact("serial", "by_euclid"), "{version}");
        let spans = &report.step(version).unwrap().spans;
        assert_eq!(spans.len(), 10, "the picture shows one round of {version}");
    }
}

/// A child in this role, which is sent `input`.
fn child(role: &str, input: &[u8]) -> Output {
    let mut command = Command::new(PROGRAM);
    command.arg(role).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn a_worker_answers_each_pair_with_when_it_computed_and_ends_with_its_input() {
    let output = child("worker", b"12 18\n100000 100001\n0 9\n");
    assert!(output.status.success());
    let answers = serde_json::Deserializer::from_slice(&output.stdout).into_iter();
    let answers: Vec<Value> = answers.collect::<Result<_, _>>().unwrap();
    assert!(answers.iter().map(|answer| &answer["gcd"]).eq([6, 1, 9].map(Value::from).iter()));
    let mut last = 0;
    for answer in answers {
        let number = |name: &str| answer[name].as_u64().unwrap();
        assert!(last <= number("start_ns") && number("start_ns") <= number("end_ns"), "{answer}");
        assert!(number("processor_ns") <= number("end_ns") - number("start_ns"), "{answer}");
        last = number("end_ns");
    }
}

#[test]
fn a_worker_refuses_what_is_no_pair() {
    for input in [&b"\n"[..], b"12\n", b"12 eighteen\n", b"\xff\n", b"-1 3\n"] {
        assert_refused(&child("worker", input), 1, "error: cannot read a pair from stdin: ");
    }
}

#[test]
fn an_echo_sends_back_each_message_whatever_it_holds() {
    let output = child("echo", b"5\nhello0\n3\na\nb");
    assert!(output.status.success());
    assert_eq!(output.stdout, b"helloa\nb");
}

/// Many times what a pipe holds: an echo that did not read it to its end first would wait for ever for its
/// parent, which reads nothing before it has written all.
#[test]
fn an_echo_reads_a_message_to_its_end_before_it_answers() {
    let message = vec![b'\n'; 4 << 20];
    let input = [&b"4194304\n"[..], &message].concat();
    let (sender, output) = channel();
    // Not joined: if it hangs, the test must still end.
    thread::spawn(move || sender.send(child("echo", &input).stdout));
    let output = output.recv_timeout(Duration::from_secs(60));
    assert!(output.expect("each waits for the other to read") == message);
}

#[test]
fn an_echo_refuses_what_is_no_message() {
    for (input, complaint) in [
        (&b"hello\n"[..], "error: \"hello\" is no length: "),
        (b"-1\n", "error: \"-1\" is no length: "),
        (b"5\nhell", "error: the input ended within a message"),
        (b"18446744073709551615\n", "error: the input ended within a message"),
    ] {
        assert_refused(&child("echo", input), 1, complaint);
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
