//! Where the system refuses a file, a thread or a process, `verify` says so in a line or a row, and
//! neither panics nor hangs.

use std::process::{Command, Output};

use serde_json::json;
use testing::{assert_refused, run_limited};

use crate::helpers::{MISBEHAVE, XTASK, stdout};

const ARGUMENTS: [&str; 4] = ["verify", "9", "--program", MISBEHAVE];

/// Too little for the checks of the table, which are of no interest here.
fn report() -> String {
    json!({ "item": 9, "title": "", "steps": [] }).to_string()
}

/// Whether the item could be run.
#[track_caller]
fn is_told(output: &Output) -> bool {
    let stdout = stdout(output);
    let ran = stdout.contains("pass  it runs and reports");
    if stdout.is_empty() {
        assert_refused(output, 1, "error: cannot");
    } else {
        let told = ran || stdout.contains("found cannot run");
        assert!(told && output.stderr.is_empty(), "{output:?}");
        assert_eq!(output.status.code(), Some(1), "{output:?}");
    }
    ran
}

#[test]
fn with_few_open_files_it_runs_or_says_so() {
    let run = |files: u32| {
        let limit = format!("export REPORT='{}'; ulimit -n {files}", report());
        run_limited(&limit, XTASK, &ARGUMENTS)
    };
    let ran: Vec<bool> = (4..24).map(|files| is_told(&run(files))).collect();
    assert!(ran.contains(&true) && ran.contains(&false), "{ran:?}");
}

#[test]
fn with_few_processes_it_runs_or_says_so() {
    // The system counts the processes of a user, and root's it does not count.
    let as_nobody = ["--reuid", "54322", "--regid", "54322", "--clear-groups", "prlimit"];
    let run = |limit: u32| {
        let mut command = Command::new("setpriv");
        command.args(as_nobody).arg(format!("--nproc={limit}")).arg(XTASK).args(ARGUMENTS);
        command.env("REPORT", report()).output()
    };
    if !run(1000).is_ok_and(|output| is_told(&output)) {
        println!("skipped: nobody else can be the user of this program here");
        return;
    }
    let ran: Vec<bool> = (1..12).map(|limit| is_told(&run(limit).unwrap())).collect();
    assert!(ran.contains(&false), "the limits are no limits");
}
