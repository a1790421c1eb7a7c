//! The program as its users run it.

use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use life::proofs::{digest, reference};
use life::{Grid, SEED, Size};
use rustix::process::Signal;
use testing::{Running, assert_kept, assert_wrong_usage, facts};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item58-queue");
const QUICK: &[&str] = &["--latency", "1ms", "--large", "10x30"];

#[test]
fn the_program_keeps_the_contract() {
    assert_eq!(assert_kept(PROGRAM, QUICK).item, 58);
}

// The reference is computed here, in another process, and not taken from the report.
#[test]
fn with_other_flags_the_grids_are_those_of_the_reference_cell_for_cell() {
    let flags = ["--generations", "7", "--workers", "1", "--large-workers", "1000"];
    let facts = facts(PROGRAM, &[QUICK, &flags].concat());
    for step in ["queue", "phased", "merged"] {
        let expected = digest(&reference(&Grid::glider(), 7));
        assert_eq!(facts[format!("{step}.digest")], expected, "{step}");
    }
    let soup = Grid::soup(Size { rows: 10, columns: 30 }, SEED);
    assert_eq!(facts["large.digest"], digest(&reference(&soup, 1)));
}

#[test]
fn a_signal_ends_it_in_the_middle_of_a_call() {
    let program = Running::start(Command::new(PROGRAM).args(["--latency", "1s"]));
    program.signal_group(Signal::TERM);
    assert_eq!(program.wait().status.signal(), Some(15));
}

#[test]
fn a_bad_value_is_one_line_that_names_the_flag_and_exit_code_2() {
    for (flag, value) in [("--large", "0x5"), ("--workers", "0"), ("--large-workers", "1001")] {
        assert_wrong_usage(PROGRAM, &[flag, value], flag);
    }
}

/// What only Linux limits in this way.
#[cfg(target_os = "linux")]
mod limits {
    use testing::{assert_refused, assert_sixteen_files_are_enough, run_limited};

    use super::{PROGRAM, QUICK};

    // A socket for each call would need as many descriptors as there are calls at once.
    #[test]
    fn with_few_file_descriptors_it_says_so_and_sixteen_are_enough() {
        assert_sixteen_files_are_enough(PROGRAM, QUICK);
    }

    #[test]
    fn a_worker_that_the_system_refuses_is_one_line_and_exit_code_1() {
        let limit = "export RUST_MIN_STACK=268435456 && ulimit -v 5000000";
        let output = run_limited(limit, PROGRAM, &["--workers", "45"]);
        assert_refused(&output, 1, "error: cannot start the thread \"worker ");
    }
}
