//! The program as its users run it; also where the system gives it little.

use std::process::Command;

use serde_json::json;
use testing::{assert_kept, assert_refused, assert_wrong_usage, report};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item52-subprocess");

/// Half a second, in which ten children start even on a busy machine.
const QUICK: [&str; 4] = ["--sleep", "500ms", "--timeout", "50ms"];

#[test]
fn the_program_keeps_the_contract() {
    assert_kept(PROGRAM, &QUICK);
}

#[test]
fn pipelines_run_beside_each_other_as_many_and_with_as_much_as_they_are_told() {
    let quickest = ["--json", "--sleep", "1ms", "--timeout", "1ms"];
    let more = ["--pipelines", "5", "--bytes", "300000"];
    let report = report(&Command::new(PROGRAM).args(quickest).args(more).output().unwrap());
    let fact = |name| report.fact("pipelines", name);
    assert_eq!(fact("running_at_once"), Some(&json!(10)));
    assert_eq!(fact("digest_tails"), fact("in_one_process"));
}

#[test]
fn bad_values_are_refused() {
    for (flag, value) in [
        ("--sleep", "5 parsecs"),
        ("--sleep", "0s"),
        ("--sleep", "1day"),
        ("--children", "0"),
        ("--children", "-1"),
        ("--children", "1001"),
        ("--pipelines", "many"),
        ("--pipelines", "65535"),
        ("--bytes", "-100"),
        ("--bytes", "4294967295"),
        ("--timeout", "soon"),
        ("--timeout", "2h"),
    ] {
        assert_wrong_usage(PROGRAM, &[flag, value], flag);
    }
    assert_wrong_usage(PROGRAM, &["encrypt", "--salt", "xyz"], "16 hexadecimal digits");
}

#[test]
fn a_program_that_is_missing_is_named() {
    let output = Command::new(PROGRAM).env("PATH", "/nowhere").output().unwrap();
    assert_refused(&output, 1, "cannot start echo");
}

/// What only Linux limits in this way.
#[cfg(target_os = "linux")]
mod limits {
    use std::process::Command;

    use testing::{assert_refused, report, run_limited};

    use super::PROGRAM;

    const QUICKEST: [&str; 5] = ["--json", "--sleep", "1ms", "--timeout", "1ms"];

    #[test]
    fn with_few_open_files_it_runs_or_fails_in_one_line() {
        let mut ran = 0;
        for files in 4..20 {
            for few in [&[][..], &["--pipelines", "1"]] {
                let arguments = [&QUICKEST[..], few].concat();
                let output = run_limited(&format!("ulimit -n {files}"), PROGRAM, &arguments);
                if output.status.success() {
                    report(&output);
                    ran += 1;
                } else {
                    assert_refused(&output, 1, "Too many open files");
                }
            }
        }
        assert!((1..32).contains(&ran), "some are enough and some are too few: {ran}");
    }

    /// The threads that it starts are as few as they can be, for crates start theirs by a call that
    /// panics when the system refuses it.
    #[test]
    fn with_few_processes_it_runs_or_fails_in_one_line() {
        // The system counts the processes of a user, and root's it does not count.
        let as_nobody = ["--reuid", "54321", "--regid", "54321", "--clear-groups", "prlimit"];
        let run = |limit: u32| {
            let mut command = Command::new("setpriv");
            command.args(as_nobody).arg(format!("--nproc={limit}")).arg(PROGRAM);
            command.args(QUICKEST).args(["--children", "3"]).output()
        };
        if !run(1000).is_ok_and(|output| output.status.success()) {
            println!("skipped: nobody else can be the user of this program here");
            return;
        }
        let mut refused = 0;
        for limit in 1..12 {
            let output = run(limit).unwrap();
            if output.status.success() {
                report(&output);
            } else {
                refused += 1;
                assert_refused(&output, 1, "Resource temporarily unavailable");
            }
        }
        assert!(refused > 0, "the limits are no limits");
    }

    #[test]
    fn a_stack_of_any_size_is_no_panic() {
        for size in ["1", "99999999999", "99999999999999999999", "much"] {
            let limit = format!("export RUST_MIN_STACK={size}");
            let output = run_limited(&limit, PROGRAM, &QUICKEST);
            if output.status.success() {
                report(&output);
            } else {
                assert_refused(&output, 1, "Resource temporarily unavailable");
            }
        }
    }
}
