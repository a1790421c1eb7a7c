//! The servers of this program play with the clients of `in_python.py`, and the other way round.

use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};
use std::thread;

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

/// Lets a client of each kind play with a server of this kind.
fn play(server: &mut Command, clients: &[&str]) -> [Output; 2] {
    let mut server = server.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let addr = line.trim().strip_prefix("listening on ").unwrap();
    let outputs = KINDS.map(|kind| command(clients, "play", kind).args(["--addr", addr]).output());
    kill_process(Pid::from_child(&server), Signal::TERM).unwrap();
    server.wait().unwrap();
    outputs.map(Result::unwrap)
}

/// Three games of each kind of client with each kind of server; each ends with a number found.
#[track_caller]
fn assert_play(servers: &[&str], clients: &[&str]) {
    if python_is_missing() {
        return;
    }
    let pairings = thread::scope(|scope| {
        let play = |kind| scope.spawn(move || play(&mut command(servers, "serve", kind), clients));
        KINDS.map(play).map(|playing| playing.join().unwrap())
    });
    for output in pairings.as_flattened() {
        assert!(output.status.success(), "{output:?}");
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(said.matches("> REPORT Correct").count(), 3, "{said}");
        assert!(said.ends_with("> REPORT Correct\n> PARAMS 0 -1\n"), "{said}");
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
