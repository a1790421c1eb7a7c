//! The program as its users run it.

use common::contract::{assert_kept, assert_wrong_usage, report, run_limited};
use common::report::Report;
use life::{Grid, SEED, Size, digest, reference};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item57-fan-out");

fn run(limit: &str, flags: &[&str]) -> Report {
    let quick = &["--json", "--latency", "1ms", "--large", "10x30"];
    report(&run_limited(limit, PROGRAM, &[quick, flags].concat()))
}

#[test]
fn the_program_keeps_the_contract() {
    assert_eq!(assert_kept(PROGRAM, &["--large", "10x30"]).item, 57);
}

// However the cells are handed out, the game is the same. The reference is computed here, in
// another process, and not taken from the report.
#[test]
fn the_grids_are_those_of_the_reference_cell_for_cell() {
    let facts = run("true", &["--generations", "7"]).facts;
    let small = digest(&reference(&Grid::glider(), 7));
    let soup = |rows, columns| digest(&reference(&Grid::soup(Size { rows, columns }, SEED), 1));
    assert_eq!(facts["threads.digest"], small);
    assert_eq!(facts["large.digest"], soup(10, 30));
}

// A socket for each of 300 calls at once would need 300 of them.
#[test]
fn sixteen_file_descriptors_are_enough() {
    assert_eq!(run("ulimit -n 16", &["--generations", "1"]).item, 57);
}

// The address space is limited to room for about seventy stacks of 256 MiB.
#[cfg(target_os = "linux")]
#[test]
fn the_refusal_of_a_thread_is_told_and_the_story_goes_on() {
    let limit = "export RUST_MIN_STACK=268435456 && ulimit -v 20000000";
    let report =
        report(&run_limited(limit, PROGRAM, &["--json", "--latency", "1ms", "--large", "20x50"]));
    let started = report.facts["large.threads_started"].as_u64().unwrap();
    assert!((45..200).contains(&started), "{started}");
    assert_ne!(report.facts["large.refusal"], "none");
    assert_eq!(report.facts["large.digest"], "none", "no grid was made");
    assert_eq!(report.facts["failure.threads_joined"], 45, "the next step ran");
}

// Where even the small grid gets no threads there is no story to tell.
#[cfg(target_os = "linux")]
#[test]
fn too_few_threads_for_the_small_grid_is_one_line_and_exit_code_1() {
    let limit = "export RUST_MIN_STACK=268435456 && ulimit -v 5000000";
    let output = run_limited(limit, PROGRAM, &[]);
    common::contract::assert_refused(&output, 1, "error: cannot start thread");
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
