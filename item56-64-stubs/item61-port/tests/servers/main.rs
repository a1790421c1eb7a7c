//! `serve` from outside: what its peers and a signal see of it.

#[cfg(target_os = "linux")]
mod limits;

use std::io::{BufRead, BufReader, ErrorKind, PipeReader, Read, Write, pipe};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use common::children::{Child, spawn};
use item61_port::settings::LINGER;
use rustix::process::{Signal, kill_process, kill_process_group};
use testing::{eventually, heed_signals};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item61-port");
const KINDS: [&[&str]; 2] = [&[], &["--async"]];

/// Only a mistake makes a test wait so long.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Tests servers of both kinds at the same time: where a test takes long.
fn with_each(test: impl Fn(&'static [&'static str]) + Sync) {
    let test = &test;
    thread::scope(|scope| KINDS.map(|kind| scope.spawn(move || test(kind))).map(drop));
}

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

// `timeout` signals its child, and then its whole group, in which the child is. (Two of a kind may
// arrive as one, so these are of two kinds.)
#[test]
fn a_signal_that_comes_twice_at_once_ends_a_server_as_cleanly() {
    for kind in KINDS {
        for _ in 0..5 {
            let server = Server::start(kind);
            kill_process(server.child.pid(), Signal::TERM).unwrap();
            // It may be gone already.
            let _ = kill_process_group(server.child.pid(), Signal::INT);
            assert_eq!(server.end(), (Some(0), "stopped, peers served: 0\n".into()));
        }
    }
}

// The deadline is the line's. If each byte had one of its own, this line would get too long first.
#[test]
fn a_peer_that_sends_a_byte_now_and_then_gains_no_time() {
    for kind in KINDS {
        let server = Server::start(&[kind, &["--idle", "60ms"]].concat());
        let mut slow = server.connect();
        slow.stream.get_ref().set_read_timeout(Some(Duration::from_millis(10))).unwrap();
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
    with_each(|kind| {
        let server = Server::start(kind);
        let mut deaf = server.connect();
        let number = i64::MAX;
        deaf.says(format!("PARAMS {number} {number}\nNUMBER\nREPORT Correct\n"));
        deaf.stream.get_ref().set_write_timeout(Some(Duration::from_millis(200))).unwrap();
        let questions = "NUMBER\n".repeat(10_000);
        // Until nothing moves any more.
        while deaf.stream.get_mut().write_all(questions.as_bytes()).is_ok() {}

        let addr = format!("localhost:{}", server.addr.port());
        let output = Command::new(PROGRAM).args(["play", "--addr", &addr]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        kill_process(server.child.pid(), Signal::TERM).unwrap();
        assert_eq!(server.end(), (Some(0), "stopped, peers served: 2\n".into()));
    });
}

#[test]
fn a_full_server_turns_peers_away_until_one_has_left() {
    for kind in KINDS {
        let server = Server::start(&[kind, &["--peers", "2"]].concat());
        let [leaving, mut staying] = [(); 2].map(|()| {
            let mut peer = server.connect();
            peer.says("PARAMS 7 7\nNUMBER\n");
            assert_eq!(peer.hears(), "7\n");
            peer
        });
        for _ in 0..50 {
            let mut third = server.connect();
            // If this were left unread, the system would reset the connection.
            third.says("PARAMS 1 10\n");
            third.says("NUMBER\n");
            assert_eq!(third.hears_out(), "ERROR the server is full\n");
        }
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
