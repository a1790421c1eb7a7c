//! The program as its users run it; also where the system gives it little.

use std::collections::BTreeSet;
use std::process::Command;

use common::report::Report;
use serde_json::json;
use testing::{assert_kept, assert_wrong_usage, at_the_same_time, on_terminal, report};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item55-queue");

#[track_caller]
fn run(flags: &[&str]) -> Report {
    report(&Command::new(PROGRAM).arg("--json").args(flags).output().unwrap())
}

#[test]
fn the_program_keeps_the_contract() {
    assert_kept(PROGRAM, &["--items", "200"]);
}

/// Counted by the lanes, not by the workers themselves.
#[test]
fn as_many_workers_as_wanted_make_one_call_for_each_item() {
    for (workers, resizing) in [("1,1,1", 1), ("8,2,1", 2)] {
        let report = run(&["--items", "60", "--latency", "100us", "--workers", workers]);
        assert_eq!(report.fact("pipeline", "once_per_stage"), Some(&json!(60)));
        let spans = &report.step("pipeline").unwrap().spans;
        for stage in ["download", "resize", "upload"] {
            assert_eq!(spans.iter().filter(|span| span.label == stage).count(), 60, "{stage}");
        }
        let resizes = spans.iter().filter(|span| span.label == "resize");
        let lanes: BTreeSet<&str> = resizes.map(|span| &*span.lane).collect();
        assert!(lanes.len() <= resizing, "{lanes:?}");
    }
}

#[test]
fn a_single_item_is_enough() {
    let report = run(&["--items", "1", "--latency", "0ms"]);
    assert_eq!(report.fact("pipeline", "processed"), Some(&json!(1)));
    assert_eq!(report.fact("stage_error", "processed"), Some(&json!(0)));
}

#[test]
fn a_bar_is_shown_at_a_terminal_to_who_waits_long_for_a_story() {
    let shown = |flags: &[&str]| {
        let flags = ["--items", "40", "--workers", "1,10,10"].iter().chain(flags);
        on_terminal(Command::new(PROGRAM).args(flags), 80)
    };
    // Forty calls of one worker: 2.4 s by law, where the default takes 40 ms.
    let long = ["--latency", "60ms"];
    let cases = [(&long[..], true), (&["--latency", "60ms", "--json"], false), (&[], false)];
    at_the_same_time(cases, |(flags, is_shown)| {
        assert_eq!(shown(flags).contains(" of 40 items"), is_shown, "{flags:?}");
    });
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
    use testing::{assert_refused, at_the_same_time, report, run_limited};

    use super::PROGRAM;

    /// Workers that give up leave items behind that nobody takes; the join must not wait for those.
    #[test]
    fn without_files_for_its_sockets_it_fails_in_one_line_and_never_hangs() {
        // Up to twelve workers have a socket each, beside the three standard streams and the loop.
        at_the_same_time(4..12, |files| {
            let limit = format!("ulimit -n {files}");
            let flags = ["60", PROGRAM, "--items", "10", "--latency", "20ms", "--workers", "5,1,1"];
            let output = run_limited(&limit, "timeout", &flags);
            if files < 8 || !output.status.success() {
                assert_refused(&output, 1, "cannot open a socket for the slow system call");
            }
        });
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
            (64 << 20, "3,4,100", "cannot start the thread \"upload"),
            (64 << 20, "3,100,5", "cannot start the thread \"resize"),
            (400 << 20, "1,1,1", "cannot start the thread \"upload"),
        ] {
            let limit = format!("export RUST_MIN_STACK={stack}; ulimit -v 1000000");
            let flags = ["60", PROGRAM, "--items", "10", "--workers", workers];
            assert_refused(&run_limited(&limit, "timeout", &flags), 1, words);
        }
    }
}
