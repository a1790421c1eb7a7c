//! The command `follow`, with logs that grow, are cut and replaced, and outputs that stall.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{Read as _, Write as _, pipe};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rustix::process::{Signal, WaitId, WaitIdOptions, waitid};
use tempfile::TempDir;
use testing::{Running, assert_refused, eventually};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item62-mix");

/// A directory with logs that a test writes and a program follows.
struct Logs {
    dir: TempDir,
}

impl Logs {
    fn new(texts: &[(&str, &str)]) -> Self {
        let logs = Self { dir: TempDir::new().unwrap() };
        for (name, text) in texts {
            logs.write(name, text);
        }
        logs
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// The file, as a writer holds it open.
    fn writer(&self, name: &str) -> File {
        File::options().append(true).open(self.path(name)).unwrap()
    }

    fn append(&self, name: &str, text: &str) {
        self.writer(name).write_all(text.as_bytes()).unwrap();
    }

    fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).unwrap();
    }

    fn command(&self, names: &[impl AsRef<OsStr>], out: &str) -> Command {
        let mut command = Command::new(PROGRAM);
        command.arg("follow").args(names).args(["--out", out]);
        command.current_dir(self.dir.path());
        command
    }

    fn follow(&self, names: &[&str]) -> Running {
        Running::start(self.command(names, "merged").args(["--poll", "5ms"]))
    }

    fn wait_for(&self, merged: &str) {
        eventually(merged, || (self.merged() == merged).then_some(()));
    }

    fn merged(&self) -> String {
        fs::read_to_string(self.path("merged")).unwrap_or_default()
    }
}

/// Ends a program that follows, and returns what it said on stderr.
#[track_caller]
fn end(following: Running, signal: Signal) -> String {
    following.signal(signal);
    let Output { status, stderr, .. } = following.wait();
    let told = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(0), "{told}");
    told
}

/// Does `work` between two looks of the program, however short its waits are.
fn between_two_looks(following: &Running, work: impl FnOnce()) {
    following.signal(Signal::STOP);
    let stopped = WaitIdOptions::STOPPED | WaitIdOptions::NOWAIT;
    waitid(WaitId::Pid(following.pid()), stopped).unwrap();
    work();
    following.signal(Signal::CONT);
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

mod rotation {
    use super::*;

    /// `mv a a.1`, and a new `a`.
    #[test]
    fn a_replaced_file_is_told_and_read_from_its_start() {
        let logs = Logs::new(&[("a", "a1\n")]);
        let following = logs.follow(&["a"]);
        logs.wait_for("a1\n");
        logs.rename("a", "a.1");
        logs.write("a", "a2\n");
        logs.wait_for("a1\na2\n");
        assert_eq!(end(following, Signal::INT), "a was replaced, reading from its start\n");
    }

    /// Nobody has looked since it was replaced.
    #[test]
    fn a_file_replaced_just_before_the_signal_is_read() {
        let logs = Logs::new(&[("a", "a1\n")]);
        let following = Running::start(logs.command(&["a"], "merged").args(["--poll", "1s"]));
        logs.wait_for("a1\n");
        between_two_looks(&following, || {
            logs.append("a", "a2\n");
            logs.rename("a", "a.1");
            logs.write("a", "b1\nb2\n");
            following.signal(Signal::TERM);
        });
        assert_eq!(following.wait().status.code(), Some(0));
        assert_eq!(logs.merged(), "a1\na2\nb1\nb2\n");
    }

    /// As logrotate's `create` lets it. The lines of the old file come before those of the new one,
    /// in whatever rhythm the program looks.
    #[test]
    fn a_writer_that_goes_on_with_the_old_file_loses_nothing() {
        let logs = Logs::new(&[("a", "a1\n")]);
        let following = logs.follow(&["a"]);
        logs.wait_for("a1\n");
        let mut old = logs.writer("a");
        logs.rename("a", "a.1");
        logs.write("a", "");
        logs.append("a", "of another writer\n");
        logs.wait_for("a1\nof another writer\n");
        let mut expected = logs.merged();
        for n in 0..100 {
            let line = format!("old {n}\n");
            expected += &line;
            old.write_all(line.as_bytes()).unwrap();
        }
        logs.append("a", "reopened\n");
        expected += "reopened\n";
        logs.wait_for(&expected);
        assert_eq!(end(following, Signal::TERM), "a was replaced, reading from its start\n");
    }

    /// Its half line may have an end yet.
    #[test]
    fn a_line_begun_before_the_rotation_is_merged_when_it_is_whole() {
        let logs = Logs::new(&[("a", "a1\nbeg")]);
        let following = logs.follow(&["a"]);
        logs.wait_for("a1\n");
        let mut old = logs.writer("a");
        logs.rename("a", "a.1");
        logs.write("a", "a2\n");
        logs.wait_for("a1\na2\n");
        old.write_all(b"un and ended\nnever en").unwrap();
        logs.wait_for("a1\na2\nbegun and ended\n");
        let told = end(following, Signal::TERM);
        assert!(told.ends_with("\na ends without a newline, its last 8 bytes are left out\n"));
    }

    #[test]
    fn a_file_that_is_deleted_and_made_again_keeps_every_line_once() {
        let logs = Logs::new(&[("a", "a1\n")]);
        let following = logs.follow(&["a"]);
        logs.wait_for("a1\n");
        logs.append("a", "a2\n");
        fs::remove_file(logs.path("a")).unwrap();
        logs.wait_for("a1\na2\n");
        logs.write("a", "a3\n");
        logs.wait_for("a1\na2\na3\n");
        assert_eq!(end(following, Signal::TERM), "a was replaced, reading from its start\n");
    }

    #[test]
    fn a_file_that_is_renamed_and_renamed_back_keeps_every_line_once() {
        let logs = Logs::new(&[("a", "a1\n")]);
        let following = logs.follow(&["a"]);
        logs.wait_for("a1\n");
        logs.rename("a", "elsewhere");
        logs.append("elsewhere", "a2\n");
        logs.wait_for("a1\na2\n");
        logs.rename("elsewhere", "a");
        logs.append("a", "a3\n");
        logs.wait_for("a1\na2\na3\n");
        assert_eq!(end(following, Signal::TERM), "");
    }

    /// `follow a*`: what was `a` is `a.1` now. It is the same file, and read on, not once more.
    #[test]
    fn a_file_that_moves_on_to_another_followed_name_keeps_every_line_once() {
        let logs = Logs::new(&[("a", "a1\n"), ("a.1", "a0\n")]);
        let following = logs.follow(&["a.1", "a"]);
        logs.wait_for("a0\na1\n");
        between_two_looks(&following, || {
            logs.rename("a.1", "a.2");
            logs.rename("a", "a.1");
            logs.write("a", "a3\n");
            logs.append("a.1", "a2\n");
        });
        logs.wait_for("a0\na1\na2\na3\n");
        between_two_looks(&following, || {
            logs.rename("a", "t");
            logs.rename("a.1", "a");
            logs.rename("t", "a.1");
            logs.append("a.1", "a4\n");
        });
        logs.wait_for("a0\na1\na2\na3\na4\n");
        assert_eq!(end(following, Signal::TERM), "a was replaced, reading from its start\n");
    }

    /// Rotated again while the first one's writer has not reopened.
    #[test]
    fn of_many_rotations_no_line_is_lost_and_their_order_is_kept() {
        let mut expected = String::from("first\n");
        let logs = Logs::new(&[("a", &expected)]);
        let following = logs.follow(&["a"]);
        logs.wait_for(&expected);
        for rotation in 0..10 {
            let mut old = logs.writer("a");
            logs.rename("a", &format!("a.{rotation}"));
            logs.write("a", "");
            for line in ["before", "after"] {
                let line = format!("{rotation} {line}\n");
                old.write_all(line.as_bytes()).unwrap();
                expected += &line;
            }
            let line = format!("{rotation} new\n");
            logs.append("a", &line);
            expected += &line;
            logs.wait_for(&expected);
        }
        assert_eq!(end(following, Signal::TERM).lines().count(), 10);
    }

    /// Such as one that only its owner may read yet. The others go on, and it is tried again.
    #[test]
    fn a_replacement_that_cannot_be_read_is_told_once_and_does_not_end_the_others() {
        let logs = Logs::new(&[("a", "a1\n"), ("b", "")]);
        let following = logs.follow(&["a", "b"]);
        logs.wait_for("a1\n");
        fs::remove_file(logs.path("a")).unwrap();
        fs::create_dir(logs.path("a")).unwrap();
        logs.append("b", "b1\n");
        logs.wait_for("a1\nb1\n");
        logs.append("b", "b2\n");
        logs.wait_for("a1\nb1\nb2\n");
        fs::remove_dir(logs.path("a")).unwrap();
        logs.write("a", "a2\n");
        logs.wait_for("a1\nb1\nb2\na2\n");
        let told = end(following, Signal::TERM);
        let expected = "\
cannot follow a: it is not a regular file
a was replaced, reading from its start
";
        assert_eq!(told, expected);
    }

    #[test]
    fn a_file_that_cannot_be_read_at_the_end_makes_it_a_failure() {
        let logs = Logs::new(&[("a", "a1\n")]);
        let following = logs.follow(&["a"]);
        logs.wait_for("a1\n");
        fs::remove_file(logs.path("a")).unwrap();
        fs::create_dir(logs.path("a")).unwrap();
        following.signal(Signal::TERM);
        let output = following.wait();
        assert_eq!(output.status.code(), Some(1));
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.ends_with("error: cannot follow a: it is not a regular file\n"), "{told}");
    }
}

/// A file that is cut, as by `> a` or by logrotate's `copytruncate`, perhaps filled again before
/// anybody has looked.
mod cut {
    use super::*;

    const CUT: &str = "a was truncated, reading from its start";

    /// Follows a file that holds `before`, of which `dropped` bytes are no line yet, and becomes
    /// `after` between two looks.
    fn refill(before: &str, dropped: usize, after: &str) {
        let logs = Logs::new(&[("a", before), ("b", "")]);
        let following = logs.follow(&["a", "b"]);
        let whole = &before[..before.len() - dropped];
        logs.wait_for(whole);
        // All of `a` has been looked at when what came later has been merged.
        logs.append("b", "b1\n");
        logs.wait_for(&format!("{whole}b1\n"));
        between_two_looks(&following, || logs.write("a", after));
        logs.wait_for(&format!("{whole}b1\n{after}"));
        let told = end(following, Signal::TERM);
        if dropped == 0 {
            assert_eq!(told, format!("{CUT}\n"));
        } else {
            let dropped = format!("{dropped} bytes of an unfinished line are dropped");
            assert_eq!(told, format!("{CUT}; {dropped}\n"));
        }
    }

    #[test]
    fn one_that_is_shorter_than_before_is_read_from_its_start() {
        refill("a1\nand so on", 9, "new\n");
    }

    #[test]
    fn one_that_is_longer_than_before_is_noticed_and_no_line_is_torn() {
        refill("a1\na2\nand so on", 9, "new 1\nnew 2\nnew 3\nnew 4\n");
    }

    #[test]
    fn one_that_is_as_long_as_before_is_noticed() {
        refill("a1\na2\n", 0, "b1\nb2\n");
    }

    #[test]
    fn what_is_compared_is_more_than_the_last_line() {
        let same = "the same line\n".repeat(20);
        refill(&format!("a1\n{same}"), 0, &format!("b1\n{same}and more\n"));
    }

    #[test]
    fn it_is_noticed_at_the_end_as_well() {
        let logs = Logs::new(&[("a", "a1\nand so on")]);
        let following = logs.follow(&["a"]);
        logs.wait_for("a1\n");
        between_two_looks(&following, || {
            logs.write("a", "new 1\nnew 2\nnew 3\n");
            following.signal(Signal::TERM);
        });
        assert_eq!(following.wait().status.code(), Some(0));
        assert_eq!(logs.merged(), "a1\nnew 1\nnew 2\nnew 3\n");
    }
}

#[test]
fn a_line_that_is_too_long_is_left_out_and_the_next_one_is_not() {
    let logs = Logs::new(&[("a", "a1\n"), ("b", "b1\n")]);
    let following = logs.follow(&["a", "b"]);
    logs.wait_for("a1\nb1\n");
    let piece = "x".repeat(1 << 20);
    for _ in 0..17 {
        logs.append("a", &piece);
    }
    logs.append("b", "b2\n");
    logs.wait_for("a1\nb1\nb2\n");
    logs.append("a", "the end of it\na2\n");
    logs.wait_for("a1\nb1\nb2\na2\n");
    assert_eq!(end(following, Signal::TERM), "a line of a is longer than 16 MiB and left out\n");
}

#[track_caller]
fn assert_fails(logs: &Logs, names: &[&str], expected: &str) {
    let Output { status, stderr, .. } = logs.follow(names).wait();
    assert_eq!(String::from_utf8(stderr).unwrap(), format!("error: {expected}\n"));
    assert_eq!(status.code(), Some(1));
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
fn what_cannot_be_followed_is_named_and_the_output_is_left_as_it_was() {
    let logs = Logs::new(&[("a", ""), ("merged", "precious\n")]);
    Command::new("mkfifo").arg(logs.path("pipe")).status().unwrap();
    assert_fails(&logs, &["gone"], "cannot follow gone: No such file or directory (os error 2)");
    assert_fails(&logs, &["a", "./a"], "cannot follow ./a twice");
    for name in [".", "pipe", "/dev/zero"] {
        let expected = format!("cannot follow {name}: it is not a regular file");
        assert_fails(&logs, &["a", name], &expected);
    }
    assert_eq!(logs.merged(), "precious\n");
}

/// Whatever the limit, it follows, or says in a line why it can't.
#[test]
fn few_file_descriptors_are_one_line_or_enough() {
    let logs = Logs::new(&[("a", "a1\n"), ("b", "b1\n")]);
    for descriptors in 4..12 {
        logs.write("merged", "precious\n");
        // Whoever runs the tests may leave files open, and these would count.
        let close = "exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-";
        let run = "exec \"$0\" follow a b --out merged";
        let script = format!("{close}; ulimit -n {descriptors} && {run}");
        let mut command = Command::new("sh");
        let limited = command.args(["-c", &script, PROGRAM]).current_dir(logs.dir.path());
        let following = Running::start(limited);
        let is_over = |pid| {
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
            waitid(WaitId::Pid(pid), options).unwrap().is_some()
        };
        eventually("it follows or ends", || {
            (logs.merged() == "a1\nb1\n" || is_over(following.pid())).then_some(())
        });
        if is_over(following.pid()) {
            assert_refused(&following.wait(), 1, "Too many open files");
            assert_eq!(logs.merged(), "precious\n");
        } else {
            assert_eq!(end(following, Signal::TERM), "");
        }
    }
}

mod outputs {
    use std::thread;
    use std::time::Duration;

    use common::children::spawn;
    use item62_mix::follow::output::has_room;
    use rustix::fs::{OFlags, fcntl_setfl};
    use rustix::process::kill_process;

    use super::*;

    const MANY: usize = 100_000;

    fn many() -> Logs {
        Logs::new(&[("a", &"one of many lines\n".repeat(MANY))])
    }

    #[test]
    fn a_reader_that_has_seen_enough_is_no_failure() {
        let logs = many();
        let script = "\"$0\" follow a --out /dev/stdout | head -n 1";
        let output = Command::new("sh")
            .args(["-c", script, PROGRAM])
            .current_dir(logs.dir.path())
            .output()
            .unwrap();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
        assert_eq!(output.stdout, b"one of many lines\n");
    }

    /// The program that writes to a named pipe, and the end from which the test may read.
    fn follow_into_a_pipe(logs: &Logs) -> (Running, File) {
        let pipe = logs.path("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let following = Running::start(&mut logs.command(&["a"], "pipe"));
        let reader = File::open(&pipe).unwrap();
        (following, reader)
    }

    fn wait_until_it_is_full(pipe: &Path) {
        let writer = File::options().write(true).open(pipe).unwrap();
        let is_full = || (!has_room(&writer, Duration::ZERO).unwrap()).then_some(());
        eventually("the pipe is full", is_full);
    }

    /// Whoever reads on later finds no torn line.
    #[test]
    fn a_reader_that_has_stalled_does_not_hold_up_the_end() {
        for signal in [Signal::HUP, Signal::INT, Signal::TERM] {
            let logs = many();
            let (following, mut reader) = follow_into_a_pipe(&logs);
            wait_until_it_is_full(&logs.path("pipe"));
            following.signal(signal);
            assert_refused(&following.wait(), 1, "cannot write pipe: its reader does not read");
            let mut read = String::new();
            reader.read_to_string(&mut read).unwrap();
            assert!(!read.is_empty() && read.lines().all(|line| line == "one of many lines"));
            assert!(read.ends_with('\n'));
        }
    }

    /// It reads when the signal comes, and goes on.
    #[test]
    fn a_slow_reader_gets_every_line() {
        let logs = many();
        let (following, mut reader) = follow_into_a_pipe(&logs);
        wait_until_it_is_full(&logs.path("pipe"));
        let mut read = vec![0; 1 << 10];
        reader.read_exact(&mut read).unwrap();
        let rest = thread::spawn(move || {
            let mut rest = Vec::new();
            reader.read_to_end(&mut rest).map(|_| rest)
        });
        assert_eq!(end(following, Signal::TERM), "");
        read.extend(rest.join().unwrap().unwrap());
        assert!(read == fs::read(logs.path("a")).unwrap(), "{} bytes", read.len());
    }

    /// What has happened to a file is told on stderr, and nobody reads that.
    #[test]
    fn news_that_nobody_reads_do_not_hold_up_the_end() {
        let logs = Logs::new(&[("a", "a1\n")]);
        let (_reader, mut stderr) = pipe().unwrap();
        fcntl_setfl(&stderr, OFlags::NONBLOCK).unwrap();
        while stderr.write(b" ").is_ok() {}
        fcntl_setfl(&stderr, OFlags::empty()).unwrap();
        let mut command = logs.command(&["a"], "merged");
        let mut child = spawn(command.args(["--poll", "5ms"]).stderr(stderr)).unwrap();
        logs.wait_for("a1\n");
        logs.rename("a", "a.1");
        logs.write("a", "a2\n");
        kill_process(child.pid(), Signal::TERM).unwrap();
        let status = eventually("its end", || child.try_wait().unwrap());
        assert_eq!(status.code(), Some(0));
        assert_eq!(logs.merged(), "a1\na2\n");
    }

    /// It waits in the call that opens the pipe.
    #[test]
    fn a_pipe_that_nobody_opens_does_not_hold_up_the_end() {
        let logs = many();
        assert!(Command::new("mkfifo").arg(logs.path("pipe")).status().unwrap().success());
        let following = Running::start(&mut logs.command(&["a"], "pipe"));
        following.signal(Signal::TERM);
        assert_eq!(following.wait().status.signal(), Some(Signal::TERM.as_raw()));
    }
}

/// What only Linux has or tells.
#[cfg(target_os = "linux")]
mod on_linux {
    use std::thread::sleep;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_full_disk_is_one_line_and_the_end() {
        let logs = Logs::new(&[("a", "a1\n")]);
        let output = logs.command(&["a"], "/dev/full").output().unwrap();
        let words = "error: cannot write /dev/full: No space left on device (os error 28)\n";
        assert_refused(&output, 1, words);
    }

    /// They say that they are regular files, and hold something at a length of 0 bytes.
    #[test]
    fn files_of_proc_are_refused() {
        let logs = Logs::new(&[("a", ""), ("merged", "precious\n")]);
        for name in ["/proc/stat", "/proc/self/status"] {
            let expected = format!("cannot follow {name}: it is not a regular file");
            assert_fails(&logs, &["a", name], &expected);
        }
        assert_eq!(logs.merged(), "precious\n");
    }

    /// The processor time that a process has used, in ticks of 10 ms: `man proc_pid_stat`.
    fn ticks(pid: i32) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        let after_the_name = stat.rsplit(')').next().unwrap();
        let fields: Vec<&str> = after_the_name.split_whitespace().collect();
        fields[11..13].iter().map(|field| field.parse::<u64>().unwrap()).sum()
    }

    #[test]
    fn two_hundred_idle_files_take_two_threads_and_next_to_no_processor_time() {
        let names: Vec<String> = (0..200).map(|n| format!("{n}.log")).collect();
        let texts: Vec<_> = names.iter().map(|name| (&**name, "a line\n")).collect();
        let logs = Logs::new(&texts);
        let following = Running::start(logs.command(&names, "merged").args(["--poll", "1ms"]));
        logs.wait_for(&"a line\n".repeat(200));
        let pid = following.pid().as_raw_pid();
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        assert!(status.contains("\nThreads:\t2\n"), "{status}");
        let before = ticks(pid);
        // Not a wait for something, but the time over which it is measured.
        sleep(Duration::from_secs(3));
        let used = ticks(pid) - before;
        assert!(used <= 6, "{used} of 300 ticks");
        assert_eq!(end(following, Signal::TERM), "");
    }
}
