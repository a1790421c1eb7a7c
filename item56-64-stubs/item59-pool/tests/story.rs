//! The program as its users run it.

use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use life::proofs::{digest, reference};
use life::{Grid, SEED, Size};
use rustix::process::Signal;
use testing::{Running, assert_kept, assert_wrong_usage, facts};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item59-pool");
const QUICK: &[&str] = &["--latency", "1ms", "--large", "10x30"];

#[test]
fn the_program_keeps_the_contract() {
    assert_eq!(assert_kept(PROGRAM, QUICK).item, 59);
}

// The reference is computed here, in another process, and not taken from the report.
#[test]
fn with_other_flags_the_grids_are_those_of_the_reference_cell_for_cell() {
    let flags = ["--generations", "7", "--threads", "1", "--large-threads", "1000"];
    let facts = facts(PROGRAM, &[QUICK, &flags].concat());
    let soup = Grid::soup(Size { rows: 10, columns: 30 }, SEED);
    assert_eq!(facts["pool.digest"], digest(&reference(&Grid::glider(), 7)));
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
    for (flag, value) in [("--large", "0x5"), ("--threads", "0"), ("--large-threads", "1001")] {
        assert_wrong_usage(PROGRAM, &[flag, value], flag);
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
            assert!((2..=5).contains(&report.overlap("pool")), "RAYON_NUM_THREADS={threads}");
        }
    }
}
