//! Item 64 from outside: the story, a worker, and that no child outlives its parent.

use std::fs;
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Output, Stdio};

use common::contract::{Running, assert_kept, assert_wrong_usage, eventually, facts};
use item64_parallelism::gcd::{PAIRS, Pair};
use rustix::process::Signal;

const PROGRAM: &str = env!("CARGO_BIN_EXE_item64-parallelism");

#[test]
fn the_program_keeps_the_contract() {
    assert_eq!(assert_kept(PROGRAM, &["--rounds", "1"]).item, 64);
}

#[test]
fn all_versions_agree_with_euclid() {
    let facts = facts(PROGRAM, &["--rounds", "1", "--workers", "3"]);
    let expected = PAIRS.map(Pair::by_euclid).to_vec();
    for version in ["euclid", "serial", "threads", "rayon", "processes"] {
        assert_eq!(facts[format!("{version}.gcds")], serde_json::json!(expected), "{version}");
    }
    assert_eq!(facts["trip.children_left"], 0);
}

/// More workers than pairs: some find nothing to do, and end all the same.
#[test]
fn idle_workers_do_no_harm() {
    let facts = facts(PROGRAM, &["--rounds", "2", "--workers", "16"]);
    assert_eq!(facts["processes.gcds"], facts["euclid.gcds"]);
}

fn worker(input: &[u8]) -> Output {
    let mut command = Command::new(PROGRAM);
    let command = command.arg("worker").stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn a_worker_answers_each_pair_and_ends_with_its_input() {
    let output = worker(b"12 18\n7 5\n0 9\n");
    assert!(output.status.success());
    let answers = String::from_utf8(output.stdout).unwrap();
    let gcds: Vec<&str> = answers.lines().map(|line| line.split_once(' ').unwrap().0).collect();
    assert_eq!(gcds, ["6", "1", "9"]);
}

#[test]
fn a_worker_refuses_what_is_no_pair() {
    for input in [&b"12\n"[..], b"12 eighteen\n", b"\xff\n", b"-1 3\n"] {
        let Output { status, stderr, .. } = worker(input);
        let complaint = String::from_utf8(stderr).unwrap();
        assert_eq!(status.code(), Some(1), "{complaint}");
        assert!(complaint.starts_with("error: cannot read a pair from stdin: "), "{complaint}");
        assert_eq!(complaint.lines().count(), 1, "{complaint}");
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
        &["--no-such-flag"],
    ] {
        assert_wrong_usage(PROGRAM, flags, flags[0]);
    }
}

/// The story, far from its end, and its two children.
fn story_with_children() -> (Running, Vec<u32>) {
    let story = Running::start(Command::new(PROGRAM).args(["--rounds", "1000"]));
    let pid = story.pid();
    let children = eventually("the story starts two children", || {
        let list = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
        let children: Vec<u32> = list.split_whitespace().map(|pid| pid.parse().unwrap()).collect();
        (children.len() == 2).then_some(children)
    });
    (story, children)
}

/// They are killed and waited for before the program ends, so that nobody has to wait for them.
#[test]
#[cfg(target_os = "linux")]
fn a_signal_leaves_no_child_behind() {
    for signal in [Signal::HUP, Signal::INT, Signal::TERM] {
        let (story, children) = story_with_children();
        story.signal(signal);
        assert_eq!(story.wait().status.signal(), Some(signal.as_raw()));
        for child in children {
            assert!(fs::metadata(format!("/proc/{child}")).is_err(), "child {child} is left");
        }
    }
}

/// SIGKILL can't be caught, but it closes the pipes, and a worker ends with its input.
#[test]
#[cfg(target_os = "linux")]
fn children_of_a_killed_parent_end_by_themselves() {
    let (story, children) = story_with_children();
    story.signal(Signal::KILL);
    story.wait();
    for child in children {
        eventually("the child ends", || {
            let stat = fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
            // Where nobody adopts orphans, a zombie stays: ended, and not waited for.
            (stat.is_empty() || stat.contains(") Z ")).then_some(())
        });
    }
}

/// A child that fails ends the story: one line, and no other child is left.
#[test]
#[cfg(target_os = "linux")]
fn a_child_that_dies_is_told_and_takes_no_other_with_it() {
    let (story, children) = story_with_children();
    let victim = rustix::process::Pid::from_raw(children[0].try_into().unwrap()).unwrap();
    rustix::process::kill_process(victim, Signal::KILL).unwrap();
    let Output { status, stderr, .. } = story.wait();
    let complaint = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(1), "{complaint}");
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
    assert!(complaint.starts_with("error: "), "{complaint}");
    for child in children {
        assert!(fs::metadata(format!("/proc/{child}")).is_err(), "child {child} is left");
    }
}
