//! Peers that send what a script says, and hear what comes back: for the rules of the game, and for
//! all that breaks them.

use std::collections::HashSet;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use anyhow::Context;

use crate::player::Player;
use crate::server::{Kind, visited};
use crate::settings::{Games, Settings, TIMEOUT};
use crate::threads::Client;

/// What a peer sends on a connection of its own.
pub struct Script {
    /// What it shows.
    pub name: &'static str,
    sends: Vec<u8>,
    /// Whether it hangs up then. If it does not, the server must.
    hangs_up: bool,
}

/// What the rules make of good peers.
pub fn rules() -> [Script; 3] {
    let told = "PARAMS 7 7\nNUMBER\nREPORT Correct\n";
    [
        sends_and_hangs_up("told_correct", format!("{told}NUMBER\nNUMBER\n")),
        sends_and_hangs_up("new_params", format!("{told}PARAMS 8 8\nNUMBER\n")),
        sends("after_the_end", format!("{told}PARAMS 0 -1\nNUMBER\n")),
    ]
}

/// Peers that break the rules, each in its own way; the first [`MOST_SHOWN`] are shown.
pub fn bad_peers() -> [Script; 11] {
    let million = "NUMBER\n".repeat(1_000_000);
    [
        sends("unknown_command", "GUESS\n"),
        sends("range_used_up", "PARAMS 7 7\nNUMBER\nNUMBER\n"),
        sends("asks_a_million_times", format!("PARAMS 1 1000000\n{million}")),
        sends("line_of_10_mb", vec![b'x'; 10_000_000]),
        sends_and_hangs_up("cut_off", "PARAMS 1 1"),
        sends("letters_for_a_number", "PARAMS one 10\n"),
        sends("number_before_params", "NUMBER\n"),
        sends("empty_range", "PARAMS 1 0\nNUMBER\n"),
        sends("report_before_guess", "PARAMS 1 10\nREPORT Warmer\n"),
        sends("unknown_outcome", "PARAMS 7 7\nNUMBER\nREPORT Hot\n"),
        sends("no_text", b"\xff\n"),
    ]
}

/// A reader has seen enough when so many peers have been refused; the others are proofs.
pub const MOST_SHOWN: usize = 5;

fn sends(name: &'static str, sends: impl Into<Vec<u8>>) -> Script {
    Script { name, sends: sends.into(), hangs_up: false }
}

fn sends_and_hangs_up(name: &'static str, sends: impl Into<Vec<u8>>) -> Script {
    Script { name, sends: sends.into(), hangs_up: true }
}

/// What came of some scripts.
#[derive(Debug)]
pub struct Performed {
    /// What each got back, in short.
    pub answers: Vec<String>,
    /// What a good peer has said and heard, which was in the middle of its games meanwhile.
    pub good_peer: Vec<String>,
}

/// Plays `scripts`, one after the other, with one server.
///
/// # Errors
///
/// Fails when the server does not close one of the connections, or does not serve the good peer.
pub fn perform(
    scripts: &[Script],
    kind: Kind,
    settings: Settings,
    games: Games,
) -> anyhow::Result<Performed> {
    let visit = |server| {
        let mut good = Client::connect(server, Player::new(games), TIMEOUT)?;
        good.exchange().context("the good peer cannot begin its game")?;
        let answers = scripts.iter().map(|script| Ok(in_short(&script.perform(server)?)));
        let answers = answers.collect::<anyhow::Result<_>>()?;
        let good_peer = good.play().context("the good peer cannot end its game")?;
        Ok(Performed { answers, good_peer })
    };
    Ok(visited(kind, settings, visit)?.0)
}

/// How many different numbers 60 guesses in a range of 60 are.
///
/// # Errors
///
/// Fails when the server refuses to guess.
pub fn guessed_of_60(kind: Kind, settings: Settings) -> anyhow::Result<usize> {
    let asks = format!("PARAMS 1 60\n{}", "NUMBER\n".repeat(60));
    let script = sends_and_hangs_up("guesses", asks);
    let (guesses, _) = visited(kind, settings, |server| script.perform(server))?;
    Ok(guesses.into_iter().collect::<HashSet<_>>().len())
}

impl Script {
    /// Plays the script on a connection of its own, and returns the lines that came back before the
    /// server closed it.
    ///
    /// # Errors
    ///
    /// Fails when the server can't be reached, or does not close the connection.
    pub fn perform(&self, server: SocketAddr) -> anyhow::Result<Vec<String>> {
        let perform = || {
            let mut peer = connect(server)?;
            // Refused in the middle of a long line, a peer may not get rid of the rest.
            let _ = peer.write_all(&self.sends);
            if self.hangs_up {
                peer.shutdown(Shutdown::Write)?;
            }
            hear_out(&mut peer)
        };
        perform().with_context(|| format!("cannot play the script {}", self.name))
    }
}

/// What a person reads of `lines`: all of them if they are few. Of many, all but the last are guesses.
pub fn in_short(lines: &[String]) -> String {
    match lines {
        [.., last] if lines.len() > 5 => format!("{} numbers, {last}", lines.len() - 1),
        _ => lines.join(", "),
    }
}

/// A connection on which neither side is waited for without end.
///
/// # Errors
///
/// Fails when the server can't be reached.
pub fn connect(server: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&server, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    Ok(stream)
}

/// Reads lines until the server closes the connection.
///
/// # Errors
///
/// Fails when it does not.
pub fn hear_out(peer: &mut TcpStream) -> io::Result<Vec<String>> {
    let mut heard = String::new();
    peer.read_to_string(&mut heard)?;
    Ok(heard.lines().map(str::to_owned).collect())
}
