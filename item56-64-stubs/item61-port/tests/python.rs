//! The servers of this program play with the clients of `in_python.py`, and the other way round.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use testing::python_is_missing;

const RUST: &[&str] = &[env!("CARGO_BIN_EXE_item61-port")];
const PYTHON: &[&str] = &["python3", concat!(env!("CARGO_MANIFEST_DIR"), "/in_python.py")];
const KINDS: [&[&str]; 2] = [&[], &["--async"]];

fn command(program: &[&str], role: &str, kind: &[&str]) -> Command {
    let mut command = Command::new(program[0]);
    command.args(&program[1..]).arg(role).args(kind);
    command
}

/// A server that runs until it is dropped.
struct Server {
    child: Child,
    addr: String,
}

impl Server {
    fn start(program: &[&str], kind: &[&str]) -> Self {
        let mut command = command(program, "serve", kind);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let mut line = String::new();
        let stdout = child.stdout.as_mut().expect("a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("it speaks");
        let addr = line.trim().strip_prefix("listening on ").expect("an address").to_owned();
        Self { child, addr }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let pid = Pid::from_child(&self.child);
        let _ = kill_process(pid, Signal::TERM);
        let _ = self.child.wait();
    }
}

/// Three games of each kind of client with each kind of server; each ends with a number found.
#[track_caller]
fn assert_play(servers: &[&str], clients: &[&str]) {
    if python_is_missing() {
        return;
    }
    for server_kind in KINDS {
        let server = Server::start(servers, server_kind);
        for client_kind in KINDS {
            let mut client = command(clients, "play", client_kind);
            let output = client.args(["--addr", &server.addr]).output().expect("it runs");
            let said = String::from_utf8_lossy(&output.stdout);
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{server_kind:?} {client_kind:?}: {stderr}\n{said}");
            let lines: Vec<&str> = said.lines().collect();
            let found = lines.iter().filter(|line| **line == "> REPORT Correct").count();
            assert_eq!(found, 3, "{server_kind:?} {client_kind:?}: {said}");
            assert!(lines.ends_with(&["> REPORT Correct", "> PARAMS 0 -1"]), "{said}");
        }
    }
}

#[test]
fn our_servers_play_with_clients_in_python() {
    assert_play(RUST, PYTHON);
}

#[test]
fn our_clients_play_with_servers_in_python() {
    assert_play(PYTHON, RUST);
}
