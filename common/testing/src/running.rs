//! A program that runs beside a test, the end of it, and the wait for what it does.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde_json::Value;

use common::children::{Child, spawn};
use common::ending;

/// Lets the programs that a test starts heed the signals that ask for an end, also under a runner that
/// ignores some: `nohup` has it ignore SIGHUP, and a script that starts it with `&` SIGINT and SIGQUIT.
/// What is ignored is inherited by a program, what is handled is not.
pub fn heed_signals() {
    for signal in ending::SIGNALS.into_iter().filter(|signal| ending::is_ignored(*signal)) {
        signal_hook::flag::register(signal, Arc::default()).expect("it can be handled");
    }
}

/// A program that a test has started. It is not left behind when the test fails.
#[derive(Debug)]
pub struct Running {
    child: Child,
}

impl Running {
    /// Starts `command`; what it prints is kept for [`wait`](Self::wait).
    #[track_caller]
    pub fn start(command: &mut Command) -> Self {
        heed_signals();
        let child = spawn(crate::piped(command)).expect("the program starts");
        Self { child }
    }

    /// Its process id, which is that of its group as well.
    pub fn pid(&self) -> Pid {
        self.child.pid()
    }

    /// Sends it `signal`.
    #[track_caller]
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("it can be signalled");
    }

    /// Sends `signal` to its whole group, as a terminal does.
    #[track_caller]
    pub fn signal_group(&self, signal: Signal) {
        kill_process_group(self.pid(), signal).expect("it can be signalled");
    }

    /// The lines that it prints to stdout, as they come. [`wait`](Self::wait) has none of them.
    pub fn lines(&mut self) -> Receiver<String> {
        let stdout = BufReader::new(self.child.take_stdout().expect("a pipe"));
        let (sender, receiver) = mpsc::channel();
        // It ends with the program, or when nobody wants its lines any more.
        let send = move || stdout.lines().map_while(Result::ok).try_for_each(|l| sender.send(l));
        thread::spawn(send);
        receiver
    }

    /// Waits for its end, and returns all that it has printed. It should print little to stderr.
    #[track_caller]
    pub fn wait(mut self) -> Output {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        if let Some(mut out) = self.child.take_stdout() {
            out.read_to_end(&mut stdout).expect("it can be read");
        }
        let mut err = self.child.take_stderr().expect("a pipe");
        err.read_to_end(&mut stderr).expect("it can be read");
        Output { status: self.child.wait().expect("it ends"), stdout, stderr }
    }
}

/// Waits until `found` finds something; far longer than it can take on a busy machine.
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

/// The facts and figures that `program` reports, as `step.name`.
#[track_caller]
pub fn facts(program: impl AsRef<OsStr>, flags: &[&str]) -> Value {
    let output = Command::new(program).arg("--json").args(flags).output();
    let report = crate::report(&output.expect("the program starts"));
    let entries = report.steps.iter().flat_map(|step| {
        let entries = step.entries();
        entries.map(|(_, name, value)| (format!("{}.{name}", step.name), value.clone()))
    });
    entries.collect()
}
