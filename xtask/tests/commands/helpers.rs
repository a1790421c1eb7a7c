//! What the tests share: an item that misbehaves, what it reports, and a line to the processes that it
//! starts.

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

/// `cargo xtask` with a table of its own.
pub const XTASK: &str = env!("CARGO_BIN_EXE_own-table");
pub const MISBEHAVE: &str = env!("CARGO_BIN_EXE_misbehave");

/// What the item reports when all is well: five threads that count at the same time.
pub fn good_report() -> Value {
    let span = |thread| {
        json!({ "lane": format!("thread {thread}"), "label": "count",
                "start_us": thread, "end_us": 100 })
    };
    let spans: Vec<Value> = (0..5).map(span).collect();
    json!({ "item": 9, "title": "Use Lock", "steps": [
        { "name": "machine", "facts": { "cores": 2 } },
        { "name": "race", "facts": { "found": 367 }, "spans": spans },
        { "name": "lock", "facts": { "found": 500, "cores_seen": 2 } },
    ] })
}

/// `task` with an item that misbehaves as `how` says, and reports this.
pub fn misbehaving(task: &str, how: &str, report: &Value) -> Command {
    let mut command = Command::new(XTASK);
    command
        .args([task, "9", "--program", MISBEHAVE])
        .env("MISBEHAVE", how)
        .env("REPORT", report.to_string())
        .stdin(Stdio::null());
    command
}

#[track_caller]
pub fn run(command: &mut Command) -> Output {
    command.output().expect("it runs")
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Where the item, or a child of it, connects when it runs, and holds the connection for as long as it
/// lives.
pub struct Control(TcpListener);

impl Control {
    pub fn listen() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").expect("a free port"))
    }

    pub fn tell(&self, command: &mut Command) {
        command.env("CONTROL", self.0.local_addr().expect("bound").to_string());
    }

    /// So many processes, once they run.
    pub fn running(&self, processes: usize) -> Vec<TcpStream> {
        (0..processes).map(|_| self.0.accept().expect("a process connects").0).collect()
    }
}

#[track_caller]
pub fn assert_all_ended(processes: Vec<TcpStream>) {
    for mut process in processes {
        process.set_read_timeout(Some(Duration::from_secs(60))).expect("it can be set");
        assert_eq!(process.read(&mut [0]).expect("its other end is closed"), 0);
    }
}
