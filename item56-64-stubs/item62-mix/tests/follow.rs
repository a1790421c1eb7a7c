//! Item 62 from outside: the story, and `follow` with files of other programs.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::contract::{Running, assert_kept, assert_wrong_usage, eventually, facts};
use rustix::process::Signal;
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_item62-mix");

#[test]
fn the_program_keeps_the_contract() {
    assert_eq!(assert_kept(PROGRAM, &["--pause", "5ms"]).item, 62);
}

/// The writers tear every line, so a version that hands on what it has read would be caught here.
#[test]
fn each_version_merges_every_line_once_and_whole_and_in_order() {
    let facts = facts(PROGRAM, &["--lines", "5", "--pause", "40ms"]);
    for version in ["threads", "spawn_blocking", "tasks"] {
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
    for version in ["threads", "spawn_blocking", "tasks"] {
        assert_eq!(facts[format!("{version}.merged")], 100_000);
        for fact in ["missing", "repeated", "torn", "out_of_order"] {
            assert_eq!(facts[format!("{version}.{fact}")], 0, "{version}.{fact}");
        }
    }
}

/// What a program has left in the temporary directory, nobody else removes.
#[test]
fn a_signal_leaves_no_temporary_files_behind() {
    let temporary = TempDir::new().unwrap();
    for signal in [Signal::INT, Signal::TERM] {
        let story = Running::start(
            Command::new(PROGRAM).args(["--pause", "1h"]).env("TMPDIR", temporary.path()),
        );
        eventually("the story creates its directory", || {
            fs::read_dir(temporary.path())
                .unwrap()
                .find_map(|entry| fs::metadata(entry.unwrap().path().join("threads/merged")).ok())
        });
        story.signal(signal);
        assert_eq!(story.wait().status.signal(), Some(signal.as_raw()));
        assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0);
    }
}

#[test]
fn bad_values_are_refused() {
    for flags in [
        &["--writers", "0"][..],
        &["--writers", "-1"],
        &["--writers", "1000000"],
        &["--lines", "many"],
        &["--pause", "5 parsecs"],
        &["--pause", "1000y"],
        &["--poll", "0ms"],
        &["--seed", "-1"],
        &["--no-such-flag"],
    ] {
        assert_wrong_usage(PROGRAM, flags, flags[0]);
    }
}

/// A directory with logs that a test writes and a program follows.
struct Logs {
    dir: TempDir,
}

impl Logs {
    fn new(texts: &[(&str, &str)]) -> Self {
        let logs = Self { dir: TempDir::new().unwrap() };
        for (name, text) in texts {
            fs::write(logs.path(name), text).unwrap();
        }
        logs
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn append(&self, name: &str, text: &str) {
        let mut file = File::options().append(true).open(self.path(name)).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    fn follow(&self, names: &[&str]) -> Running {
        Running::start(
            Command::new(PROGRAM)
                .arg("follow")
                .args(names)
                .args(["--out", "merged", "--poll", "5ms"])
                .current_dir(self.dir.path()),
        )
    }

    fn wait_for(&self, merged: &str) {
        eventually(merged, || (self.merged() == merged).then_some(()));
    }

    fn merged(&self) -> String {
        fs::read_to_string(self.path("merged")).unwrap_or_default()
    }
}

/// Ends a program that follows, and returns what it said on stderr.
fn end(following: Running, signal: Signal) -> String {
    following.signal(signal);
    let Output { status, stderr, .. } = following.wait();
    assert_eq!(status.code(), Some(0));
    String::from_utf8(stderr).unwrap()
}

#[test]
fn a_line_is_merged_when_its_newline_is_there_and_not_before() {
    let logs = Logs::new(&[("a", "a1\na"), ("b", "")]);
    let following = logs.follow(&["a", "b"]);
    logs.wait_for("a1\n");
    logs.append("b", "b1\nb2\n");
    logs.wait_for("a1\nb1\nb2\n");
    logs.append("a", "2\n");
    logs.wait_for("a1\nb1\nb2\na2\n");
    assert_eq!(end(following, Signal::TERM), "");
}

#[test]
fn a_truncated_and_a_replaced_file_are_told_and_read_from_their_start() {
    let logs = Logs::new(&[("a", "a1\nand so on"), ("b", "b1\n")]);
    let following = logs.follow(&["a", "b"]);
    eventually("both are read", || (logs.merged().len() == 6).then_some(()));
    fs::write(logs.path("a"), "new\n").unwrap();
    eventually("the cut file is read", || logs.merged().ends_with("new\n").then_some(()));
    fs::rename(logs.path("b"), logs.path("b.1")).unwrap();
    fs::write(logs.path("b"), "rotated\n").unwrap();
    eventually("the new file is read", || logs.merged().ends_with("rotated\n").then_some(()));
    let told = end(following, Signal::INT);
    let expected = "\
a was truncated, reading from its start; 9 bytes of an unfinished line are dropped
b was replaced, reading from its start
";
    assert_eq!(told, expected);
}

/// What was written before the signal is merged, as far as it is whole.
#[test]
fn at_the_end_whole_lines_are_merged_and_half_ones_left_out() {
    for signal in [Signal::HUP, Signal::INT, Signal::TERM] {
        let logs = Logs::new(&[("a", "first\n")]);
        let following = logs.follow(&["a"]);
        logs.wait_for("first\n");
        let many = "one of many\n".repeat(50_000);
        logs.append("a", &format!("{many}half a li"));
        let told = end(following, signal);
        assert!(logs.merged() == format!("first\n{many}"), "{} bytes", logs.merged().len());
        assert_eq!(told, "a ends without a newline, its last 9 bytes are left out\n");
    }
}

fn assert_fails(logs: &Logs, names: &[&str], expected: &str) {
    let Output { status, stderr, .. } = logs.follow(names).wait();
    assert_eq!(status.code(), Some(1));
    assert_eq!(String::from_utf8(stderr).unwrap(), format!("error: {expected}\n"));
}

/// Emptying the output first, as programs do, would destroy the log.
#[test]
fn a_file_is_not_merged_into_itself() {
    let logs = Logs::new(&[("merged", "precious\n")]);
    assert_fails(&logs, &["merged"], "cannot merge merged into itself");
    std::os::unix::fs::symlink(logs.path("merged"), logs.path("link")).unwrap();
    assert_fails(&logs, &["link"], "cannot merge link into itself");
    assert_eq!(logs.merged(), "precious\n");
}

#[test]
fn what_cannot_be_followed_is_named() {
    let logs = Logs::new(&[("a", "")]);
    assert_fails(&logs, &["gone"], "cannot follow gone: No such file or directory (os error 2)");
    assert_fails(&logs, &["a", "./a"], "cannot follow ./a twice");
    assert_fails(&logs, &["a", "."], "cannot follow .: it is not a regular file");
    assert!(Path::new("/dev/zero").exists());
    assert_fails(&logs, &["/dev/zero"], "cannot follow /dev/zero: it is not a regular file");
}

#[test]
fn a_full_disk_is_one_line_and_the_end() {
    let logs = Logs::new(&[("a", "a1\n")]);
    let output = Command::new(PROGRAM)
        .args(["follow", "a", "--out", "/dev/full"])
        .current_dir(logs.dir.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!(complaint, "error: cannot write /dev/full: No space left on device (os error 28)\n");
}
