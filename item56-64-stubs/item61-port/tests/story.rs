//! Item 61 from outside: what a terminal, a peer and a signal see of it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use common::contract::{assert_kept, assert_refused, assert_wrong_usage};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_item61-port");
const KINDS: [&[&str]; 2] = [&[], &["--async"]];

/// Only a mistake makes a test wait so long.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A server in a process of its own.
struct Server {
    child: Child,
    stdout: BufReader<ChildStdout>,
    addr: SocketAddr,
}

impl Server {
    fn start(flags: &[&str]) -> Self {
        Self::spawn(Command::new(PROGRAM).arg("serve").args(flags))
    }

    fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let addr = line.trim_end().strip_prefix("listening on ").unwrap().parse().unwrap();
        Self { child, stdout, addr }
    }

    fn connect(&self) -> Peer {
        Peer::connect(self.addr)
    }

    fn send(&self, signal: Signal) {
        let pid = Pid::from_raw(self.child.id().try_into().unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Its exit code and its last words.
    fn end(mut self) -> (Option<i32>, String) {
        let status = self.child.wait().unwrap();
        let mut words = String::new();
        self.stdout.read_to_string(&mut words).unwrap();
        (status.code(), words)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail for a server that has ended, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Peer {
    stream: BufReader<TcpStream>,
}

impl Peer {
    fn connect(addr: SocketAddr) -> Self {
        let stream = TcpStream::connect(addr).unwrap();
        stream.set_read_timeout(Some(TIMEOUT)).unwrap();
        stream.set_write_timeout(Some(TIMEOUT)).unwrap();
        Self { stream: BufReader::new(stream) }
    }

    fn says(&mut self, text: impl AsRef<[u8]>) {
        self.stream.get_mut().write_all(text.as_ref()).unwrap();
    }

    fn hears(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        line
    }

    /// Everything up to the end of the connection.
    fn hears_out(&mut self) -> String {
        let mut text = String::new();
        self.stream.read_to_string(&mut text).unwrap();
        text
    }

    fn hangs_up(&self) {
        self.stream.get_ref().shutdown(Shutdown::Write).unwrap();
    }
}

fn run(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).output().unwrap()
}

fn play(addr: SocketAddr, flags: &[&str]) -> Output {
    run(&[&["play", "--addr", &addr.to_string()], flags].concat())
}

fn facts(output: &Output) -> Value {
    assert!(output.status.success(), "{output:?}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    report["facts"].clone()
}

#[test]
fn the_program_keeps_the_contract() {
    assert_eq!(assert_kept(PROGRAM, &["--clients", "50"]).item, 61);
}

// The protocol is written once. If one of the four said something else, its edges would have
// changed what they carry.
#[test]
fn every_client_plays_the_same_games_with_every_server() {
    let mut said = Vec::new();
    for server in KINDS {
        let server = Server::start(server);
        for client in KINDS {
            let output = play(server.addr, client);
            assert!(output.status.success(), "{output:?}");
            said.push(String::from_utf8(output.stdout).unwrap());
        }
    }
    assert_eq!(said[0].matches("> PARAMS 1 10").count(), 3);
    assert_eq!(said[0].matches("> REPORT Correct").count(), 3);
    assert!(said.iter().all(|other| *other == said[0]), "{said:#?}");
}

#[test]
fn the_story_reports_the_same_games_for_all_pairings_and_for_each_client_of_the_crowd() {
    let facts = facts(&run(&["--json", "--clients", "100"]));
    for pairing in
        ["threads_with_threads", "threads_with_tasks", "tasks_with_threads", "tasks_with_tasks"]
    {
        assert_eq!(facts[format!("pairings.{pairing}")], facts["pairings.in_memory"], "{pairing}");
    }
    assert_eq!(facts["bad_peers.good_peer_of_tasks"], facts["pairings.in_memory"]);
    assert_eq!(facts["crowd.connections"], 100);
    assert_eq!(facts["crowd.played_as_rehearsed"], 100);
    assert_eq!(facts["stop.threads_hung_up"], 3);
    assert_eq!(facts["stop.tasks_hung_up"], 3);
}

// Each client takes two open files here. The story plays with as many as there is room for.
#[test]
fn where_few_files_may_be_open_the_crowd_is_smaller_and_says_so() {
    let story = Command::new("sh")
        .args(["-c", "ulimit -n 100 && exec \"$0\" --json", PROGRAM])
        .output()
        .unwrap();
    let facts = facts(&story);
    assert_eq!(facts["crowd.asked"], 1000);
    assert_eq!(facts["crowd.clients"], 18);
    assert_eq!(facts["crowd.played_as_rehearsed"], 18);
}

#[test]
fn a_signal_ends_a_server_cleanly_while_peers_are_connected() {
    for kind in KINDS {
        for signal in [Signal::INT, Signal::TERM] {
            let server = Server::start(kind);
            let mut silent = server.connect();
            let mut in_mid_line = server.connect();
            in_mid_line.says("PARAMS 7 7\nNUMBER\nNUM");
            assert_eq!(in_mid_line.hears(), "7\n");
            // Not accepted yet perhaps, but sure to be before the next one is answered.
            let mut last = server.connect();
            last.says("PARAMS 8 8\nNUMBER\n");
            assert_eq!(last.hears(), "8\n");

            server.send(signal);
            for peer in [&mut silent, &mut in_mid_line, &mut last] {
                assert_eq!(peer.hears_out(), "", "the server hangs up, without a word");
            }
            assert_eq!(server.end(), (Some(0), "stopped, connections: 3\n".into()));
        }
    }
}

// A server that waited for the end of the line would keep all of it, and this test waiting.
#[test]
fn a_line_that_gets_too_long_is_refused_before_it_ends() {
    for kind in KINDS {
        let server = Server::start(kind);
        let mut endless = server.connect();
        endless.says([b'x'; 200]);
        assert_eq!(endless.hears_out(), "ERROR the line is longer than 128 bytes\n");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_line_of_10_mb_takes_no_10_mb_of_memory() {
    let peak_kib = |server: &Server| {
        let status = std::fs::read_to_string(format!("/proc/{}/status", server.child.id()));
        let status = status.unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap()
    };
    for kind in KINDS {
        let server = Server::start(kind);
        let before = peak_kib(&server);
        let mut peer = server.connect();
        peer.says(vec![b'x'; 10_000_000]);
        assert_eq!(peer.hears_out(), "ERROR the line is longer than 128 bytes\n");
        let after = peak_kib(&server);
        assert!(after < before + 2_000, "{before} KiB before, {after} KiB after");
    }
}

#[test]
fn a_bad_peer_loses_its_connection_and_no_other_does() {
    for kind in KINDS {
        let server = Server::start(kind);
        let mut good = server.connect();
        good.says("PARAMS 7 7\n");
        for (says, hears) in [
            (&b"GUESS\n"[..], "ERROR unknown command \"GUESS\"\n"),
            (b"\xff\n", "ERROR unknown command \"\u{fffd}\"\n"),
            (b"PARAMS 1 ten\n", "ERROR not a number: \"ten\"\n"),
            (b"NUMBER\n", "ERROR NUMBER before PARAMS\n"),
            (b"PARAMS 7 7\nNUMBER\nNUMBER\nNUMBER\n", "7\nERROR the range is used up\n"),
        ] {
            let mut bad = server.connect();
            bad.says(says);
            // To its end: the server closes the connection, the peer did not.
            assert_eq!(bad.hears_out(), hears);
        }
        let mut cut_off = server.connect();
        cut_off.says("NUMB");
        cut_off.hangs_up();
        assert_eq!(cut_off.hears_out(), "ERROR the line was cut off\n");
        good.says("NUMBER\n");
        assert_eq!(good.hears(), "7\n");
    }
}

#[test]
fn a_peer_that_is_silent_for_too_long_is_told_so() {
    for kind in KINDS {
        let server = Server::start(&[kind, &["--idle", "20ms"]].concat());
        assert_eq!(server.connect().hears_out(), "ERROR no line came in time\n");
    }
}

// Its server can't write any more once the buffers on the way are full. It waits for that peer
// only, and a signal ends the wait.
#[test]
fn a_peer_that_never_reads_holds_up_neither_the_others_nor_the_end() {
    for kind in KINDS {
        let server = Server::start(kind);
        let mut deaf = server.connect();
        let number = i64::MAX;
        deaf.says(format!("PARAMS {number} {number}\nNUMBER\nREPORT Correct\n"));
        deaf.stream.get_ref().set_write_timeout(Some(Duration::from_millis(500))).unwrap();
        let questions = "NUMBER\n".repeat(10_000);
        // Until nothing moves any more.
        while deaf.stream.get_mut().write_all(questions.as_bytes()).is_ok() {}

        let output = play(server.addr, &[]);
        assert!(output.status.success(), "{output:?}");
        server.send(Signal::TERM);
        assert_eq!(server.end(), (Some(0), "stopped, connections: 2\n".into()));
    }
}

#[test]
fn peers_beyond_the_limit_of_open_files_are_served_when_others_have_left() {
    for kind in KINDS {
        let mut limited = Command::new("sh");
        limited.args(["-c", "ulimit -n 64 && exec \"$0\" serve \"$@\"", PROGRAM]).args(kind);
        let server = Server::spawn(&mut limited);
        let mut peers: Vec<Peer> = (0..100).map(|_| server.connect()).collect();
        for peer in &mut peers {
            peer.says("PARAMS 7 7\nNUMBER\n");
        }
        // In the order in which they came; each one that leaves makes room for another.
        for mut peer in peers {
            assert_eq!(peer.hears(), "7\n");
        }
    }
}

// Each thread reserves its stack. Here three have room, and the rest of the program is left with
// enough: the standard library panics when a new thread finds no memory at all.
#[cfg(target_os = "linux")]
#[test]
fn a_peer_for_whom_there_is_no_thread_is_turned_away_and_the_others_stay() {
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -v 1000000 && exec \"$0\" serve", PROGRAM]);
    let server = Server::spawn(limited.env("RUST_MIN_STACK", (256 << 20).to_string()));
    let mut peers: Vec<Peer> = (0..10).map(|_| server.connect()).collect();
    let mut first = peers.remove(0);
    let answers: Vec<String> = peers
        .iter_mut()
        .map(|peer| {
            peer.says("PARAMS 7 7\nNUMBER\n");
            peer.hears()
        })
        .collect();
    let count = |answer| answers.iter().filter(|heard| *heard == answer).count();
    let (answered, turned_away) = (count("7\n"), count("ERROR the server is busy\n"));
    assert!(answered > 0 && turned_away > 0, "{answers:?}");
    assert_eq!(answered + turned_away, answers.len(), "{answers:?}");
    first.says("PARAMS 8 8\nNUMBER\n");
    assert_eq!(first.hears(), "8\n");
}

#[test]
fn a_client_gives_up_on_a_server_that_does_not_answer() {
    // Connections wait in the listener's queue; nobody accepts them.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    for kind in KINDS {
        let flags = [kind, &["--timeout", "20ms"]].concat();
        assert_refused(&play(listener.local_addr().unwrap(), &flags), 1, "no answer in time");
    }
}

#[test]
fn a_client_does_not_trust_its_server() {
    for (answer, words) in [
        (&b"11\n"[..], "11, out of the range"),
        (b"ERROR busy\n", "refused: \"ERROR busy\""),
        (b"", "closed the connection"),
        (&[b'1'; 10_000], "no number"),
    ] {
        for kind in KINDS {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let addr = listener.local_addr().unwrap();
            let output = thread::scope(|scope| {
                scope.spawn(move || {
                    let (mut client, _) = listener.accept().unwrap();
                    // Both fail when the client hangs up early, as it may.
                    let _ = client.write_all(answer);
                    let _ = client.shutdown(Shutdown::Write);
                    let _ = client.read_to_end(&mut Vec::new());
                });
                play(addr, kind)
            });
            assert_refused(&output, 1, words);
        }
    }
}

#[test]
fn a_wrong_flag_is_one_line_and_exit_code_2() {
    for (arguments, word) in [
        (&["--low", "5", "--high", "1"][..], "--low 5"),
        (&["--low=-9223372036854775808"], "1000 numbers"),
        (&["--clients", "0"], "--clients"),
        (&["--games", "many"], "--games"),
        (&["--seed", "-1"], "--seed"),
        (&["--latency", "2ms"], "--latency"),
        (&["serve", "--addr", "here"], "--addr"),
        (&["serve", "--idle", "5 parsecs"], "--idle"),
        (&["serve", "--idle", "0s"], "--idle"),
        (&["play"], "--addr"),
        (&["play", "--addr", "127.0.0.1:1", "--low", "11"], "--low 11"),
        (&["watch"], "watch"),
    ] {
        assert_wrong_usage(PROGRAM, arguments, word);
    }
}

#[test]
fn what_the_system_refuses_is_one_line_and_exit_code_1() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let taken = listener.local_addr().unwrap().to_string();
    for kind in KINDS {
        let output = run(&[&["serve", "--addr", &taken], kind].concat());
        assert_refused(&output, 1, &format!("cannot listen on {taken}"));
    }
    let mut few_files = Command::new("sh");
    few_files.args(["-c", "ulimit -n 16 && exec \"$0\"", PROGRAM]);
    assert_refused(&few_files.output().unwrap(), 1, "16 open files");
}
