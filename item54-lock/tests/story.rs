//! The program as its users run it. What must hold is arithmetic, not timing: whatever the
//! machine does, the race loses at least one increment per thread but one, and the others none.

use std::process::Command;

use common::contract::{assert_kept, assert_refused, assert_wrong_usage};
use common::report::Report;
use common::timeline::overlap;

const PROGRAM: &str = env!("CARGO_BIN_EXE_item54-lock");

fn count(report: &Report, fact: &str) -> u64 {
    report.facts[fact].as_u64().unwrap()
}

#[test]
fn the_program_keeps_the_contract_and_only_the_race_loses_counts() {
    let report = assert_kept(PROGRAM, &[]);
    assert_eq!(count(&report, "race.expected"), 500_000);
    assert!(count(&report, "race.found") <= 500_000 - 4);
    assert_eq!(count(&report, "replay.found"), 1);
    for step in ["lock", "atomic", "subtotals"] {
        assert_eq!(count(&report, &format!("{step}.found")), 500_000, "{step}");
    }
    assert_eq!(overlap(&report.spans, "race"), 5);
}

#[test]
fn a_single_increment_per_thread_is_enough_to_lose_all_but_one() {
    let report = assert_kept(PROGRAM, &["--threads", "8", "--how-many", "1"]);
    assert_eq!(count(&report, "race.found"), 1);
    assert_eq!(count(&report, "lock.found"), 8);
}

#[test]
fn a_thread_alone_loses_nothing() {
    let report = assert_kept(PROGRAM, &["--threads", "1", "--how-many", "1000"]);
    assert_eq!(count(&report, "race.found"), 1000);
}

#[test]
fn counting_to_zero_is_fine() {
    let report = assert_kept(PROGRAM, &["--how-many", "0"]);
    assert_eq!(count(&report, "race.found"), 0);
    assert_eq!(count(&report, "lock.found"), 0);
}

#[test]
fn bad_values_are_refused() {
    for (flag, value) in [
        ("--threads", "0"),
        ("--threads", "100000"),
        ("--threads", "five"),
        ("--how-many", "-1"),
        ("--how-many", "1e5"),
    ] {
        assert_wrong_usage(PROGRAM, &[flag, value], flag);
    }
}

/// The threads that did start must not wait for the one that the system refused.
#[test]
#[cfg(target_os = "linux")]
fn more_threads_than_the_system_gives_end_in_one_line() {
    // 1 GB of address space holds some stacks of 64 MiB each, but not a hundred.
    let limited = "export RUST_MIN_STACK=67108864; ulimit -v 1000000; exec \"$0\" --threads 100";
    let output = Command::new("sh").args(["-c", limited, PROGRAM]).output().unwrap();
    assert_refused(&output, 1, "of 100: ");
}
