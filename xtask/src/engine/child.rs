//! A child process: what it prints, how it ends, and that nothing of it stays behind.

use std::io::{self, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use common::children;
use common::report::Report;
use common::unit::show_time;

use super::leftovers::Mark;
use crate::text::clean;

/// More than any report needs; a child that prints more is not believed.
const MOST_BYTES: u64 = 16 << 20;

/// How long the end of a pipe may still take once all processes that are known to hold it were killed.
const GRACE: Duration = Duration::from_secs(5);

/// Runs `command` for `limit` at most and returns how it ended and what it printed.
pub fn printed(command: &mut Command, limit: Duration) -> io::Result<Printed> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mark = Mark::put_on(command);
    let mut child = children::spawn(command)?;
    let group = child.pid();
    // Read while it runs: a child whose pipe is full would wait for ever.
    let stdout = read_aside(child.take_stdout())?;
    let stderr = read_aside(child.take_stderr())?;
    let status = child.wait_within(limit)?.ok_or(limit);
    if status.is_err() {
        child.end()?;
    }
    let found = mark.end_all_that_carry_it(group);
    let grace_ends = Instant::now() + GRACE;
    let (stdout, stderr) =
        (finish_reading(&stdout, grace_ends)?, finish_reading(&stderr, grace_ends)?);
    let held_open = stdout.is_none() || stderr.is_none();
    let (stdout, stderr) = (stdout.unwrap_or_default(), stderr.unwrap_or_default());
    Ok(Printed { status, left_behind: found || held_open, held_open, stdout, stderr })
}

/// Reads a pipe in a thread of its own, until all processes that hold the pipe have ended or closed it.
fn read_aside(
    pipe: Option<impl Read + Send + 'static>,
) -> io::Result<Receiver<io::Result<Vec<u8>>>> {
    let (sender, receiver) = mpsc::channel();
    thread::Builder::new().spawn(move || {
        let mut bytes = Vec::new();
        let read = |pipe| Read::take(pipe, MOST_BYTES + 1).read_to_end(&mut bytes);
        let read = pipe.map_or(Ok(0), read);
        // Fails if nobody waits any more.
        let _ = sender.send(read.map(|_| bytes));
    })?;
    Ok(receiver)
}

/// All that was printed, unless the pipe is still open when the grace ends. The reading thread is not
/// joined: a process that could not be found may hold the pipe open for ever.
fn finish_reading(
    receiver: &Receiver<io::Result<Vec<u8>>>,
    grace_ends: Instant,
) -> io::Result<Option<Vec<u8>>> {
    receiver.recv_timeout(grace_ends - Instant::now()).ok().transpose()
}

/// How a child ended and what it printed.
pub struct Printed {
    /// The error is the time limit that it outlived.
    pub status: Result<ExitStatus, Duration>,
    /// Whether it has left children of its own behind. They have been ended.
    pub left_behind: bool,
    /// Whether one that could not be found keeps the output open; then it is not known.
    pub held_open: bool,
    /// What it wrote to its standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to its standard error.
    pub stderr: Vec<u8>,
}

impl Printed {
    /// Whether it ended as an item does that the system has failed: with exit code 1.
    pub fn gave_up(&self) -> bool {
        self.status.is_ok_and(|status| status.code() == Some(1))
    }

    /// The report of this item that was printed, or in one line why there is none.
    pub fn report(self, item: u32) -> Result<Report, String> {
        let failed = |reason: String| {
            let stderr = String::from_utf8_lossy(&self.stderr);
            let mut lines = stderr.lines().filter(|line| !line.trim().is_empty());
            // Python tells how it came there first, and what it was last.
            let line = if stderr.contains("Traceback (most recent call last):") {
                lines.next_back()
            } else {
                lines.next()
            };
            let Some(line) = line else { return clean(&reason) };
            let mut reason = format!("{reason}: {}", line.trim());
            // Rust tells on the next lines what the panic says.
            if line.contains("panicked at") {
                let is_over = |line: &&str| {
                    ["note:", "stack backtrace:", "error:"]
                        .iter()
                        .any(|word| line.starts_with(word))
                };
                for said in lines.take_while(|line| !is_over(line)) {
                    reason.push(' ');
                    reason.push_str(said.trim());
                }
            }
            clean(&reason)
        };
        // Checked before the status: we stopped reading, so the child's SIGPIPE is our doing.
        if self.stdout.len() as u64 > MOST_BYTES {
            return Err(format!("printed more than {} MiB", MOST_BYTES >> 20));
        }
        let outlived =
            |limit| failed(format!("hung: ended after its time limit, {}", show_time(limit)));
        let status = self.status.map_err(outlived)?;
        if let Some(signal) = status.signal() {
            return Err(failed(format!("crashed by signal {signal}")));
        } else if !status.success() {
            return Err(failed(format!("{status}")));
        }
        if self.held_open {
            return Err(failed("left a process that keeps its output open".into()));
        }
        let report: Report = serde_json::from_slice(&self.stdout)
            .map_err(|error| failed(format!("printed no report: {error}")))?;
        report.validate().map_err(|error| failed(format!("printed no sound report: {error}")))?;
        if report.item != item {
            return Err(failed(format!("reported item {}, not {item}", report.item)));
        }
        Ok(report)
    }
}

#[cfg(test)]
mod tests {
    use std::process::ExitStatus;

    use super::*;

    #[test]
    fn why_there_is_no_report_is_what_a_panic_says_and_not_only_where() {
        let failed = |stderr: &str| {
            let status = Ok(ExitStatus::from_raw(1 << 8));
            let (stdout, stderr) = (Vec::new(), stderr.as_bytes().to_vec());
            let printed = Printed { status, left_behind: false, held_open: false, stdout, stderr };
            printed.report(1).unwrap_err()
        };
        let panic = "\nthread 'main' (7) panicked at src/main.rs:1:2:\nhe said\n  left: 1\n";
        let told = "exit status: 1: thread 'main' (7) panicked at src/main.rs:1:2: he said left: 1";
        assert_eq!(failed(&format!("{panic}note: run with\n")), told);
        assert_eq!(failed(&format!("{panic}error: a thread panicked\n")), told);
        assert_eq!(failed("error: it can't\nmore\n"), "exit status: 1: error: it can't");
    }
}
