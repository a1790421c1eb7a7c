//! Whatever starts it: a program that owns something ends by the signals that should end it, leaves
//! nothing behind, and heeds no signal that its parent chose to ignore.

use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use nix::sys::signal::SigSet;
use rustix::process::Signal;
use testing::{Running, container};

use crate::helpers::{Control, MISBEHAVE, XTASK, assert_all_ended};

/// `verify` with an item that hangs, and so does its child; started by the command `starter`.
fn hanging(starter: &[&str], control: &Control) -> Command {
    let mut command = Command::new(starter[0]);
    command.args(&starter[1..]).args([XTASK, "verify", "9", "--program", MISBEHAVE]);
    control.tell(command.env("MISBEHAVE", "hang"));
    command
}

#[test]
fn a_parent_that_blocks_all_signals_does_not_keep_it_alive() {
    let control = Control::listen();
    // Children inherit the mask of the thread that starts them.
    let running = std::thread::scope(|scope| {
        let start = || {
            SigSet::all().thread_block().expect("signals can be blocked");
            Running::start(&mut hanging(&["env"], &control))
        };
        scope.spawn(start).join().expect("it starts")
    });
    let processes = control.running(2);
    running.signal(Signal::TERM);
    assert_eq!(running.wait().status.signal(), Some(Signal::TERM.as_raw()));
    assert_all_ended(processes);
}

#[test]
fn what_the_parent_ignores_stays_ignored() {
    let control = Control::listen();
    let ignoring = ["sh", "-c", "trap '' HUP; exec \"$@\"", "sh"];
    let running = Running::start(&mut hanging(&ignoring, &control));
    let processes = control.running(2);
    running.signal(Signal::HUP);
    // Had HUP been heeded, it would have come first, and the program would have died by it.
    running.signal(Signal::INT);
    assert_eq!(running.wait().status.signal(), Some(Signal::INT.as_raw()));
    assert_all_ended(processes);
}

#[test]
fn as_process_1_of_a_container_it_ends_all_the_same() {
    let Some(container) = container() else { return };
    let control = Control::listen();
    let running = Running::start(&mut hanging(&container, &control));
    let processes = control.running(2);
    // To the whole group, for the number that the process has outside is not known here.
    running.signal_group(Signal::HUP);
    assert_all_ended(processes);
    drop(running);
}
