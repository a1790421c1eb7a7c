//! The story from outside: what it promises, what it finds, how it ends.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;
use std::thread;
use std::time::Duration;

use rustix::process::{Signal, WaitId, WaitIdOptions, waitid};
use tempfile::TempDir;
use testing::{
    Running, assert_kept, assert_refused, assert_wrong_usage, eventually, facts, report,
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item62-mix");
const VERSIONS: [&str; 3] = ["threads", "spawn_blocking", "tasks"];

#[test]
fn the_program_keeps_the_contract() {
    assert_eq!(assert_kept(PROGRAM, &["--pause", "5ms"]).item, 62);
}

/// The writers tear every line, so a version that hands on what it has read would be caught here.
#[test]
fn each_version_merges_every_line_once_and_whole_and_in_order() {
    let facts = facts(PROGRAM, &["--lines", "5", "--pause", "40ms"]);
    for version in VERSIONS {
        for (fact, expected) in [
            ("written", 25),
            ("merged", 25),
            ("missing", 0),
            ("repeated", 0),
            ("torn", 0),
            ("out_of_order", 0),
        ] {
            assert_eq!(facts[format!("{version}.{fact}")], expected, "{version}.{fact}");
        }
        assert!(facts[format!("{version}.half_lines_seen")].as_u64().unwrap() > 0, "{version}");
    }
}

/// Without pauses the followers meet many lines at once.
#[test]
fn writers_in_a_hurry_lose_nothing() {
    let facts = facts(PROGRAM, &["--writers", "20", "--lines", "5000", "--pause", "0ms"]);
    for version in VERSIONS {
        assert_eq!(facts[format!("{version}.merged")], 100_000);
        for fact in ["missing", "repeated", "torn", "out_of_order"] {
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
        &["--no-such-flag"],
        &["follow", "a"],
    ] {
        let word = if flags[0] == "follow" { "--out" } else { flags[0] };
        assert_wrong_usage(PROGRAM, flags, word);
    }
}

/// Each flag is fine on its own; together they would be silent for minutes.
#[test]
fn a_story_that_would_take_minutes_is_refused() {
    assert_wrong_usage(PROGRAM, &["--lines", "5000"], "--lines 5000 --pause 100ms");
}

fn story(temporary: &TempDir) -> Running {
    let mut command = Command::new(PROGRAM);
    let long = ["--pause", "1s", "--lines", "20"];
    Running::start(command.args(long).env("TMPDIR", temporary.path()))
}

fn is_empty(dir: &TempDir) -> bool {
    fs::read_dir(dir.path()).unwrap().next().is_none()
}

/// What a program has left in the temporary directory, nobody else removes.
#[test]
fn a_signal_leaves_no_temporary_files_behind() {
    let temporary = TempDir::new().unwrap();
    for signal in [Signal::HUP, Signal::INT, Signal::QUIT, Signal::TERM] {
        let story = story(&temporary);
        eventually("the story creates its merged file", || {
            let dir = fs::read_dir(temporary.path()).unwrap().next()?.unwrap().path();
            fs::metadata(dir.join("merged")).ok()
        });
        story.signal_group(signal);
        assert_eq!(story.wait().status.signal(), Some(signal.as_raw()));
        assert!(is_empty(&temporary), "{signal:?}");
    }
}

/// Whenever it comes: before the directory is there, in the moment in which it is made, after it.
#[test]
fn neither_does_a_signal_in_its_first_milliseconds() {
    let temporary = TempDir::new().unwrap();
    for moment in 0..100 {
        let story = story(&temporary);
        thread::sleep(Duration::from_micros(50) * moment);
        story.signal(Signal::TERM);
        assert_eq!(story.wait().status.signal(), Some(Signal::TERM.as_raw()));
        assert!(is_empty(&temporary), "after {moment} times 50 us");
    }
}

/// Nor in the instant in which a handler is installed and does nothing yet. `strace` can signal a program
/// at a system call: here, each at which it changes what a signal does.
#[cfg(target_os = "linux")]
#[test]
fn a_signal_is_heeded_also_while_its_handler_is_being_installed() {
    let temporary = TempDir::new().unwrap();
    let trace = temporary.path().join("trace");
    let traced = |expression: &str| {
        let mut command = Command::new("strace");
        command.args(["-qq", "-e", "trace=rt_sigaction", "-e", expression, "-o"]).arg(&trace);
        command.args([PROGRAM, "--lines", "1"]).env("TMPDIR", temporary.path()).output()
    };
    if !traced("signal=none").is_ok_and(|output| output.status.success()) {
        println!("skipped: this system lets no process trace another");
        return;
    }
    let calls = fs::read_to_string(&trace).unwrap().lines().count();
    assert!(calls >= 4, "{calls}");
    for call in 1..=calls {
        let inject = format!("inject=rt_sigaction:signal=SIGTERM:when={call}");
        let status = traced(&inject).unwrap().status;
        assert_eq!(status.signal(), Some(Signal::TERM.as_raw()), "call {call} of {calls}");
        fs::remove_file(&trace).unwrap();
        assert!(is_empty(&temporary), "call {call} of {calls}");
    }
}

/// A story under a limit of file descriptors, which leaves what it makes in `temporary`.
fn limited_story(temporary: &TempDir, descriptors: u32, flags: &[&str]) -> Running {
    // Whoever runs the tests may leave files open, and these would count.
    let close = "exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-";
    let script = format!("{close}; ulimit -n {descriptors} && exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &script, PROGRAM]).args(flags).env("TMPDIR", temporary.path());
    Running::start(&mut command)
}

#[test]
fn few_file_descriptors_are_one_line_or_a_full_story() {
    let temporary = TempDir::new().unwrap();
    for descriptors in 4..20 {
        let story = limited_story(&temporary, descriptors, &["--json", "--pause", "2ms"]);
        let output = story.wait();
        if output.status.success() {
            report(&output);
        } else {
            assert_refused(&output, 1, "Too many open files");
        }
        assert!(is_empty(&temporary), "ulimit -n {descriptors}");
    }
}

/// To list a directory takes a file descriptor, and all may be in use when the signal comes.
#[test]
fn a_signal_leaves_nothing_behind_when_no_file_descriptor_is_left() {
    let temporary = TempDir::new().unwrap();
    for descriptors in 8..20 {
        let flags = ["--pause", "200ms", "--lines", "100"];
        let story = limited_story(&temporary, descriptors, &flags);
        eventually("it merges or ends", || {
            let dir = fs::read_dir(temporary.path()).unwrap().next();
            let merged = dir.and_then(|dir| fs::read(dir.unwrap().path().join("merged")).ok());
            let is_over = waitid(
                WaitId::Pid(story.pid()),
                WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT,
            );
            let has_lines = merged.is_some_and(|merged| !merged.is_empty());
            (has_lines || is_over.unwrap().is_some()).then_some(())
        });
        story.signal(Signal::TERM);
        story.wait();
        assert!(is_empty(&temporary), "ulimit -n {descriptors}");
    }
}
