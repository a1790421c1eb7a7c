//! The program as its users run it. How fast it is depends on the machine; what it finds, and
//! which calls overlap, does not.

use std::process::Command;

use common::contract::{assert_kept, assert_refused, assert_wrong_usage};
use common::timeline::{Span, overlap};
use serde_json::json;

const PROGRAM: &str = env!("CARGO_BIN_EXE_item53-blocking-io");

#[test]
fn the_program_keeps_the_contract_and_all_ways_find_the_same_factors() {
    let report = assert_kept(PROGRAM, &["--numbers", "12,97,1000000", "--latency", "50ms"]);
    let fact = |key: &str| &report.facts[key];
    assert_eq!(fact("one_thread.divisions"), 12 + 97 + 1_000_000);
    assert_eq!(fact("one_thread.factors")[0], "1 2 3 4 6 12");
    assert_eq!(fact("one_thread.factors")[1], "1 97");
    assert_eq!(fact("one_thread.sums_of_factors")[0], 1 + 2 + 3 + 4 + 6 + 12);
    for step in ["threads", "rayon", "square_root"] {
        let sums = format!("{step}.sums_of_factors");
        assert_eq!(fact(&sums), fact("one_thread.sums_of_factors"), "{step}");
    }
    assert_eq!(fact("square_root.divisions"), 3 + 9 + 1000);
}

#[test]
fn calls_in_a_row_do_not_overlap_and_calls_in_threads_all_do() {
    let report = assert_kept(PROGRAM, &["--numbers", "12", "--calls", "7"]);
    assert_eq!(overlap(&report.spans, "in_a_row"), 1);
    let waits: Vec<Span> = report.spans.into_iter().filter(|span| span.label == "wait").collect();
    assert_eq!(overlap(&waits, "at_once"), 7);
    assert_eq!(report.facts["at_once.computed"], 5);
    assert_eq!(report.facts["at_once.computed_meanwhile"], 5);
    assert_eq!(report.facts["in_a_row.calls"], json!(7));
}

#[test]
fn bad_values_are_refused() {
    for (flag, value) in [
        ("--numbers", "0"),
        ("--numbers", "12,-5"),
        ("--numbers", "12,x"),
        ("--calls", "0"),
        ("--calls", "-1"),
        ("--latency", "5 parsecs"),
        ("--latency", "100"),
    ] {
        assert_wrong_usage(PROGRAM, &[flag, value], flag);
    }
}

#[test]
fn without_files_for_its_sockets_it_fails_in_one_line() {
    let limited = "ulimit -n 8; exec \"$0\" --numbers 12 --calls 20 --latency 50ms";
    let output = Command::new("sh").args(["-c", limited, PROGRAM]).output().unwrap();
    assert_refused(&output, 1, "cannot open a socket for the slow system call");
}

#[test]
#[cfg(target_os = "linux")]
fn more_threads_than_the_system_gives_end_in_one_line() {
    // 1 GB of address space holds some stacks of 64 MiB each, but not a hundred.
    let limited = "export RUST_MIN_STACK=67108864; ulimit -v 1000000; \
                   exec \"$0\" --numbers 12 --calls 100 --latency 1ms";
    let output = Command::new("sh").args(["-c", limited, PROGRAM]).output().unwrap();
    assert_refused(&output, 1, "cannot start a thread for call");
}
