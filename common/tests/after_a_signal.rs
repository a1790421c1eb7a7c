//! From the moment in which a signal reaches a program that cleans up, it tells nothing more, and no
//! failure that comes of it, however late the thread that waits for signals is given the processor.
//!
//! The program sends the signal to itself, in its main thread: the handler has run when that returns.
//! The usual test harness runs tests in other threads, hence `harness = false`.

use std::env;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitCode, Output};

use anyhow::bail;
use clap::Parser;
use common::ending::{clean_up, instead};
use common::program::{complain, run};
use common::stdout::write_json;
use common::story::{OutputFlags, Story};
use rustix::process::{Signal, getpid, kill_process};

#[derive(Parser)]
struct Flags {}

/// What the program does after the signal.
const WHAT: &str = "AFTER_A_SIGNAL";

fn main() -> ExitCode {
    let Ok(what) = env::var(WHAT) else {
        for what in ["tell", "report", "complain", "fail"] {
            ends_by_the_signal_and_says_nothing(what);
        }
        ends_by_the_signal_and_says_nothing("return");
        a_server_goes_on();
        println!("test nothing_is_told_after_a_signal ... ok");
        return ExitCode::SUCCESS;
    };
    let exit_code = run(|_: Flags| program(&what));
    if ["return", "serve"].contains(&&*what) {
        terminate_myself();
    }
    exit_code
}

fn program(what: &str) -> anyhow::Result<()> {
    let story = Story::begin(0, "", OutputFlags::default())?;
    if what == "serve" {
        instead(|| ())?;
    } else {
        // Kept for ever: there is something to clean up until the end.
        Box::leak(Box::new(clean_up(|| ())?));
    }
    if what == "return" {
        return Ok(());
    }
    terminate_myself();
    match what {
        "tell" | "serve" => story.say("more")?,
        "report" => write_json(&"more")?,
        "complain" => complain("more"),
        _ => bail!("more"),
    }
    Ok(())
}

fn terminate_myself() {
    kill_process(getpid(), Signal::TERM).unwrap();
}

fn output(what: &str) -> Output {
    Command::new(env::current_exe().unwrap()).env(WHAT, what).output().unwrap()
}

#[track_caller]
fn ends_by_the_signal_and_says_nothing(what: &str) {
    for _ in 0..20 {
        let Output { status, stdout, stderr } = output(what);
        let told = String::from_utf8([stdout, stderr].concat()).unwrap();
        assert!(!told.contains("more"), "{what}: {told}");
        assert_eq!(status.signal(), Some(Signal::TERM.as_raw()), "{what}: {status}");
    }
}

/// What stops instead of ending tells how it ended, and a second request changes nothing.
#[track_caller]
fn a_server_goes_on() {
    for _ in 0..20 {
        let Output { status, stdout, .. } = output("serve");
        assert!(status.success(), "{status}");
        assert!(String::from_utf8(stdout).unwrap().contains("more"));
    }
}
