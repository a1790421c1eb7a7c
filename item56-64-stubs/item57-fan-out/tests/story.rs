//! The program as its users run it.

use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use common::report::Report;
use life::proofs::{digest, reference};
use life::{Grid, SEED, Size};
use rustix::process::Signal;
use testing::{Running, assert_kept, assert_wrong_usage, report};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item57-fan-out");
const QUICK: &[&str] = &["--latency", "1ms", "--large", "10x30"];

fn run(flags: &[&str]) -> Report {
    let output = Command::new(PROGRAM).arg("--json").args(QUICK).args(flags).output();
    report(&output.expect("the program starts"))
}

#[test]
fn the_program_keeps_the_contract() {
    assert_eq!(assert_kept(PROGRAM, QUICK).item, 57);
}

// However the cells are handed out, the game is the same. The reference is computed here, in
// another process, and not taken from the report.
#[test]
fn the_grids_are_those_of_the_reference_cell_for_cell() {
    let report = run(&["--generations", "7"]);
    let is = |step: &str, start: Grid, generations| {
        let expected = digest(&reference(&start, generations));
        assert_eq!(report.fact(step, "digest"), Some(&expected.into()), "{step}");
    };
    let soup = |rows, columns| Grid::soup(Size { rows, columns }, SEED);
    is("threads", Grid::glider(), 7);
    is("large", soup(10, 30), 1);
}

#[test]
fn a_failing_cell_is_an_error_value() {
    let report = run(&["--generations", "1"]);
    let expected = "the call of cell 2,3 failed: connection refused";
    assert_eq!(report.fact("failure", "error"), Some(&expected.into()));
}

#[test]
fn a_signal_ends_it_in_the_middle_of_a_call() {
    let program = Running::start(Command::new(PROGRAM).args(["--latency", "1s"]));
    program.signal_group(Signal::TERM);
    assert_eq!(program.wait().status.signal(), Some(15));
}

#[test]
fn a_bad_value_is_one_line_that_names_the_flag_and_exit_code_2() {
    for (flag, value) in [
        ("--latency", "5 parsecs"),
        ("--latency", "-1ms"),
        ("--latency", "0s"),
        ("--latency", "1h"),
        ("--generations", "0"),
        ("--generations", "-1"),
        ("--generations", "1000000"),
        ("--generations", "four"),
        ("--large", "0x5"),
        ("--large", "-1x5"),
        ("--large", "100"),
        ("--large", "99999999999x99999999999"),
        ("--large", "x"),
        ("--large", "200x200"),
    ] {
        assert_wrong_usage(PROGRAM, &[flag, value], flag);
    }
}

/// What only Linux limits in this way.
#[cfg(target_os = "linux")]
mod limits {
    use testing::{assert_refused, report, run_limited};

    use super::{PROGRAM, QUICK};

    #[test]
    fn with_few_file_descriptors_it_runs_or_says_so() {
        for limit in 4..=12 {
            let output = run_limited(&format!("ulimit -n {limit}"), PROGRAM, QUICK);
            if !output.status.success() {
                assert_refused(&output, 1, "Too many open files");
            }
        }
    }

    // A socket for each call would need as many descriptors as there are calls at once.
    #[test]
    fn sixteen_file_descriptors_are_enough() {
        report(&run_limited("ulimit -n 16", PROGRAM, &[QUICK, &["--json"]].concat()));
    }

    // 8 GB of address space have no room for 5000 stacks of 64 MiB, but for the small grid's. With
    // stacks of 2 MiB, what is left beside the last one may be too little for the signal stacks of
    // threads that have just begun, and then the standard library aborts.
    #[test]
    fn the_refusal_of_a_thread_is_told_and_the_story_goes_on() {
        let flags = ["--json", "--latency", "1ms", "--large", "50x100"];
        let limit = "export RUST_MIN_STACK=67108864 && ulimit -v 8000000";
        let report = report(&run_limited(limit, PROGRAM, &flags));
        let fact = |step, name| report.fact(step, name).unwrap();
        let started = fact("large_at_once", "threads_started").as_u64().unwrap();
        assert!((45..125).contains(&started), "{started}");
        let refused = fact("large_at_once", "refused").as_str().unwrap();
        assert!(refused.contains("unavailable"), "{refused}");
        let refused = fact("large", "refused").as_str().unwrap();
        assert!(refused.starts_with("cannot start the thread of cell "), "{refused}");
        assert_eq!(fact("large", "digest"), "none", "no grid was made");
        assert_eq!(fact("failure", "threads_joined"), 45, "the next step ran");
    }

    // Where even the small grid gets no threads there is no story to tell.
    #[test]
    fn too_few_threads_for_the_small_grid_is_one_line_and_exit_code_1() {
        let limit = "export RUST_MIN_STACK=268435456 && ulimit -v 5000000";
        assert_refused(
            &run_limited(limit, PROGRAM, &[]),
            1,
            "error: cannot start the thread of cell",
        );
    }
}
