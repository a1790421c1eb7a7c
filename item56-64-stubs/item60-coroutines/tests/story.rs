//! The program as its users run it.

use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use life::proofs::{digest, reference};
use life::{Grid, SEED, Size};
use rustix::process::Signal;
use testing::{Running, assert_kept, assert_wrong_usage, facts};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item60-coroutines");
const QUICK: &[&str] =
    &["--latency", "1ms", "--large", "10x30", "--huge", "20x30", "--long-latency", "20ms"];

#[test]
fn the_program_keeps_the_contract() {
    assert_eq!(assert_kept(PROGRAM, QUICK).item, 60);
}

// The reference is computed here, in another process, and not taken from the report.
#[test]
fn with_other_flags_the_grids_are_those_of_the_reference_cell_for_cell() {
    let facts = facts(PROGRAM, &[QUICK, &["--generations", "7"]].concat());
    let soup = |rows, columns| Grid::soup(Size { rows, columns }, SEED);
    assert_eq!(facts["tasks.digest"], digest(&reference(&Grid::glider(), 7)));
    assert_eq!(facts["large.digest"], digest(&reference(&soup(10, 30), 1)));
    assert_eq!(facts["huge_at_once.digest"], digest(&reference(&soup(20, 30), 1)));
    assert_eq!(facts["huge_at_once.tasks_alive"], 600);
}

#[test]
fn a_signal_ends_it_in_the_middle_of_a_call() {
    let program = Running::start(Command::new(PROGRAM).args(["--latency", "1s"]));
    program.signal_group(Signal::TERM);
    assert_eq!(program.wait().status.signal(), Some(15));
}

#[test]
fn a_bad_value_is_one_line_that_names_the_flag_and_exit_code_2() {
    for (flag, value) in [("--large", "0x5"), ("--huge", "1000x1001"), ("--long-latency", "1h")] {
        assert_wrong_usage(PROGRAM, &[flag, value], flag);
    }
}

// A socket for each call would need as many descriptors as there are calls at once.
#[cfg(target_os = "linux")]
#[test]
fn with_few_file_descriptors_it_says_so_and_sixteen_are_enough() {
    for limit in 4..=16 {
        let output = testing::run_limited(&format!("ulimit -n {limit}"), PROGRAM, QUICK);
        if !output.status.success() {
            assert!(limit < 16, "{output:?}");
            testing::assert_refused(&output, 1, "Too many open files");
        }
    }
}
