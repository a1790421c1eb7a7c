//! How the story of item 64 ends before its end. What it leaves behind, only Linux tells.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use testing::{
    Running, assert_ended, assert_refused, children_of, eventually, report, run_limited,
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item64-parallelism");

/// The story, far from its end, and its two children.
fn story_with_children() -> (Running, Vec<u32>) {
    let story = Running::start(Command::new(PROGRAM).args(["--rounds", "100"]));
    let children = eventually("the story starts two children", || {
        let children = children_of(story.pid());
        (children.len() == 2).then_some(children)
    });
    (story, children)
}

#[test]
fn a_signal_ends_the_story_and_its_children_and_nothing_more_is_told() {
    for signal in [Signal::HUP, Signal::INT, Signal::TERM, Signal::QUIT] {
        let (story, children) = story_with_children();
        let sent = Instant::now();
        story.signal(signal);
        let output = story.wait();
        assert_eq!(output.status.signal(), Some(signal.as_raw()));
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
        assert!(!String::from_utf8(output.stdout).unwrap().contains("threads:"));
        // Half a second, and a lot for a machine that is busy with other tests.
        assert!(sent.elapsed() < Duration::from_secs(10), "{:?}", sent.elapsed());
        children.into_iter().for_each(assert_ended);
    }
}

/// From its first instruction on, wherever the signal meets it.
#[test]
fn a_signal_at_any_moment_ends_it_by_that_signal() {
    for microseconds in (0..40).map(|n| n * 500) {
        let story = Running::start(Command::new(PROGRAM).args(["--rounds", "100"]));
        let moment = Instant::now() + Duration::from_micros(microseconds);
        while Instant::now() < moment {
            std::hint::spin_loop();
        }
        let children = children_of(story.pid());
        story.signal_group(Signal::INT);
        let output = story.wait();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.signal(), Some(Signal::INT.as_raw()), "{stderr}");
        assert_eq!(stderr, "");
        children.into_iter().for_each(assert_ended);
    }
}

/// SIGKILL can't be caught, but it closes the pipes, and a worker ends with its input.
#[test]
fn children_of_a_killed_parent_end_by_themselves() {
    let (story, children) = story_with_children();
    story.signal(Signal::KILL);
    story.wait();
    children.into_iter().for_each(assert_ended);
}

/// One line, and no other child is left.
#[test]
fn a_child_that_dies_is_told_and_takes_no_other_with_it() {
    let (story, children) = story_with_children();
    let victim = Pid::from_raw(children[0].try_into().unwrap()).unwrap();
    kill_process(victim, Signal::KILL).unwrap();
    let output = story.wait();
    assert_refused(&output, 1, "error: ");
    // Nobody had to wait for them: not even a zombie is left.
    assert!(children.iter().all(|child| fs::metadata(format!("/proc/{child}")).is_err()));
}

#[test]
fn few_file_descriptors_are_enough_or_told_in_one_line() {
    for files in (4..40).step_by(3) {
        let flags = ["--rounds", "1", "--json"];
        let output = run_limited(&format!("ulimit -n {files}"), PROGRAM, &flags);
        if output.status.success() {
            report(&output);
        } else {
            assert_refused(&output, 1, "error: cannot start");
        }
    }
}

#[test]
fn the_environment_sizes_nothing() {
    for limit in ["export RAYON_NUM_THREADS=9999999", "export RUST_MIN_STACK=0"] {
        report(&run_limited(limit, PROGRAM, &["--rounds", "1", "--json"]));
    }
    let limit = "export RUST_MIN_STACK=99999999999999";
    assert_refused(&run_limited(limit, PROGRAM, &[]), 1, "cannot start");
}
