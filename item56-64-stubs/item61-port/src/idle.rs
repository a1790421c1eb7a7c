//! Peers that connect and wait: what becomes of the others meanwhile, of them when it takes too long,
//! of the next one when they have taken all places, and of their connections when the server stops.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use common::timeline::Lanes;

use crate::scripts::{connect, hear_out};
use crate::server::{Kind, play, visited};
use crate::settings::{Games, Settings, TIMEOUT};

/// What came of the others while two peers were idle.
#[derive(Debug)]
pub struct Meanwhile {
    /// What each of two players said and heard.
    pub played: [Vec<String>; 2],
    /// What the peer that had stopped in mid-line heard when it went on.
    pub then: Vec<String>,
}

/// One peer says nothing, one stops in mid-line. Two players come and go; then the line is ended.
///
/// # Errors
///
/// Fails when any of them is not served.
pub fn others_meanwhile(
    lanes: &Lanes,
    kind: Kind,
    settings: Settings,
    games: Games,
) -> anyhow::Result<Meanwhile> {
    let lane = |who| lanes.lane(format!("{who} ({})", kind.name()));
    let mut idle = ["silent", "in mid-line"].map(lane);
    let mut players = ["a player", "the next"].map(lane);
    let visit = |server| {
        let start = Instant::now();
        let _silent = connect(server)?;
        let mut halfway = connect(server)?;
        halfway.write_all(b"PARAMS 7 7\nNUM")?;
        let mut play =
            |player: usize| players[player].record("play", || play(kind, server, games, TIMEOUT));
        let played = [play(0)?, play(1)?];
        halfway.write_all(b"BER\n")?;
        halfway.shutdown(Shutdown::Write)?;
        let then = hear_out(&mut halfway)?;
        for lane in &mut idle {
            lane.record_since("connected", start);
        }
        Ok(Meanwhile { played, then })
    };
    Ok(visited(kind, settings, visit)?.0)
}

/// A peer says nothing until the server gives up on it: what it hears then, and after how long.
///
/// # Errors
///
/// Fails when the server does not give up.
pub fn silent_too_long(kind: Kind, settings: Settings) -> anyhow::Result<(Vec<String>, Duration)> {
    let visit = |server| {
        let start = Instant::now();
        let heard = hear_out(&mut connect(server)?)?;
        Ok((heard, start.elapsed()))
    };
    Ok(visited(kind, settings, visit)?.0)
}

/// As many peers as the server has room for, and one more: what that one hears, and what the others
/// are answered afterwards.
///
/// # Errors
///
/// Fails when the server serves more than it should, or none.
pub fn one_too_many(kind: Kind, settings: Settings) -> anyhow::Result<(Vec<String>, Vec<String>)> {
    let visit = |server| {
        let mut peers = connected(settings.most_peers, server)?;
        let turned_away = hear_out(&mut connect(server)?)?;
        let mut answers = Vec::new();
        for peer in &mut peers {
            peer.write_all(b"PARAMS 8 8\nNUMBER\n")?;
            peer.shutdown(Shutdown::Write)?;
            answers.extend(hear_out(peer)?);
        }
        Ok((turned_away, answers))
    };
    Ok(visited(kind, settings, visit)?.0)
}

/// Of `peers` that are connected when the server stops, how many see it hang up without a word.
///
/// # Errors
///
/// Fails when the server does not serve them before.
pub fn hung_up_at_stop(kind: Kind, settings: Settings, peers: usize) -> anyhow::Result<usize> {
    let (peers, _) = visited(kind, settings, |server| connected(peers, server))?;
    let ends = peers.into_iter().map(|mut peer| hear_out(&mut peer));
    // A connection that outlived the word to stop would end with a refusal: silent too long.
    Ok(ends.filter(|heard| heard.as_ref().is_ok_and(Vec::is_empty)).count())
}

/// Peers that are being served: each has had an answer.
fn connected(peers: usize, server: SocketAddr) -> anyhow::Result<Vec<TcpStream>> {
    let connect = |_| {
        let mut peer = connect(server)?;
        peer.write_all(b"PARAMS 7 7\nNUMBER\n")?;
        peer.read_exact(&mut [0; 2])?;
        Ok(peer)
    };
    (0..peers).map(connect).collect()
}
