//! The program as its users run it. What must hold is arithmetic, not timing: whatever the
//! machine does, the race loses at least one increment per thread but one, and the others none.

use std::collections::BTreeSet;
use std::process::Command;

use common::report::Report;
use common::threads::start_pool;
use common::timing::measure;
use item54_lock::cost::{ROUNDS, measure_costs};
use testing::{assert_kept, assert_wrong_usage, on_terminal, report};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item54-lock");

fn count(report: &Report, step: &str, fact: &str) -> u64 {
    report.fact(step, fact).and_then(serde_json::Value::as_u64).unwrap()
}

#[test]
fn a_single_increment_per_thread_is_enough_to_lose_all_but_one() {
    let report = assert_kept(PROGRAM, &["--threads", "8", "--how-many", "1"]);
    assert_eq!(count(&report, "race", "found"), 1);
    assert_eq!(count(&report, "race", "lost"), 7);
    assert_eq!(count(&report, "lock", "found"), 8);
}

#[test]
fn a_thread_alone_loses_nothing_and_counting_to_zero_is_fine() {
    for (flags, found) in [(["--threads", "1"], 100_000), (["--how-many", "0"], 0)] {
        let report = report(&Command::new(PROGRAM).arg("--json").args(flags).output().unwrap());
        assert_eq!(count(&report, "race", "found"), found);
        assert_eq!(count(&report, "race", "lost"), 0);
    }
    let alone = Command::new(PROGRAM).args(["--threads", "1"]).output().unwrap();
    let told = String::from_utf8(alone.stdout).unwrap();
    assert!(told.contains("  1 thread adds 1 to a counter, 100,000 times each.\n"), "{told}");
}

/// Pictures use what a terminal has, and no column more.
#[test]
fn the_story_fits_the_terminal() {
    for columns in [80, 120] {
        let story = on_terminal(Command::new(PROGRAM).arg("--all").env("NO_COLOR", "1"), columns);
        let widest = story.lines().map(|line| line.chars().count()).max();
        assert_eq!(widest, Some(columns.into()), "{story}");
        assert!(!story.contains('\x1b'), "NO_COLOR says so:\n{story}");
    }
    let story = on_terminal(Command::new(PROGRAM).env_remove("NO_COLOR"), 80);
    assert!(story.contains("\x1b["), "a terminal has colours:\n{story}");
}

/// What the caption of the picture counts: no thread is done before all have begun.
#[test]
fn every_thread_has_begun_before_one_of_them_counts() {
    let report = assert_kept(PROGRAM, &["--threads", "20", "--how-many", "1"]);
    for step in ["race", "lock", "atomic"] {
        assert_eq!(report.overlap(step), 20, "{step}");
    }
    let look = "dark at once: up to 20; with the lock up to 20, of which at most one adds";
    assert_eq!(report.pictures[0].look, look);
}

/// If all threads gave way in step, inside an increment, each would see its own counts alone, and
/// every run would end with exactly one thread's count.
#[test]
fn the_race_finds_another_number_each_time() {
    let found: BTreeSet<u64> = (0..20).map(|_| item54_lock::race(5, 100_000).unwrap().0).collect();
    assert!(found.len() > 15, "{found:?}");
}

/// A cost that was divided by too little would make the rounds take longer than they did.
#[test]
fn the_costs_are_those_of_one_increment() {
    let pool = start_pool(2).unwrap();
    for how_many in [1_000, 100_000] {
        let (costs, elapsed) = measure(|| measure_costs(&pool, 2, how_many).unwrap());
        // From below a cycle to what a sorely disturbed machine could take.
        assert!(costs.iter().all(|each| (0.01..1e6).contains(each)), "{costs:?}");
        let cost_ns = f64::from(2 * how_many) * ROUNDS as f64 * costs.iter().sum::<f64>();
        assert!(cost_ns <= elapsed.as_secs_f64() * 1e9, "{costs:?} in {elapsed:?}");
    }
    let of_none = measure_costs(&pool, 2, 0).unwrap();
    assert!(of_none.iter().all(|each| each.is_finite()), "{of_none:?}");
}

#[test]
fn bad_values_are_refused() {
    for (flag, value) in [
        ("--threads", "0"),
        ("--threads", "100000"),
        ("--threads", "five"),
        ("--how-many", "-1"),
        ("--how-many", "1e5"),
        ("--how-many", "10000001"),
    ] {
        assert_wrong_usage(PROGRAM, &[flag, value], flag);
    }
}

/// What only Linux limits in this way.
#[cfg(target_os = "linux")]
mod limits {
    use testing::{assert_refused, run_limited};

    use super::{PROGRAM, report};

    /// The threads that did start must not wait for the one that the system refused.
    #[test]
    fn more_threads_than_the_system_gives_end_in_one_line() {
        // 1 GB of address space holds some stacks of 64 MiB each, but not a hundred.
        let limit = "export RUST_MIN_STACK=67108864; ulimit -v 1000000";
        let output = run_limited(limit, PROGRAM, &["--threads", "100"]);
        assert_refused(&output, 1, "cannot start 100 threads: cannot start the thread \"thread ");
    }

    #[test]
    fn four_file_descriptors_are_enough_and_the_environment_sizes_no_pool() {
        for limit in ["ulimit -n 4", "export RAYON_NUM_THREADS=9999999"] {
            report(&run_limited(limit, PROGRAM, &["--json"]));
        }
    }
}
