//! The program as its users run it.

use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use common::report::Report;
use life::proofs::{digest, reference};
use life::{Grid, SEED, Size};
use rustix::process::Signal;
use testing::{Running, assert_kept, assert_wrong_usage, report};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item60-coroutines");
const QUICK: &[&str] =
    &["--latency", "1ms", "--large", "10x30", "--huge", "20x30", "--long-latency", "20ms"];

fn run(flags: &[&str]) -> Report {
    let output = Command::new(PROGRAM).arg("--json").args(QUICK).args(flags).output();
    report(&output.expect("the program starts"))
}

#[test]
fn the_program_keeps_the_contract() {
    assert_eq!(assert_kept(PROGRAM, QUICK).item, 60);
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
    is("in_turn", Grid::glider(), 1);
    is("tasks", Grid::glider(), 7);
    is("large", soup(10, 30), 1);
    is("huge_at_once", soup(20, 30), 1);
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
        ("--huge", "1000x1000"),
        ("--long-latency", "1h"),
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
}
