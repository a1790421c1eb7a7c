//! The program as its users run it.

use common::contract::{assert_kept, assert_wrong_usage, report, run_limited};
use common::report::Report;
use life::{Grid, digest, reference};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item56-serial");

fn run(limit: &str, flags: &[&str]) -> Report {
    let quick = &["--json", "--latency", "1ms"];
    report(&run_limited(limit, PROGRAM, &[quick, flags].concat()))
}

#[test]
fn the_program_keeps_the_contract() {
    assert_eq!(assert_kept(PROGRAM, &["--generations", "1"]).item, 56);
}

// However the cells are handed out, the game is the same. The reference is computed here, in
// another process, and not taken from the report.
#[test]
fn the_grids_are_those_of_the_reference_cell_for_cell() {
    let facts = run("true", &["--generations", "7"]).facts;
    let small = digest(&reference(&Grid::glider(), 7));
    assert_eq!(facts["serial.digest"], small);
}

#[test]
fn sixteen_file_descriptors_are_enough() {
    assert_eq!(run("ulimit -n 16", &["--generations", "1"]).item, 56);
}

#[test]
fn a_failing_cell_is_an_error_value() {
    let report = run("true", &["--generations", "1"]);
    let expected = "the call of cell 2,3 failed: connection refused";
    assert_eq!(report.facts["failure.error"], expected);
}

#[test]
fn a_bad_value_is_one_line_that_names_the_flag_and_exit_code_2() {
    for (flag, value) in [
        ("--latency", "5 parsecs"),
        ("--latency", "-1ms"),
        ("--generations", "0"),
        ("--generations", "-1"),
        ("--generations", "1000000"),
        ("--generations", "four"),
        ("--no-such-flag", "1"),
    ] {
        assert_wrong_usage(PROGRAM, &[flag, value], flag);
    }
}
