//! The program as its users run it. Its counts are laws; its order of events is held to what the
//! queues promise, which is less than one run shows.

use std::collections::BTreeSet;
use std::process::Command;

use common::report::Report;
use serde_json::{Value, json};
use testing::{assert_kept, assert_wrong_usage, on_terminal, report};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item55-queue");

#[track_caller]
fn run(flags: &[&str]) -> Report {
    report(&Command::new(PROGRAM).arg("--json").args(flags).output().unwrap())
}

fn count(report: &Report, step: &str, fact: &str) -> u64 {
    report.fact(step, fact).and_then(Value::as_u64).unwrap_or_else(|| panic!("{step}.{fact}"))
}

fn list<'report>(report: &'report Report, step: &str, fact: &str) -> &'report Vec<Value> {
    report.fact(step, fact).and_then(Value::as_array).unwrap_or_else(|| panic!("{step}.{fact}"))
}

#[track_caller]
fn assert_before(report: &Report, step: &str, first: &str, second: &str) {
    let events = list(report, step, "order");
    let [first, second] =
        [first, second].map(|event| events.iter().position(|value| value == event).unwrap());
    assert!(first < second, "{events:?}");
}

#[test]
fn the_program_keeps_the_contract_and_no_pipeline_loses_an_item() {
    let report = assert_kept(PROGRAM, &["--items", "200"]);
    assert_eq!(count(&report, "polling", "processed"), 200);
    // Each item is polled three times, and each worker's last poll finds nothing.
    assert_eq!(count(&report, "polling", "polls"), 600 + count(&report, "polling", "wasted"));
    assert!(count(&report, "polling", "wasted") >= 3);

    for fact in ["processed", "distinct", "once_per_stage"] {
        assert_eq!(count(&report, "pipeline", fact), 200, "{fact}");
    }
    for step in ["stage_error", "stage_panic"] {
        assert_eq!(count(&report, step, "processed"), 199, "{step}");
        assert_eq!(list(&report, step, "failed_items"), &[100], "{step}");
    }
    assert_eq!(report.fact("stage_error", "reason"), Some(&json!("resize: not a picture")));
    assert_eq!(
        report.fact("stage_panic", "reason"),
        Some(&json!("resize: panicked: not a picture"))
    );

    assert_eq!(count(&report, "join", "completed"), 9);
    assert_eq!(count(&report, "join", "panicked"), 1);
    assert!((20..=100).contains(&count(&report, "memory", "unbounded_peak")));
    assert!(count(&report, "memory", "bounded_peak") >= 1);
    assert!(count(&report, "memory", "bounded_peak") <= count(&report, "memory", "capacity"));
    assert_before(&report, "blocking", "producer put", "consumer done");
    assert_before(&report, "bounded", "get 1 begins", "put 2 done");
}

/// The loop finds nothing to do after the joins, and before them it finds none done and then all.
#[test]
fn the_last_loop_has_rounds_only_before_the_joins() {
    let report = run(&["--items", "40"]);
    assert_eq!(count(&report, "loop_after_joins", "rounds"), 0);
    let seen = list(&report, "loop_before_joins", "seen");
    assert_eq!(count(&report, "loop_before_joins", "rounds"), seen.len() as u64 - 1);
    assert_eq!((&seen[0], &seen[seen.len() - 1]), (&json!(0), &json!(10)));
}

#[test]
fn as_many_workers_as_wanted_do_the_same_work() {
    for (workers, resizing) in [("1,1,1", 1), ("8,2,1", 2)] {
        let flags = ["--items", "60", "--latency", "100us", "--workers", workers];
        let report = run(&flags);
        assert_eq!(count(&report, "pipeline", "once_per_stage"), 60);
        let spans = &report.step("pipeline").unwrap().spans;
        let lanes: BTreeSet<&str> = spans
            .iter()
            .map(|span| &*span.lane)
            .filter(|lane| lane.starts_with("resize"))
            .collect();
        assert!(lanes.len() <= resizing, "{lanes:?}");
    }
}

#[test]
fn a_single_item_is_enough() {
    let report = run(&["--items", "1", "--latency", "0ms"]);
    assert_eq!(count(&report, "pipeline", "processed"), 1);
    assert_eq!(count(&report, "stage_error", "processed"), 0);
}

/// Counted by the lanes, not by the workers themselves.
#[test]
fn a_stage_makes_one_call_for_each_item() {
    let report = run(&["--items", "50"]);
    let spans = &report.step("pipeline").unwrap().spans;
    for stage in ["download", "resize", "upload"] {
        assert_eq!(spans.iter().filter(|span| span.label == stage).count(), 50, "{stage}");
    }
}

#[test]
fn a_bar_is_shown_at_a_terminal_to_who_waits_long_for_a_story() {
    let shown = |flags: &[&str]| {
        let flags = ["--items", "40", "--workers", "1,10,10"].iter().chain(flags);
        on_terminal(Command::new(PROGRAM).args(flags), 80)
    };
    // Forty calls of one worker: 2.4 s by law, where the default takes 40 ms.
    assert!(shown(&["--latency", "60ms"]).contains(" of 40 items"));
    assert!(!shown(&["--latency", "60ms", "--json"]).contains(" of 40 items"));
    assert!(!shown(&[]).contains(" of 40 items"));
}

#[test]
fn bad_values_are_refused() {
    for (flag, value, words) in [
        ("--items", "0", "'0'"),
        ("--items", "-1", "'-1'"),
        ("--items", "100001", "100001"),
        ("--items", "4294967295", "4294967295"),
        ("--workers", "3,4", "three numbers are needed, not 2"),
        ("--workers", "3,4,5,6", "three numbers are needed, not 4"),
        ("--workers", "3,0,5", "each stage needs 1 to 1000 workers"),
        ("--workers", "3,4,5000", "each stage needs 1 to 1000 workers"),
        ("--workers", "3,-4,5", "is not a number of workers"),
        ("--workers", "", "is not a number of workers"),
        ("--latency", "5 parsecs", "parsecs"),
        ("--latency", "61s", "1min"),
    ] {
        assert_wrong_usage(PROGRAM, &[flag, value], words);
    }
}

/// What only Linux limits in this way.
#[cfg(target_os = "linux")]
mod limits {
    use testing::{assert_refused, report, run_limited};

    use super::PROGRAM;

    /// Workers that give up leave items behind that nobody takes; the join must not wait for those.
    #[test]
    fn without_files_for_its_sockets_it_fails_in_one_line_and_never_hangs() {
        // Up to twelve workers have a socket each, beside the three standard streams and the loop.
        for files in 4..12 {
            let limit = format!("ulimit -n {files}");
            let flags = ["60", PROGRAM, "--items", "10", "--latency", "20ms", "--workers", "5,1,1"];
            let output = run_limited(&limit, "timeout", &flags);
            if files < 8 || !output.status.success() {
                assert_refused(&output, 1, "cannot open a socket for the slow system call");
            }
        }
    }

    #[test]
    fn with_enough_files_it_runs() {
        report(&run_limited("ulimit -n 16", PROGRAM, &["--json", "--items", "10"]));
    }

    /// The threads that did start must not wait for the one that the system refused.
    #[test]
    fn more_workers_than_the_system_gives_end_in_one_line() {
        // 1 GB of address space holds some stacks of 64 MiB each, but not a hundred, and not three
        // of 400 MiB.
        for (stack, workers, words) in [
            (64 << 20, "3,4,100", "cannot start worker upload"),
            (64 << 20, "3,100,5", "cannot start worker resize"),
            (400 << 20, "1,1,1", "cannot start worker upload"),
        ] {
            let limit = format!("export RUST_MIN_STACK={stack}; ulimit -v 1000000");
            let flags = ["60", PROGRAM, "--items", "10", "--workers", workers];
            assert_refused(&run_limited(&limit, "timeout", &flags), 1, words);
        }
    }
}
