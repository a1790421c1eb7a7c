//! The program as its users run it. Its counts are laws; its order of events is held to what the
//! queues promise, which is less than one run shows.

use std::process::Command;

use common::contract::{assert_kept, assert_refused, assert_wrong_usage};
use common::report::Report;
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_item55-queue");

fn count(report: &Report, fact: &str) -> u64 {
    report.facts[fact].as_u64().unwrap_or_else(|| panic!("{fact} is no count"))
}

/// Where in a list of events one stands.
fn position(report: &Report, list: &str, event: &str) -> usize {
    let events = report.facts[list].as_array().unwrap();
    events.iter().position(|value| value == event).unwrap_or_else(|| panic!("no {event}"))
}

#[test]
fn the_program_keeps_the_contract_and_no_pipeline_loses_an_item() {
    let report = assert_kept(PROGRAM, &["--items", "200"]);
    assert_eq!(count(&report, "polling.processed"), 200);
    // Three polls for each item, and one of each worker that finds nothing any more.
    assert!(count(&report, "polling.polls") >= 603);

    for fact in ["processed", "distinct", "once_per_stage"] {
        assert_eq!(count(&report, &format!("pipeline.{fact}")), 200, "{fact}");
    }
    assert_eq!(count(&report, "loop_after_joins.rounds"), 0);
    assert!(count(&report, "loop_before_joins.rounds") > 0);
    assert_eq!(report.facts["loop_before_joins.seen"].as_array().unwrap().last().unwrap(), 50);

    for step in ["stage_error", "stage_panic"] {
        assert_eq!(count(&report, &format!("{step}.processed")), 199, "{step}");
        assert_eq!(count(&report, &format!("{step}.failures")), 1, "{step}");
        assert_eq!(count(&report, &format!("{step}.failed_item")), 100, "{step}");
    }
    assert_eq!(report.facts["stage_panic.reason"], "resize: panicked: not a picture");

    assert_eq!(count(&report, "join.completed_at_join"), 9);
    assert_eq!(count(&report, "join.panicked"), 1);
    assert!(count(&report, "memory.bounded_peak") <= count(&report, "memory.capacity"));
    let before = |list, first, second| {
        let [first, second] = [first, second].map(|event| position(&report, list, event));
        assert!(first < second, "{:?}", report.facts[list]);
    };
    before("blocking.order", "producer put", "consumer done");
    before("bounded.order", "get 1 begins", "put 2 done");
}

#[test]
fn as_many_workers_as_wanted_do_the_same_work() {
    for workers in ["1,1,1", "8,1,2"] {
        let flags = ["--items", "60", "--latency", "100us", "--workers", workers];
        let report = assert_kept(PROGRAM, &flags);
        assert_eq!(count(&report, "pipeline.once_per_stage"), 60);
        let lanes: std::collections::BTreeSet<&str> = report
            .spans
            .iter()
            .filter(|span| span.step == "pipeline" && span.lane.starts_with("resize"))
            .map(|span| span.lane.as_str())
            .collect();
        assert!(lanes.len() <= workers.split(',').nth(1).unwrap().parse().unwrap());
    }
}

#[test]
fn a_single_item_is_enough() {
    let report = assert_kept(PROGRAM, &["--items", "1"]);
    assert_eq!(count(&report, "pipeline.processed"), 1);
    assert_eq!(count(&report, "stage_error.processed"), 0);
}

#[test]
fn bad_values_are_refused() {
    for (flag, value, words) in [
        ("--items", "0", "'0'"),
        ("--items", "-1", "'-1'"),
        ("--workers", "3,4", "three numbers are needed, not 2"),
        ("--workers", "3,4,5,6", "three numbers are needed, not 4"),
        ("--workers", "3,0,5", "each stage needs 1 to 1000 workers"),
        ("--workers", "3,4,5000", "each stage needs 1 to 1000 workers"),
        ("--workers", "3,-4,5", "is not a number of workers"),
        ("--workers", "", "is not a number of workers"),
        ("--latency", "5 parsecs", "parsecs"),
    ] {
        assert_wrong_usage(PROGRAM, &[flag, value], words);
    }
}

#[test]
fn without_files_for_its_sockets_it_fails_in_one_line() {
    // Twelve workers, a socket each, and the three standard streams.
    let limited = "ulimit -n 8; exec \"$0\" --items 100 --latency 20ms";
    let output = Command::new("sh").args(["-c", limited, PROGRAM]).output().unwrap();
    assert_refused(&output, 1, "cannot open a socket for the slow system call");
}

#[test]
#[cfg(target_os = "linux")]
fn more_workers_than_the_system_gives_end_in_one_line() {
    // 1 GB of address space holds some stacks of 64 MiB each, but not a hundred.
    let limited = "export RUST_MIN_STACK=67108864; ulimit -v 1000000; \
                   exec \"$0\" --items 10 --workers 3,4,100";
    let output = Command::new("sh").args(["-c", limited, PROGRAM]).output().unwrap();
    assert_refused(&output, 1, "cannot start upload worker");
}

/// Counted by the timeline, not by the workers themselves.
#[test]
fn the_spans_of_a_stage_are_one_per_item() {
    let report = assert_kept(PROGRAM, &["--items", "50"]);
    let of = |step: &str, label: &str| {
        report.spans.iter().filter(|span| span.step == step && span.label == label).count()
    };
    for step in ["polling", "pipeline"] {
        for label in ["download", "resize", "upload"] {
            assert_eq!(of(step, label), 50, "{step} {label}");
        }
    }
    assert!(matches!(report.facts["pipeline.percent_of_bound"], Value::Number(_)));
}
