//! The story from outside: what it promises, what it finds, how it ends.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;
use std::thread;
use std::time::Duration;

use rustix::process::Signal;
use tempfile::TempDir;
use testing::{Running, assert_kept, assert_refused, assert_wrong_usage, eventually, facts};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item62-mix");

#[test]
fn the_program_keeps_the_contract() {
    assert_eq!(assert_kept(PROGRAM, &["--pause", "5ms"]).item, 62);
}

/// Without pauses the followers meet many lines at once.
#[test]
fn writers_in_a_hurry_lose_nothing() {
    let facts = facts(PROGRAM, &["--writers", "20", "--lines", "1000", "--pause", "0ms"]);
    for version in ["threads", "spawn_blocking", "tasks"] {
        assert_eq!(facts[format!("{version}.lines_merged")], 20_000);
        for fact in ["lines_missing", "lines_repeated", "lines_torn", "lines_out_of_order"] {
            assert_eq!(facts[format!("{version}.{fact}")], 0, "{version}.{fact}");
        }
    }
}

#[test]
fn bad_values_are_refused() {
    for flags in [
        &["--writers", "0"][..],
        &["--writers", "-1"],
        &["--writers", "101"],
        &["--lines", "many"],
        &["--lines", "5001"],
        &["--pause", "5 parsecs"],
        &["--pause", "1001ms"],
        &["--poll", "0ms"],
        &["--poll", "1001ms"],
        &["--seed", "-1"],
    ] {
        assert_wrong_usage(PROGRAM, flags, flags[0]);
    }
    // Each flag is fine on its own; together they would be silent for minutes.
    assert_wrong_usage(PROGRAM, &["--lines", "5000"], "--lines 5000 --pause 100ms");
}

/// A program that leaves what it makes in `temporary`.
fn command(program: &str, temporary: &TempDir) -> Command {
    let mut command = Command::new(program);
    command.env("TMPDIR", temporary.path());
    command
}

fn is_empty(dir: &TempDir) -> bool {
    fs::read_dir(dir.path()).unwrap().next().is_none()
}

/// The flags of a story that is still merging when a signal comes.
const LONG: [&str; 4] = ["--pause", "40ms", "--lines", "500"];

/// Whenever it comes: before the folder is there, in the moment in which it is made, while files are
/// added to it.
#[test]
fn a_signal_leaves_no_folder_behind() {
    let temporary = TempDir::new().unwrap();
    let signals = [Signal::HUP, Signal::INT, Signal::QUIT, Signal::TERM].into_iter().cycle();
    for (moment, signal) in (0..100).zip(signals) {
        let story = Running::start(command(PROGRAM, &temporary).args(LONG));
        thread::sleep(Duration::from_micros(50) * moment);
        story.signal_group(signal);
        assert_eq!(story.wait().status.signal(), Some(signal.as_raw()));
        assert!(is_empty(&temporary), "{signal:?} after {moment} times 50 us");
    }
}

/// Nor in an instant between two lines: a handler is installed and does nothing yet, or the folder has
/// been made a moment ago. `strace` can signal a program at a system call: here, each at which it changes
/// what a signal does, starts a thread or makes a folder.
#[cfg(target_os = "linux")]
#[test]
fn a_signal_at_one_of_its_system_calls_is_heeded_and_leaves_no_folder_behind() {
    let temporary = TempDir::new().unwrap();
    let traced = |arguments: &[&str]| {
        let mut strace = command("strace", &temporary);
        strace.args(["-qq", "-o", "/dev/null"]).args(arguments).output().map(|traced| traced.status)
    };
    if !traced(&["true"]).is_ok_and(|status| status.success()) {
        println!("skipped: this system lets no process trace another");
        return;
    }
    for call in 1.. {
        let calls = "rt_sigaction,?clone3,?mkdir,?mkdirat";
        let inject = format!("--inject={calls}:signal=SIGTERM:when={call}");
        let status = traced(&[&inject, PROGRAM, "--lines", "1", "--pause", "1ms"]).unwrap();
        assert!(is_empty(&temporary), "call {call}");
        if status.success() {
            assert!(call > 10, "there are only {call} such calls");
            break;
        }
        assert_eq!(status.signal(), Some(Signal::TERM.as_raw()), "call {call}");
    }
}

/// To list a folder takes a file descriptor, too.
#[test]
fn few_file_descriptors_are_told_and_no_folder_is_left_even_by_a_signal_when_all_are_in_use() {
    let temporary = TempDir::new().unwrap();
    let limited = |descriptors, flags: &[&str]| {
        // Whoever runs the tests may leave files open, and these would count.
        let close = "exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-";
        let script = format!("{close}; ulimit -n {descriptors} && exec \"$0\" \"$@\"");
        Running::start(command("sh", &temporary).args(["-c", &script, PROGRAM]).args(flags))
    };
    let fewest = (4..30).find(|descriptors| {
        let output = limited(*descriptors, &["--pause", "1ms"]).wait();
        assert!(is_empty(&temporary), "ulimit -n {descriptors}");
        if !output.status.success() {
            assert_refused(&output, 1, "Too many open files");
        }
        output.status.success()
    });
    let story = limited(fewest.expect("thirty are enough"), &LONG);
    eventually("lines are merged", || {
        let folder = fs::read_dir(temporary.path()).unwrap().next()?.unwrap();
        fs::read(folder.path().join("merged")).ok().filter(|merged| !merged.is_empty())
    });
    story.signal(Signal::TERM);
    assert_eq!(story.wait().status.signal(), Some(Signal::TERM.as_raw()));
    assert!(is_empty(&temporary));
}
