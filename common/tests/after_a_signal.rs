//! From the moment in which a signal reaches a program that cleans up, it tells nothing more, and no
//! failure that comes of it, however late the thread that waits for signals is given the processor.
//!
//! The program sends the signal to its own main thread: the handler has run when `raise` returns. (One that
//! is sent to the process, by `kill`, may be taken by the thread that waits for signals, just as that
//! starts, and the handler runs there a little later.) The usual test harness runs tests in other threads,
//! hence `harness = false`.

use std::env;
use std::io::{self, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitCode, Output};

use anyhow::bail;
use clap::Parser;
use common::ending::{SIGNALS, clean_up, instead};
use common::program::{complain, run};
use common::stdout::write_json;
use common::story::{OutputFlags, Story};
use nix::sys::signal::{Signal, raise};
use signal_hook::consts::SIGTERM;
use testing::heed_signals;

#[derive(Parser)]
struct Flags {}

/// What the program does after the signal.
const WHAT: &str = "AFTER_A_SIGNAL";

/// The number of the signal, if it is not SIGTERM.
const SIGNAL: &str = "THE_SIGNAL";

const CLEANED_UP: &[u8] = b"cleaned up";

fn main() -> ExitCode {
    let Ok(what) = env::var(WHAT) else {
        heed_signals();
        for what in ["tell", "report", "complain", "fail"] {
            ends_by_the_signal_and_says_nothing(what);
        }
        ends_by_the_signal_and_says_nothing("return");
        whatever_signal_ends_it_it_cleans_up_first();
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
        Box::leak(Box::new(clean_up(|| drop(io::stderr().write_all(CLEANED_UP)))?));
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
    let signal = env::var(SIGNAL).ok().and_then(|number| number.parse().ok());
    raise(Signal::try_from(signal.unwrap_or(SIGTERM)).unwrap()).unwrap();
}

fn output(what: &str) -> Output {
    Command::new(env::current_exe().unwrap()).env(WHAT, what).output().unwrap()
}

#[track_caller]
fn whatever_signal_ends_it_it_cleans_up_first() {
    for signal in SIGNALS {
        let mut command = Command::new("sh");
        // A core dump, which some of them would leave behind.
        command.args(["-c", "ulimit -c 0; exec \"$0\""]).arg(env::current_exe().unwrap());
        let command = command.env(WHAT, "tell").env(SIGNAL, signal.to_string());
        let Output { status, stderr, .. } = command.output().unwrap();
        assert_eq!((status.signal(), &*stderr), (Some(signal), CLEANED_UP));
    }
}

#[track_caller]
fn ends_by_the_signal_and_says_nothing(what: &str) {
    for _ in 0..20 {
        let Output { status, stdout, stderr } = output(what);
        let told = String::from_utf8([stdout, stderr].concat()).unwrap();
        assert!(!told.contains("more"), "{what}: {told}");
        assert_eq!(status.signal(), Some(SIGTERM), "{what}: {status}");
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
