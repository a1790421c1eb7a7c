//! The program as its users run it.

use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use life::Grid;
use life::proofs::{digest, reference};
use rustix::process::Signal;
use testing::{Running, assert_kept, assert_wrong_usage, facts};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item56-serial");
const QUICK: &[&str] = &["--latency", "1ms"];

#[test]
fn the_program_keeps_the_contract() {
    assert_eq!(assert_kept(PROGRAM, QUICK).item, 56);
}

// The reference is computed here, in another process, and not taken from the report.
#[test]
fn seven_generations_are_those_of_the_reference_cell_for_cell() {
    let facts = facts(PROGRAM, &["--latency", "1ms", "--generations", "7"]);
    let expected = digest(&reference(&Grid::glider(), 7));
    assert_eq!([&facts["serial.digest"], &facts["cost.digest"]], [&expected; 2]);
}

#[test]
fn a_signal_ends_it_in_the_middle_of_a_call() {
    let program = Running::start(Command::new(PROGRAM).args(["--latency", "1s"]));
    program.signal_group(Signal::TERM);
    assert_eq!(program.wait().status.signal(), Some(15));
}

// Items 57 to 60 have these flags, too.
#[test]
fn a_bad_value_is_one_line_that_names_the_flag_and_exit_code_2() {
    for (flag, values) in [
        ("--latency", ["5 parsecs", "-1ms", "0s", "1h"]),
        ("--generations", ["0", "-1", "1000000", "four"]),
    ] {
        for value in values {
            assert_wrong_usage(PROGRAM, &[flag, value], flag);
        }
    }
}

// A socket for each call would need as many descriptors as there are calls at once.
#[cfg(target_os = "linux")]
#[test]
fn with_few_file_descriptors_it_says_so_and_sixteen_are_enough() {
    testing::assert_sixteen_files_are_enough(PROGRAM, QUICK);
}
