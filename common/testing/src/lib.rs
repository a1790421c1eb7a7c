//! For tests alone: what every binary promises, as a check, and what tests of binaries share.

#[cfg(target_os = "linux")]
mod processes;
mod running;
mod terminal;

use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;

use common::report::Report;
#[cfg(target_os = "linux")]
pub use processes::{assert_ended, children_of};
pub use running::{Running, eventually, facts, heed_signals};
pub use terminal::on_terminal;

/// Runs `program` in every way that its users may, with `flags` that make it quick, and returns
/// its report. The ways run at the same time, for most programs wait most of the time.
///
/// It must print one JSON object with `--json`, and otherwise a story that fits 80 columns, has
/// no colour where there is no terminal, and is plain ASCII where the locale is not UTF-8. It must
/// help whoever asks, end quietly when its reader goes away, and refuse a full disk and an unknown
/// flag with one line.
#[track_caller]
pub fn assert_kept(program: impl AsRef<OsStr>, flags: &[&str]) -> Report {
    let program = program.as_ref();
    let command = || {
        let mut command = Command::new(program);
        command.args(flags).env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
        command
    };
    thread::scope(|scope| {
        let story = scope.spawn(|| {
            let story = succeeds(&mut command());
            assert!(!story.contains('\x1b'), "colour without a terminal:\n{story}");
            for line in story.lines() {
                assert!(line.chars().count() <= 80, "wider than 80 columns: {line:?}");
            }
            story
        });
        scope.spawn(|| {
            let ascii = succeeds(command().env("LC_ALL", "C"));
            assert!(ascii.is_ascii(), "not plain ASCII:\n{ascii}");
        });
        scope.spawn(|| {
            let help = succeeds(command().arg("--help"));
            assert!(help.contains("Usage:"), "no help:\n{help}");
            assert_wrong_usage(program, &["--no-such-flag"], "--no-such-flag");
        });
        scope.spawn(|| assert_ends_quietly(&mut command()));
        // Linux has a device that is a full disk.
        if Path::new("/dev/full").exists() {
            for flag in [None, Some("--json")] {
                scope.spawn(move || {
                    let full = File::options().write(true).open("/dev/full");
                    let full = full.expect("it can be opened");
                    let output = command().args(flag).stdout(full).output().expect("it runs");
                    assert_refused(&output, 1, "standard output");
                });
            }
        }
        let proofs = scope.spawn(|| succeeds(command().arg("--all")));
        let json = succeeds(command().arg("--json"));
        let report: Report =
            serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error} in {json}"));
        report.validate().unwrap_or_else(|error| panic!("{error}"));

        let (story, proofs) = (story.join().expect("as above"), proofs.join().expect("as above"));
        assert!(proofs.lines().count() >= story.lines().count(), "--all prints more, not less");
        report
    })
}

/// Runs `command` and leaves when it has printed a line.
#[track_caller]
fn assert_ends_quietly(command: &mut Command) {
    let mut child = piped(command).spawn().expect("the program starts");
    let mut first_line = String::new();
    let mut pipe = BufReader::with_capacity(1, child.stdout.take().expect("stdout is a pipe"));
    pipe.read_line(&mut first_line).expect("a line");
    drop(pipe);
    let mut complaint = String::new();
    let mut stderr = child.stderr.take().expect("stderr is a pipe");
    stderr.read_to_string(&mut complaint).expect("text");
    assert_eq!(complaint, "", "the end of a closed pipe is quiet");
    assert!(child.wait().expect("it ends").success(), "a closed pipe is no failure");
}

/// Runs `program` with arguments that are wrong: it must say so in one line that holds `words`,
/// print nothing else, and exit with 2.
#[track_caller]
pub fn assert_wrong_usage(program: impl AsRef<OsStr>, arguments: &[&str], words: &str) {
    let output = Command::new(program).args(arguments).output().expect("the program starts");
    assert_refused(&output, 2, words);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
}

/// Checks that a program exited with `exit_code` and one line on stderr that holds `words`.
#[track_caller]
pub fn assert_refused(output: &Output, exit_code: i32, words: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(exit_code), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "not one line: {stderr}");
    assert!(stderr.contains(words), "{words:?} is not in {stderr:?}");
}

/// Runs `program` under a limit that the shell sets first, such as `ulimit -n 16`, with no more files
/// open than the three standard streams: what the tests' own parent has left open would count, too.
#[track_caller]
pub fn run_limited(limit: &str, program: impl AsRef<OsStr>, arguments: &[&str]) -> Output {
    let close = "exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-";
    let script = format!("{close}; {limit} && exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &script]).arg(program).args(arguments).output().expect("the shell starts")
}

/// Runs `program` with few files that it may open, each time one more: it runs, or fails in one line, and
/// sixteen files are enough.
#[track_caller]
pub fn assert_sixteen_files_are_enough(program: &str, flags: &[&str]) {
    at_the_same_time(4..=16, |limit| {
        let output = run_limited(&format!("ulimit -n {limit}"), program, flags);
        if !output.status.success() {
            assert!(limit < 16, "{output:?}");
            assert_refused(&output, 1, "Too many open files");
        }
    });
}

/// Checks all `cases`, which mostly wait, at the same time.
pub fn at_the_same_time<T: Send>(
    cases: impl IntoIterator<Item = T>,
    check: impl Fn(T) + Copy + Send,
) {
    thread::scope(|scope| {
        for case in cases {
            scope.spawn(move || check(case));
        }
    });
}

/// The report of a program that ran with `--json`.
#[track_caller]
pub fn report(output: &Output) -> Report {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {stderr}", output.status);
    serde_json::from_slice(&output.stdout).expect("a report")
}

/// Whether there is no `python3` that runs the chapter's Python. A test that needs one is not
/// failed by that, but says so.
pub fn python_is_missing() -> bool {
    let is_new_enough = "import sys; sys.exit(sys.version_info < (3, 8))";
    let asked = Command::new("python3").args(["-c", is_new_enough]).output();
    let missing = !asked.is_ok_and(|asked| asked.status.success());
    if missing {
        println!("skipped: there is no python3 of version 3.8 or later");
    }
    missing
}

/// Whether there is no `openssl` command. A test that needs it is not failed by that, but says so.
pub fn openssl_is_missing() -> bool {
    let missing = Command::new("openssl").arg("version").output().is_err();
    if missing {
        println!("skipped: there is no openssl command");
    }
    missing
}

/// The words that, before a command, make it process 1 of a container. None where the system lets no process
/// make one; a test is not failed by that, but says so.
pub fn container() -> Option<[&'static str; 4]> {
    // Without --kill-child: it must end by itself.
    let container = ["unshare", "--pid", "--fork", "--mount-proc"];
    let probe = Command::new(container[0]).args(&container[1..]).arg("true").output();
    if probe.is_ok_and(|output| output.status.success()) {
        return Some(container);
    }
    println!("skipped: this system lets no process make a container");
    None
}

fn piped(command: &mut Command) -> &mut Command {
    command.stdout(Stdio::piped()).stderr(Stdio::piped())
}

#[track_caller]
fn succeeds(command: &mut Command) -> String {
    let output = piped(command).output().expect("the program starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {stderr}", output.status);
    assert_eq!(stderr, "", "a program that runs has nothing to complain about");
    String::from_utf8(output.stdout).expect("UTF-8")
}
