//! What the program does to a reader's file where something is in its way: a full disk, an end by a signal,
//! a checkout that nobody may write, changes of the reader's own, no git. In a small workspace of one item.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rustix::process::Signal;
use tempfile::TempDir;
use testing::{assert_refused, heed_signals, run_limited};

const NAME: &str = "53-calls";
const YOURS: &str = "fn at_once() -> u32 {\n    2\n}\n";
/// No regular file can be written: a write that goes beyond the limit fails, and a signal tells of that,
/// which ends a program that does not ignore it (setrlimit(2), `RLIMIT_FSIZE`).
const FULL: &str = "trap '' XFSZ && ulimit -f 0";
/// A file of more than a block can't be written.
const NEARLY_FULL: &str = "trap '' XFSZ && ulimit -f 1";
const KILLED: &str = "ulimit -c 0 && ulimit -f 0";

struct Small {
    folder: TempDir,
    file: PathBuf,
    original: String,
}

impl Small {
    fn make() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let item = folder.path().join("item53-blocking-io");
        let file = item.join("src/calls.rs");
        let original = format!("fn at_once() -> u32 {{\n    1\n}}\n{}", "// Long.\n".repeat(200));
        fs::create_dir_all(item.join("src")).unwrap();
        let package = "[package]\nname = \"item53-blocking-io\"\nedition = \"2024\"\n";
        let workspace = "[workspace]\nmembers = [\"item53-blocking-io\"]\nresolver = \"3\"\n";
        fs::write(folder.path().join("Cargo.toml"), workspace).unwrap();
        fs::write(item.join("Cargo.toml"), package).unwrap();
        fs::write(item.join("src/lib.rs"), "mod calls;\n").unwrap();
        fs::write(&file, &original).unwrap();
        Self { folder, file, original }
    }

    /// The same, begun, and with this in the file.
    fn begun(yours: &str) -> Self {
        let small = Self::make();
        small.succeeds(&[NAME]);
        fs::write(&small.file, yours).unwrap();
        small
    }

    fn run(&self, limit: &str, arguments: &[&str]) -> Output {
        let limit = format!("cd '{}' && {limit}", self.folder.path().display());
        run_limited(&limit, env!("CARGO_BIN_EXE_exercise"), arguments)
    }

    #[track_caller]
    fn succeeds(&self, arguments: &[&str]) -> String {
        let output = self.run("true", arguments);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn current(&self) -> String {
        fs::read_to_string(&self.file).unwrap()
    }

    /// To undo it brings the original back, and this is kept.
    #[track_caller]
    fn is_undone(&self, yours: &str) {
        self.succeeds(&[NAME, "--undo"]);
        assert_eq!(self.current(), self.original);
        let kept = fs::read_dir(self.folder.path().join(".exercise").join(NAME)).unwrap().flatten();
        let mut kept = kept.map(|entry| fs::read_to_string(entry.path()).unwrap());
        assert!(kept.any(|text| text == yours));
    }

    fn git(&self, arguments: &[&str]) -> String {
        let who = ["-c", "user.name=a", "-c", "user.email=a@b"];
        let mut git = Command::new("git");
        let output = git.current_dir(self.folder.path()).args(who).args(arguments).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }
}

#[test]
fn on_a_full_disk_each_command_fails_and_leaves_the_file_as_it_is() {
    let small = Small::make();
    assert_refused(&small.run(FULL, &[NAME]), 1, "cannot write");
    assert_eq!(small.current(), small.original);
    small.succeeds(&[NAME]);
    for yours in [YOURS, &YOURS.repeat(100)] {
        fs::write(&small.file, yours).unwrap();
        // Of what is short, a copy is kept; then the original can't be put back.
        for limit in [FULL, NEARLY_FULL] {
            for command in ["--undo", "--reset"] {
                assert_refused(&small.run(limit, &[NAME, command]), 1, "cannot write");
                assert_eq!(small.current(), yours);
            }
        }
    }
    small.is_undone(&YOURS.repeat(100));
}

#[test]
fn a_command_that_a_signal_ends_leaves_the_file_as_it_is_and_can_be_repeated() {
    heed_signals();
    let is_killed = |small: &Small, arguments: &[&str]| {
        let before = small.current();
        let output = small.run(KILLED, arguments);
        assert_eq!(output.status.signal(), Some(Signal::XFSZ.as_raw()), "{output:?}");
        assert_eq!(small.current(), before);
    };
    let small = Small::make();
    is_killed(&small, &[NAME]);
    small.succeeds(&[NAME]);
    fs::write(&small.file, YOURS).unwrap();
    is_killed(&small, &[NAME, "--undo"]);
    is_killed(&small, &[NAME, "--reset"]);
    small.is_undone(YOURS);
}

#[test]
fn a_file_that_may_not_be_written_stays_and_so_does_one_in_such_a_folder() {
    let refused = |small: &Small, arguments: &[&str]| {
        let before = small.current();
        assert_refused(&small.run("true", arguments), 1, "cannot write");
        assert_eq!(small.current(), before);
    };
    let small = Small::begun(YOURS);
    let mode = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    mode(&small.file, 0o444);
    refused(&small, &[NAME, "--undo"]);
    refused(&small, &[NAME, "--reset"]);
    mode(&small.file, 0o644);
    small.is_undone(YOURS);
    mode(&small.file, 0o444);
    refused(&small, &[NAME]);
    mode(&small.file, 0o644);

    let small = Small::begun(YOURS);
    let folder = small.file.parent().unwrap();
    mode(folder, 0o555);
    // Who is root may write everywhere.
    if fs::write(folder.join("probe"), "").is_err() {
        refused(&small, &[NAME, "--undo"]);
        refused(&small, &[NAME, "--reset"]);
    }
    mode(folder, 0o755);
    small.is_undone(YOURS);
}

#[test]
fn beside_changes_of_the_readers_own_only_the_file_of_the_exercise_changes() {
    if Command::new("git").arg("--version").output().is_err() {
        return println!("skipped: there is no git");
    }
    let small = Small::make();
    small.git(&["init", "-q"]);
    fs::write(small.folder.path().join(".gitignore"), ".exercise\n").unwrap();
    small.git(&["add", "."]);
    small.git(&["commit", "-qm", "All"]);
    for is_staged in [false, true] {
        fs::write(&small.file, YOURS).unwrap();
        if is_staged {
            small.git(&["add", "."]);
        }
        for arguments in [&[NAME][..], &[NAME, "--reset"]] {
            assert_refused(&small.run("true", arguments), 1, "changes of your own");
        }
        assert!(small.succeeds(&[NAME, "--undo"]).contains("nothing to undo"));
        assert_eq!(small.current(), YOURS);
    }
    small.git(&["reset", "-q", "--hard"]);
    let other = small.file.with_file_name("lib.rs");
    fs::write(&other, "mod calls; // Mine.\n").unwrap();
    let before = small.git(&["status", "--porcelain"]);
    small.succeeds(&[NAME]);
    fs::write(&small.file, YOURS).unwrap();
    small.is_undone(YOURS);
    assert_eq!(small.git(&["status", "--porcelain"]), before);
    assert_eq!(fs::read_to_string(&other).unwrap(), "mod calls; // Mine.\n");
}

#[test]
fn without_git_it_is_begun_once_and_undone_once() {
    let small = Small::make();
    let run = |arguments: &[&str]| {
        let output = small.run("PATH=/no-such-folder && export PATH", arguments);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    run(&[NAME]);
    assert!(small.current().contains("todo!("));
    fs::write(&small.file, YOURS).unwrap();
    assert!(run(&[NAME]).starts_with("It was begun before"));
    assert_eq!(small.current(), YOURS);
    assert!(run(&[NAME, "--undo"]).contains("yours is kept"));
    assert!(run(&[NAME, "--undo"]).contains("nothing to undo"));
    assert_eq!(small.current(), small.original);
    assert!(run(&[NAME, "--diff"]).contains("    2\n"));
    // What is changed after that is the reader's own.
    fs::write(&small.file, YOURS).unwrap();
    assert!(run(&[NAME, "--undo"]).contains("nothing to undo"));
    assert_eq!(small.current(), YOURS);
}
