//! The five programs that play the Game of Life, as a reader runs them.

use common::contract::{assert_refused, assert_wrong_usage, report, run_limited};
use common::report::Report;
use item56_64_stubs::life::{Grid, SEED, Size, digest, reference};

const QUICK: &[&str] = &["--json", "--latency", "1ms"];

/// Each program and the flags that keep it short.
const PROGRAMS: &[(&str, &[&str])] = &[
    (env!("CARGO_BIN_EXE_item56-serial"), &[]),
    (env!("CARGO_BIN_EXE_item57-fan-out"), &["--large", "10x30"]),
    (env!("CARGO_BIN_EXE_item58-queue"), &["--large", "10x30"]),
    (env!("CARGO_BIN_EXE_item59-pool"), &["--large", "10x30"]),
    (
        env!("CARGO_BIN_EXE_item60-coroutines"),
        &["--large", "10x30", "--huge", "20x30", "--long-latency", "20ms"],
    ),
];

fn reports(limit: &str, flags: &[&str]) -> Vec<Report> {
    let run = |(program, short): &(&str, &[&str])| {
        report(&run_limited(limit, program, &[QUICK, *short, flags].concat()))
    };
    PROGRAMS.iter().map(run).collect()
}

// However the cells are handed out, the game is the same. The reference is computed here, in
// another process, and not taken from the reports.
#[test]
fn all_programs_end_with_the_same_grids_cell_for_cell() {
    let small = digest(&reference(&Grid::glider(), 7));
    let soup = |rows, columns| digest(&reference(&Grid::soup(Size { rows, columns }, SEED), 1));
    let in_pools = digest(&vec![reference(&Grid::glider(), 1)[1].clone(); 5]);
    let (large, huge) = (soup(10, 30), soup(20, 30));
    for report in reports("true", &["--generations", "7"]) {
        let mut seen = 0;
        for (key, found) in report.facts.iter().filter(|(key, _)| key.ends_with(".digest")) {
            let expected = match key {
                // One generation in each of five pools.
                _ if key.starts_with("sizes") => &in_pools,
                _ if key.starts_with("large") => &large,
                _ if key.starts_with("huge") => &huge,
                _ => &small,
            };
            assert_eq!(found, expected, "item {}, {key}", report.item);
            seen += 1;
        }
        assert!(seen >= 1, "item {}", report.item);
    }
}

// A socket for each of 300 calls at once would need 300 of them.
#[test]
fn sixteen_file_descriptors_are_enough() {
    assert_eq!(reports("ulimit -n 16", &["--generations", "1"]).len(), PROGRAMS.len());
}

// The address space is limited to room for about seventy stacks of 256 MiB.
#[cfg(target_os = "linux")]
#[test]
fn the_refusal_of_a_thread_is_told_and_the_story_goes_on() {
    let program = env!("CARGO_BIN_EXE_item57-fan-out");
    let limit = "export RUST_MIN_STACK=268435456 && ulimit -v 20000000";
    let report = report(&run_limited(limit, program, &[QUICK, &["--large", "20x50"]].concat()));
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
    let fan_out = run_limited(limit, env!("CARGO_BIN_EXE_item57-fan-out"), &[]);
    let queue = run_limited(limit, env!("CARGO_BIN_EXE_item58-queue"), &["--workers", "45"]);
    let pool = run_limited(limit, env!("CARGO_BIN_EXE_item59-pool"), &["--threads", "45"]);
    for (output, attempt) in
        [(fan_out, "start thread"), (queue, "start worker"), (pool, "start a pool of 45 threads")]
    {
        assert_refused(&output, 1, &format!("error: cannot {attempt}"));
    }
}

#[test]
fn a_failing_cell_is_an_error_value_wherever_it_surfaces() {
    for report in reports("true", &["--generations", "1"]) {
        let cell = match report.item {
            60 => "4,8",
            _ => "2,3",
        };
        let expected = format!("the call of cell {cell} failed: connection refused");
        assert_eq!(report.facts["failure.error"], expected, "item {}", report.item);
    }
}

#[test]
fn a_bad_value_is_one_line_that_names_the_flag_and_exit_code_2() {
    for (program, _) in PROGRAMS {
        for (flag, value) in [
            ("--latency", "5 parsecs"),
            ("--latency", "-1ms"),
            ("--generations", "0"),
            ("--generations", "-1"),
            ("--generations", "1000000"),
            ("--generations", "four"),
            ("--no-such-flag", "1"),
        ] {
            assert_wrong_usage(program, &[flag, value], flag);
        }
    }
    for (program, _) in &PROGRAMS[1..] {
        for value in ["0x5", "-1x5", "100", "99999999999x99999999999", "x"] {
            assert_wrong_usage(program, &["--large", value], "--large");
        }
    }
    assert_wrong_usage(env!("CARGO_BIN_EXE_item57-fan-out"), &["--large", "200x200"], "--large");
    assert_wrong_usage(env!("CARGO_BIN_EXE_item58-queue"), &["--workers", "0"], "--workers");
    assert_wrong_usage(env!("CARGO_BIN_EXE_item59-pool"), &["--threads", "100000"], "--threads");
}
