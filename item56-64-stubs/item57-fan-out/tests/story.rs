//! The program as its users run it.

use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use life::proofs::{digest, reference};
use life::{Grid, SEED, Size};
use rustix::process::Signal;
use testing::{Running, assert_kept, assert_wrong_usage, facts};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item57-fan-out");
const QUICK: &[&str] = &["--latency", "1ms", "--large", "10x30"];

#[test]
fn the_program_keeps_the_contract() {
    assert_eq!(assert_kept(PROGRAM, QUICK).item, 57);
}

// The reference is computed here, in another process, and not taken from the report.
#[test]
fn with_other_flags_the_grids_are_those_of_the_reference_cell_for_cell() {
    let facts = facts(PROGRAM, &[QUICK, &["--generations", "7"]].concat());
    let soup = Grid::soup(Size { rows: 10, columns: 30 }, SEED);
    assert_eq!(facts["threads.digest"], digest(&reference(&Grid::glider(), 7)));
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
    for value in ["0x5", "-1x5", "100", "99999999999x99999999999", "x", "200x200"] {
        assert_wrong_usage(PROGRAM, &["--large", value], "--large");
    }
}

/// What only Linux limits in this way.
#[cfg(target_os = "linux")]
mod limits {
    use testing::{assert_refused, assert_sixteen_files_are_enough, report, run_limited};

    use super::{PROGRAM, QUICK};

    // A socket for each call would need as many descriptors as there are calls at once.
    #[test]
    fn with_few_file_descriptors_it_says_so_and_sixteen_are_enough() {
        assert_sixteen_files_are_enough(PROGRAM, QUICK);
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
        assert!(refused.starts_with("cannot start the thread \"cell "), "{refused}");
        assert_ne!(fact("large", "digest"), fact("large", "reference"), "no grid was made");
        assert_eq!(fact("failure", "threads_joined"), 45, "the next step ran");
    }

    // Where even the small grid gets no threads there is no story to tell.
    #[test]
    fn too_few_threads_for_the_small_grid_is_one_line_and_exit_code_1() {
        let limit = "export RUST_MIN_STACK=268435456 && ulimit -v 5000000";
        let output = run_limited(limit, PROGRAM, &[]);
        assert_refused(&output, 1, "error: cannot start the thread \"cell ");
    }
}
