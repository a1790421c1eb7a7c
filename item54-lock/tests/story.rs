//! The program as its users run it. What must hold is arithmetic, not timing: whatever the
//! machine does, the race loses at least one increment per thread but one, and the others none.

use std::process::Command;

use common::report::Report;
use common::timing::measure;
use item54_lock::cost::{ROUNDS, measure_costs};
use testing::{assert_kept, assert_wrong_usage, on_terminal};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item54-lock");

fn count(report: &Report, step: &str, fact: &str) -> u64 {
    report.fact(step, fact).and_then(serde_json::Value::as_u64).unwrap()
}

#[test]
fn the_program_keeps_the_contract_and_only_the_race_loses_counts() {
    let report = assert_kept(PROGRAM, &[]);
    assert_eq!(count(&report, "race", "expected"), 500_000);
    assert!(count(&report, "race", "found") <= 500_000 - 4);
    assert_eq!(count(&report, "race", "lost"), 500_000 - count(&report, "race", "found"));
    assert_eq!(count(&report, "replay", "found"), 1);
    for step in ["lock", "atomic", "subtotals"] {
        assert_eq!(count(&report, step, "found"), 500_000, "{step}");
    }
    assert_eq!(report.overlap("race"), 5);
}

#[test]
fn a_single_increment_per_thread_is_enough_to_lose_all_but_one() {
    let report = assert_kept(PROGRAM, &["--threads", "8", "--how-many", "1"]);
    assert_eq!(count(&report, "race", "found"), 1);
    assert_eq!(count(&report, "race", "lost_by_law"), 7);
    assert_eq!(count(&report, "lock", "found"), 8);
}

#[test]
fn a_thread_alone_loses_nothing() {
    let report = assert_kept(PROGRAM, &["--threads", "1", "--how-many", "1000"]);
    assert_eq!(count(&report, "race", "found"), 1000);
    assert_eq!(count(&report, "race", "lost_by_law"), 0);
}

#[test]
fn counting_to_zero_is_fine() {
    let report = assert_kept(PROGRAM, &["--how-many", "0"]);
    assert_eq!(count(&report, "race", "found"), 0);
    assert_eq!(count(&report, "race", "lost_by_law"), 0);
    assert_eq!(count(&report, "lock", "found"), 0);
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

/// If all threads gave way in step, inside an increment, each would see its own counts alone, and
/// every run would end with exactly one thread's count.
#[test]
fn the_race_finds_another_number_each_time() {
    let find = || item54_lock::race(&common::timeline::Lanes::new(), 5, 100_000).unwrap().0;
    let found: std::collections::BTreeSet<u64> = (0..20).map(|_| find()).collect();
    assert!(found.len() > 15, "{found:?}");
}

#[test]
fn the_costs_are_those_of_one_increment() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let costs_of = |how_many| measure_costs(&pool, 2, how_many).unwrap();
    for how_many in [1_000, 100_000] {
        let costs = costs_of(how_many);
        for each in [costs.race, costs.lock, costs.atomic, costs.subtotals] {
            // From below a cycle to what a sorely disturbed machine could take.
            assert!((0.01..1e6).contains(&each), "{costs:?}");
        }
    }
    assert!(costs_of(0).lock >= 0.0, "no increments, and no division by their number");
}

/// A cost that was divided by too little would make the rounds take longer than they did.
#[test]
fn all_increments_together_cost_no_more_than_they_took() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let (threads, how_many) = (100, 1_000);
    let (costs, elapsed) = measure(|| measure_costs(&pool, threads, how_many).unwrap());
    let increments = f64::from(threads * how_many) * ROUNDS as f64;
    let cost_ns = increments * (costs.race + costs.lock + costs.atomic + costs.subtotals);
    assert!(cost_ns <= elapsed.as_secs_f64() * 1e9, "{costs:?} in {elapsed:?}");
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
    use testing::{assert_refused, report, run_limited};

    use super::PROGRAM;

    /// The threads that did start must not wait for the one that the system refused.
    #[test]
    fn more_threads_than_the_system_gives_end_in_one_line() {
        // 1 GB of address space holds some stacks of 64 MiB each, but not a hundred.
        let limit = "export RUST_MIN_STACK=67108864; ulimit -v 1000000";
        let output = run_limited(limit, PROGRAM, &["--threads", "100"]);
        assert_refused(&output, 1, "of 100: ");
    }

    #[test]
    fn four_file_descriptors_are_enough() {
        report(&run_limited("ulimit -n 4", PROGRAM, &["--json"]));
    }

    #[test]
    fn the_pool_takes_its_size_from_the_machine_not_from_the_environment() {
        let limit = "export RAYON_NUM_THREADS=9999999";
        report(&run_limited(limit, PROGRAM, &["--json"]));
    }
}
