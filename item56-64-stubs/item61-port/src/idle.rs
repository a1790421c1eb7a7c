//! Peers that connect and wait: what becomes of the others meanwhile, of them when it takes too long,
//! of the next one when they have taken all places, and of their connections when the server stops.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::Context;
use common::timeline::{in_lane, lane, span};

use crate::server::{Kind, play};
use crate::settings::{Games, TIMEOUT};
use crate::threads::Connection;

/// One peer says nothing, one stops in mid-line. Two players come and go; then the line is ended.
/// Returns what each of the players said and heard, and what that peer hears in the end.
pub fn others_meanwhile(
    kind: Kind,
    server: SocketAddr,
    games: Games,
) -> anyhow::Result<([String; 2], String)> {
    let name = |who| format!("{who} ({})", Kind::NAMES[kind as usize]);
    let idle = ["silent", "in mid-line"].map(|who| lane(name(who)));
    let start = Instant::now();
    let _silent = Connection::open(server, TIMEOUT)?;
    let mut halfway = Connection::open(server, TIMEOUT)?;
    halfway.send("PARAMS 7 7\nNUM")?;
    let play = |who| in_lane(name(who), || span("play", || play(kind, server, games, TIMEOUT)));
    let played = [play("a player")?, play("the next")?];
    let then = ask(&mut halfway, "BER\n")?;
    for lane in idle {
        lane.record("connected", start);
    }
    Ok((played, then))
}

/// A peer says nothing until the server gives up on it: what it hears then, and after how long.
pub fn silent_too_long(server: SocketAddr) -> anyhow::Result<(String, Duration)> {
    let start = Instant::now();
    let heard = hear_out(Connection::open(server, TIMEOUT)?)?;
    Ok((heard, start.elapsed()))
}

/// As many peers as the server has room for, and one more: what that one hears, and what the others
/// are answered afterwards.
pub fn one_too_many(server: SocketAddr, room: u16) -> anyhow::Result<(String, String)> {
    let mut peers = connected(server, room)?;
    let turned_away = hear_out(Connection::open(server, TIMEOUT)?)?;
    let ask = |peer| ask(peer, "PARAMS 8 8\nNUMBER\n");
    let answers = peers.iter_mut().map(ask).collect::<io::Result<Vec<_>>>()?;
    Ok((turned_away, answers.join(" and ")))
}

/// Peers that are being served: each has had an answer.
pub fn connected(server: SocketAddr, peers: u16) -> anyhow::Result<Vec<Connection>> {
    let connected = |_| {
        let mut peer = Connection::open(server, TIMEOUT)?;
        ask(&mut peer, "PARAMS 7 7\nNUMBER\n")?;
        Ok(peer)
    };
    (0..peers).map(connected).collect()
}

/// Of these peers, how many see their server hang up without a word. (A connection that outlives the word
/// to stop ends with a refusal: silent too long.)
pub fn hung_up(peers: Vec<Connection>) -> usize {
    peers.into_iter().filter_map(|peer| hear_out(peer).ok()).filter(String::is_empty).count()
}

/// The line that comes back.
fn ask(peer: &mut Connection, lines: &str) -> io::Result<String> {
    peer.send(lines)?;
    let line = peer.receive()?.unwrap_or_default();
    Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
}

/// What comes before the server closes the connection.
fn hear_out(mut peer: Connection) -> anyhow::Result<String> {
    let mut heard = Vec::new();
    while let Some(line) = peer.receive().context("the server does not hang up")? {
        heard.extend(line);
    }
    Ok(String::from_utf8_lossy(&heard).trim_end().to_owned())
}
