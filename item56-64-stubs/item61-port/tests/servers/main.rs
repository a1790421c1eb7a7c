//! `serve` from outside: what its peers and a signal see of it.

#[cfg(target_os = "linux")]
mod limits;

use std::io::{BufRead, BufReader, ErrorKind, PipeReader, Read, Write, pipe};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use common::children::{Child, spawn};
use item61_port::settings::LINGER;
use rustix::process::{Signal, kill_process, kill_process_group};
use testing::{eventually, heed_signals};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item61-port");
const KINDS: [&[&str]; 2] = [&[], &["--async"]];

/// Only a mistake makes a test wait so long.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A server in a process of its own.
struct Server {
    child: Child,
    stdout: BufReader<PipeReader>,
    addr: SocketAddr,
}

impl Server {
    fn start(flags: &[&str]) -> Self {
        Self::spawn(Command::new(PROGRAM).arg("serve").args(flags))
    }

    fn spawn(command: &mut Command) -> Self {
        heed_signals();
        let (stdout, theirs) = pipe().unwrap();
        let child = spawn(command.stdout(theirs)).unwrap();
        // The command has its end of the pipe, too.
        command.stdout(Stdio::null());
        let mut stdout = BufReader::new(stdout);
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let addr = line.trim_end().strip_prefix("listening on ").unwrap().parse().unwrap();
        Self { child, stdout, addr }
    }

    fn connect(&self) -> Peer {
        Peer::connect(self.addr)
    }

    fn play(&self, flags: &[&str]) -> Output {
        let addr = self.addr.to_string();
        Command::new(PROGRAM).args(["play", "--addr", &addr]).args(flags).output().unwrap()
    }

    /// Its exit code and its last words.
    fn end(mut self) -> (Option<i32>, String) {
        let status = self.child.wait().unwrap();
        let mut words = String::new();
        self.stdout.read_to_string(&mut words).unwrap();
        (status.code(), words)
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

// The protocol is written once. If one of the four said something else, its edges would have
// changed what they carry.
#[test]
fn every_client_plays_the_same_games_with_every_server() {
    let mut said = Vec::new();
    for server in KINDS {
        let server = Server::start(server);
        for client in KINDS {
            let output = server.play(client);
            assert!(output.status.success(), "{output:?}");
            said.push(String::from_utf8(output.stdout).unwrap());
        }
    }
    assert_eq!(said[0].matches("> PARAMS 1 10").count(), 3);
    assert_eq!(said[0].matches("> REPORT Correct").count(), 3);
    assert!(said.iter().all(|other| *other == said[0]), "{said:#?}");
}

// Whatever its peers are in the middle of. A server that waited for one of them would wait as long
// as it lingers for one that it has refused, at least.
#[test]
fn a_signal_ends_a_server_cleanly_while_peers_are_connected() {
    for kind in KINDS {
        for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
            let server = Server::start(kind);
            let mut silent = server.connect();
            let mut in_mid_line = server.connect();
            in_mid_line.says("PARAMS 7 7\nNUMBER\nNUM");
            assert_eq!(in_mid_line.hears(), "7\n");
            let mut refused = server.connect();
            refused.says("GUESS\n");
            assert_eq!(refused.hears(), "ERROR unknown command\n");
            // Not accepted yet perhaps, but sure to be before the next one is answered.
            let mut last = server.connect();
            last.says("PARAMS 8 8\nNUMBER\n");
            assert_eq!(last.hears(), "8\n");

            let start = Instant::now();
            kill_process(server.child.pid(), signal).unwrap();
            for peer in [&mut silent, &mut in_mid_line, &mut last] {
                assert_eq!(peer.hears_out(), "", "the server hangs up, without a word");
            }
            assert_eq!(server.end(), (Some(0), "stopped, peers served: 4\n".into()));
            assert!(start.elapsed() < LINGER, "{:?}", start.elapsed());
        }
    }
}

#[test]
fn ctrl_c_in_a_terminal_ends_a_server_as_cleanly() {
    for kind in KINDS {
        let server = Server::start(kind);
        kill_process_group(server.child.pid(), Signal::INT).unwrap();
        assert_eq!(server.end(), (Some(0), "stopped, peers served: 0\n".into()));
    }
}

// `timeout` signals its child, and then its whole group, in which the child is. (Two of a kind may
// arrive as one, so these are of two kinds.)
#[test]
fn a_signal_that_comes_twice_at_once_ends_a_server_as_cleanly() {
    for kind in KINDS {
        for _ in 0..10 {
            let server = Server::start(kind);
            kill_process(server.child.pid(), Signal::TERM).unwrap();
            // It may be gone already.
            let _ = kill_process_group(server.child.pid(), Signal::INT);
            assert_eq!(server.end(), (Some(0), "stopped, peers served: 0\n".into()));
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

#[test]
fn a_bad_peer_loses_its_connection_and_no_other_does() {
    for kind in KINDS {
        let server = Server::start(kind);
        let mut good = server.connect();
        good.says("PARAMS 7 7\n");
        for (says, hears) in [
            (&b"GUESS\n"[..], "ERROR unknown command\n"),
            (b"\xff\n", "ERROR the line is no text\n"),
            (b"PARAMS 1 ten\n", "ERROR not a number\n"),
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
        assert_eq!(server.connect().hears_out(), "ERROR no line in time\n");
    }
}

// The deadline is the line's. If each byte had one of its own, this line would get too long first.
#[test]
fn a_peer_that_sends_a_byte_now_and_then_gains_no_time() {
    for kind in KINDS {
        let server = Server::start(&[kind, &["--idle", "100ms"]].concat());
        let mut slow = server.connect();
        slow.stream.get_ref().set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let mut heard = String::new();
        while let Err(error) = slow.stream.read_line(&mut heard) {
            assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
            slow.says("x");
        }
        assert_eq!(heard, "ERROR no line in time\n");
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

        let output = server.play(&[]);
        assert!(output.status.success(), "{output:?}");
        kill_process(server.child.pid(), Signal::TERM).unwrap();
        assert_eq!(server.end(), (Some(0), "stopped, peers served: 2\n".into()));
    }
}

#[test]
fn a_full_server_turns_peers_away_until_one_has_left() {
    for kind in KINDS {
        let server = Server::start(&[kind, &["--peers", "2"]].concat());
        let mut peers = [server.connect(), server.connect()];
        for peer in &mut peers {
            peer.says("PARAMS 7 7\nNUMBER\n");
            assert_eq!(peer.hears(), "7\n");
        }
        for _ in 0..5 {
            assert_eq!(server.connect().hears_out(), "ERROR the server is full\n");
        }
        let [leaving, mut staying] = peers;
        drop(leaving);
        eventually("the place that was left", || {
            let mut next = server.connect();
            next.says("PARAMS 8 8\nNUMBER\n");
            (next.hears() == "8\n").then_some(())
        });
        staying.says("REPORT Correct\nNUMBER\n");
        assert_eq!(staying.hears(), "7\n");
    }
}
