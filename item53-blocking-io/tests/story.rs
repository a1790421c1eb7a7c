//! The program as its users run it. How fast it is depends on the machine; what it finds, and
//! which calls overlap, does not.

use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use common::timeline::overlap;
use rustix::process::Signal;
use serde_json::json;
use testing::{Running, assert_kept, assert_wrong_usage};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item53-blocking-io");

#[test]
fn the_program_keeps_the_contract_with_other_numbers_and_calls() {
    let flags = ["--numbers", "12,97,1000000", "--calls", "7", "--latency", "50ms"];
    let report = assert_kept(PROGRAM, &flags);
    let factors = report.fact("one_thread", "factors").unwrap().as_str().unwrap();
    assert!(factors.starts_with("1 2 3 4 6 12\n1 97\n1 2 4 5 8 "), "{factors}");
    assert_eq!(report.fact("square_root", "divisions"), Some(&json!(3 + 9 + 1000)));
    for step in ["one_thread", "threads", "rayon", "square_root"] {
        let spans = &report.step(step).unwrap().spans;
        assert_eq!(spans.len(), 3, "the picture shows one round of {step}");
    }
    let spans = &report.step("at_once").unwrap().spans;
    assert_eq!(overlap(spans.iter().filter(|span| span.label == "wait")), 7);
}

#[test]
fn bad_values_are_refused() {
    for (flag, value) in [
        ("--numbers", "0"),
        ("--numbers", "-5"),
        ("--numbers", "12,-5"),
        ("--numbers", "12,x"),
        ("--numbers", "4294967296"),
        ("--numbers", "100000000,1"),
        ("--calls", "0"),
        ("--calls", "-1"),
        ("--latency", "5 parsecs"),
        ("--latency", "100"),
        ("--latency", "0s"),
        ("--latency", "1h"),
    ] {
        assert_wrong_usage(PROGRAM, &[flag, value], flag);
    }
    assert_wrong_usage(PROGRAM, &["--numbers", &["1"; 1_001].join(",")], "more than 1000");
}

/// It owns nothing, so the system ends it, whatever its threads wait for.
#[test]
fn a_signal_ends_it_before_its_calls_return() {
    for signal in [Signal::HUP, Signal::INT, Signal::TERM, Signal::QUIT] {
        let mut command = Command::new(PROGRAM);
        command.args(["--numbers", "12", "--calls", "1000", "--latency", "1min"]);
        let story = Running::start(&mut command);
        story.signal_group(signal);
        let output = story.wait();
        assert_eq!(output.status.signal(), Some(signal.as_raw()));
        assert!(!String::from_utf8(output.stdout).unwrap().contains("at_once"));
    }
}

/// What only Linux limits in this way.
#[cfg(target_os = "linux")]
mod limits {
    use testing::{assert_refused, at_the_same_time, report, run_limited};

    use super::PROGRAM;

    #[test]
    fn without_files_for_its_sockets_it_fails_in_one_line() {
        let flags = ["--numbers", "12", "--calls", "20", "--latency", "50ms"];
        at_the_same_time(4..9, |files| {
            let output = run_limited(&format!("ulimit -n {files}"), PROGRAM, &flags);
            assert_refused(&output, 1, "cannot open a socket for the slow system call");
        });
    }

    #[test]
    fn more_threads_than_the_system_gives_end_in_one_line() {
        // 4 GB of address space hold some stacks of 64 MiB each, but not a hundred.
        let limit = "export RUST_MIN_STACK=67108864; ulimit -v 4000000";
        let flags = ["--numbers", "12", "--calls", "100", "--latency", "1ms"];
        let output = run_limited(limit, PROGRAM, &flags);
        assert_refused(&output, 1, "cannot start the thread \"call ");
    }

    #[test]
    fn the_pool_takes_its_size_from_the_machine_not_from_the_environment() {
        for limit in ["export RAYON_NUM_THREADS=9999999", "export RUST_MIN_STACK=0"] {
            report(&run_limited(limit, PROGRAM, &["--json", "--latency", "1ms"]));
        }
        let limit = "export RUST_MIN_STACK=99999999999999";
        assert_refused(&run_limited(limit, PROGRAM, &[]), 1, "cannot start");
    }
}
