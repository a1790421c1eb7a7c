//! A parent may have SIGCHLD ignored: then the system forgets children as soon as they have ended. The
//! program asks for their statuses all the same, in each way to wait.
//!
//! It is started anew by a shell that ignores the signal; hence `harness = false`.

use std::env;
use std::io;
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::time::Duration;

use clap::Parser;
use common::children::{Child, spawn, start_captured};
use duct::cmd;

#[derive(Parser)]
struct Flags {}

/// Says that the program has been started by the shell.
const STARTED: &str = "IGNORED_CHILDREN";

/// Far longer than a child needs, on a busy machine, too.
const LONG: Duration = Duration::from_secs(60);

type Wait = fn(&mut Child) -> io::Result<Option<ExitStatus>>;

fn main() -> ExitCode {
    if env::var_os(STARTED).is_some() {
        return common::program::run(|_: Flags| ask_for_all_statuses());
    }
    // Not every shell can have it ignored.
    let mut shell = Command::new("bash");
    shell.args(["-c", "trap '' CHLD; exec \"$0\""]).arg(env::current_exe().unwrap());
    match shell.env(STARTED, "").output() {
        Err(_) => println!("skipped: there is no bash"),
        Ok(output) => assert!(output.status.success(), "{output:?}"),
    }
    println!("test a_child_has_a_status_where_a_parent_ignores_sigchld ... ok");
    ExitCode::SUCCESS
}

fn ask_for_all_statuses() -> anyhow::Result<()> {
    let ways: [Wait; 3] = [
        |child| child.wait().map(Some),
        |child| child.wait_timeout(LONG),
        |child| child.wait_within(LONG),
    ];
    for wait in ways {
        let mut child = spawn(Command::new("sh").args(["-c", "exit 3"]).stdin(Stdio::null()))?;
        let status = wait(&mut child)?;
        anyhow::ensure!(status.and_then(|status| status.code()) == Some(3), "no status");
    }
    let output = start_captured(cmd!("sh", "-c", "exit 3").unchecked())?.wait_with_output()?;
    anyhow::ensure!(output.status.code() == Some(3), "no status");
    Ok(())
}
