//! The program as its users run it.

use common::contract::{assert_kept, assert_wrong_usage, report, run_limited};
use common::report::Report;
use life::{Grid, SEED, Size, digest, reference};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item60-coroutines");

fn run(limit: &str, flags: &[&str]) -> Report {
    let quick = &[
        "--json",
        "--latency",
        "1ms",
        "--large",
        "10x30",
        "--huge",
        "20x30",
        "--long-latency",
        "20ms",
    ];
    report(&run_limited(limit, PROGRAM, &[quick, flags].concat()))
}

#[test]
fn the_program_keeps_the_contract() {
    assert_eq!(
        assert_kept(PROGRAM, &["--large", "10x30", "--huge", "20x30", "--long-latency", "20ms"])
            .item,
        60
    );
}

// However the cells are handed out, the game is the same. The reference is computed here, in
// another process, and not taken from the report.
#[test]
fn the_grids_are_those_of_the_reference_cell_for_cell() {
    let facts = run("true", &["--generations", "7"]).facts;
    let small = digest(&reference(&Grid::glider(), 7));
    let soup = |rows, columns| digest(&reference(&Grid::soup(Size { rows, columns }, SEED), 1));
    assert_eq!(facts["tasks.digest"], small);
    assert_eq!(facts["large.digest"], soup(10, 30));
    assert_eq!(facts["large_at_once.digest"], soup(10, 30));
    assert_eq!(facts["huge_at_once.digest"], soup(20, 30));
}

// A socket for each of 600 calls at once would need 600 of them.
#[test]
fn sixteen_file_descriptors_are_enough() {
    assert_eq!(run("ulimit -n 16", &["--generations", "1"]).item, 60);
}

#[test]
fn a_failing_cell_is_an_error_value() {
    let report = run("true", &["--generations", "1"]);
    let expected = "the call of cell 4,8 failed: connection refused";
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
        ("--large", "0x5"),
        ("--large", "-1x5"),
        ("--large", "100"),
        ("--large", "99999999999x99999999999"),
        ("--large", "x"),
    ] {
        assert_wrong_usage(PROGRAM, &[flag, value], flag);
    }
}
