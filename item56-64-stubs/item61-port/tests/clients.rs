//! `play` with servers of all sorts, each of them a thread of the test.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::process::{Command, Output};
use std::sync::mpsc;
use std::thread;

use item61_port::rehearsal::rehearse;
use item61_port::settings::Games;
use testing::assert_refused;

const PROGRAM: &str = env!("CARGO_BIN_EXE_item61-port");
const KINDS: [&[&str]; 2] = [&[], &["--async"]];
const GAMES: Games = Games { low: 1, high: 9, count: 2, seed: 5 };

/// Lets both kinds of clients play with a server that treats its one peer so.
fn play_with(serve: impl Fn(TcpStream) + Sync) -> [Output; 2] {
    KINDS.map(|kind| {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let addr = listener.local_addr().unwrap().to_string();
        thread::scope(|scope| {
            scope.spawn(|| serve(listener.accept().unwrap().0));
            let mut command = Command::new(PROGRAM);
            command.args(["play", "--addr", &addr, "--high", "9", "--games", "2", "--seed", "5"]);
            command.args(kind).output().unwrap()
        })
    })
}

#[track_caller]
fn assert_played(outputs: &[Output]) {
    for output in outputs {
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert!(output.status.success());
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said == rehearse(61, GAMES).unwrap(), "{said}");
    }
}

/// Says all guesses, and listens to so many lines.
fn guess(mut stream: &TcpStream, lines: usize) {
    let said = rehearse(61, GAMES).unwrap();
    let guesses = said.lines().filter_map(|line| line.strip_prefix("< "));
    stream
        .write_all(guesses.map(|guess| format!("{guess}\n")).collect::<String>().as_bytes())
        .unwrap();
    BufReader::new(stream).lines().take(lines).for_each(drop);
}

// The book's server in threads hangs up when its peer has, its asyncio server does not. One that hangs up
// early misses the last words, and it does not matter.
#[test]
fn a_client_has_played_whether_its_server_hangs_up_or_not() {
    assert_played(&play_with(|stream| guess(&stream, usize::MAX)));

    let (keep, kept) = mpsc::channel();
    assert_played(&play_with(|stream| {
        guess(&stream, usize::MAX);
        keep.send(stream).unwrap();
    }));
    assert_eq!(kept.try_iter().count(), 2, "both were open until here");

    let lines = rehearse(61, GAMES).unwrap().matches('>').count();
    assert_played(&play_with(|stream| guess(&stream, lines - 1)));
}

#[test]
fn a_client_does_not_trust_its_server() {
    for (answer, words) in [
        (&b"11\n"[..], "11, out of the range"),
        (b"ERROR busy\n", "answered \"ERROR busy\""),
        (b"\x1b[2J\n", "answered \"\\u{1b}[2J\""),
        (b"", "closed the connection"),
        (b"4", "cut off"),
        (&[b'1'; 10_000], "longer than 128 bytes"),
    ] {
        let outputs = play_with(|mut client| {
            // Both fail when the client hangs up early, as it may.
            let _ = client.write_all(answer);
            let _ = client.shutdown(Shutdown::Write);
            let _ = client.read_to_end(&mut Vec::new());
        });
        for output in outputs {
            assert_refused(&output, 1, words);
        }
    }
}

#[test]
fn a_client_gives_up_on_a_server_that_does_not_answer() {
    // Connections wait in the listener's queue; nobody accepts them.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let addr = listener.local_addr().unwrap().to_string();
    for kind in KINDS {
        let mut command = Command::new(PROGRAM);
        command.args(["play", "--timeout", "20ms", "--addr", &addr]).args(kind);
        assert_refused(&command.output().unwrap(), 1, "no line in time");
    }
}
