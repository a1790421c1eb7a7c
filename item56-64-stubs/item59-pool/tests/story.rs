//! The program as its users run it.

use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use common::report::Report;
use life::proofs::{digest, reference};
use life::{Grid, SEED, Size};
use rustix::process::Signal;
use testing::{Running, assert_kept, assert_wrong_usage, report};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item59-pool");
const QUICK: &[&str] = &["--latency", "1ms", "--large", "10x30"];

fn run(flags: &[&str]) -> Report {
    let output = Command::new(PROGRAM).arg("--json").args(QUICK).args(flags).output();
    report(&output.expect("the program starts"))
}

#[test]
fn the_program_keeps_the_contract() {
    assert_eq!(assert_kept(PROGRAM, QUICK).item, 59);
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
    is("pool", Grid::glider(), 7);
    is("failure", Grid::glider(), 1);
    is("large", soup(10, 30), 1);
    // The next generation, in each of five pools.
    let next = reference(&Grid::glider(), 1).remove(1);
    let in_pools = digest(&vec![next; 5]);
    assert_eq!(report.fact("sizes", "digest"), Some(&in_pools.into()));
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
        ("--threads", "0"),
        ("--threads", "100000"),
        ("--large-threads", "1001"),
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

    #[test]
    fn a_thread_that_the_system_refuses_is_one_line_and_exit_code_1() {
        // 1 GB of address space has no room for 1000 stacks of 2 MiB. Where the last of them leaves too
        // little for the signal stack of a thread that has just begun, the standard library aborts
        // the program before rayon can tell: such a run shows nothing.
        let run = |_| run_limited("ulimit -v 1000000", PROGRAM, &["--threads", "1000"]);
        let told = (0..50).map(run).find(|output| output.status.code().is_some());
        let told = told.expect("one of fifty runs is refused where it asks");
        assert_refused(&told, 1, "error: cannot start a pool of 1000 threads");
    }

    #[test]
    fn the_pools_take_their_sizes_from_the_program_not_from_the_environment() {
        for threads in ["9999999", "1", "none"] {
            let limit = format!("export RUST_MIN_STACK=1 RAYON_NUM_THREADS={threads}");
            let report = report(&run_limited(&limit, PROGRAM, &[QUICK, &["--json"]].concat()));
            assert_eq!(report.fact("pool", "threads"), Some(&5.into()));
            assert!((2..=5).contains(&report.overlap("pool")), "RAYON_NUM_THREADS={threads}");
        }
    }
}
