//! A program that runs beside a test, the end of it, and the wait for what it does.

use std::ffi::OsStr;
use std::process::{Child, Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// A program that a test has started. It is not left behind when the test fails.
#[derive(Debug)]
pub struct Running {
    child: Option<Child>,
}

impl Running {
    /// Starts `command`; what it prints is kept for [`wait`](Self::wait).
    ///
    /// # Panics
    ///
    /// Panics when it can't be started.
    #[track_caller]
    pub fn start(command: &mut Command) -> Self {
        let child = super::piped(command).spawn().expect("the program starts");
        Self { child: Some(child) }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child().id()
    }

    /// Sends it `signal`.
    ///
    /// # Panics
    ///
    /// Panics when the system refuses to.
    #[track_caller]
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(self.child()), signal).expect("it can be signalled");
    }

    /// Waits for its end, and returns all that it has printed.
    ///
    /// # Panics
    ///
    /// Panics when that can't be read.
    #[track_caller]
    pub fn wait(mut self) -> Output {
        let child = self.child.take().expect(THERE);
        child.wait_with_output().expect("it ends")
    }

    fn child(&self) -> &Child {
        self.child.as_ref().expect(THERE)
    }
}

/// Only [`Running::wait`] takes the child, and the program with it.
const THERE: &str = "it has not been waited for";

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("it can be ended");
            child.wait().expect("it ends");
        }
    }
}

/// Waits until `found` finds something; far longer than it can take on a busy machine.
///
/// # Panics
///
/// Panics when that was `what`, in vain.
#[track_caller]
pub fn eventually<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(value) = found() {
            return value;
        }
        assert!(Instant::now() < deadline, "in vain: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// The facts that `program` reports.
///
/// # Panics
///
/// Panics when it fails or prints no report.
#[track_caller]
pub fn facts(program: impl AsRef<OsStr>, flags: &[&str]) -> Value {
    let output = Command::new(program).arg("--json").args(flags).output();
    let report = super::report(&output.expect("the program starts"));
    report.facts.into_iter().collect()
}
