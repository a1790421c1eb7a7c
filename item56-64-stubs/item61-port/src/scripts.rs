//! Peers that send what a script says, and hear what comes back: for the rules of the game, and for
//! all that breaks them.

use std::collections::HashSet;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use anyhow::Context;

use crate::player::Player;
use crate::settings::{Games, TIMEOUT};
use crate::threads::{Connection, play};

/// What it shows, and what a peer sends for that on a connection of its own.
pub type Script = (&'static str, Vec<u8>);

/// The peers that hang up when they have sent all. On the others, the server must.
const HANG_UP: [&str; 4] = ["asks_twice_more", "begins_a_game_of_8", "guesses", "cut_off"];

/// Good peers: each has played a game of one number, 7, and goes on in its own way.
pub fn rules() -> [Script; 3] {
    let played = "PARAMS 7 7\nNUMBER\nREPORT Correct\n";
    [
        ("asks_twice_more", format!("{played}NUMBER\nNUMBER\n").into()),
        ("begins_a_game_of_8", format!("{played}PARAMS 8 8\nNUMBER\n").into()),
        ("ends_and_asks", format!("{played}PARAMS 0 -1\nNUMBER\n").into()),
    ]
}

/// Peers that break the rules, each in its own way; the first [`MOST_SHOWN`] are shown.
pub fn bad_peers() -> [Script; 11] {
    let million = "NUMBER\n".repeat(1_000_000);
    [
        ("unknown_command", "GUESS\n".into()),
        ("range_used_up", "PARAMS 7 7\nNUMBER\nNUMBER\n".into()),
        ("asks_a_million_times", format!("PARAMS 1 1000000\n{million}").into()),
        ("line_of_10_mb", vec![b'x'; 10_000_000]),
        ("cut_off", "PARAMS 1 1".into()),
        ("letters_for_a_number", "PARAMS one 10\n".into()),
        ("number_before_params", "NUMBER\n".into()),
        ("empty_range", "PARAMS 1 0\nNUMBER\n".into()),
        ("report_before_guess", "PARAMS 1 10\nREPORT Warmer\n".into()),
        ("unknown_outcome", "PARAMS 7 7\nNUMBER\nREPORT Hot\n".into()),
        ("no_text", b"\xff\n".into()),
    ]
}

/// A reader has seen enough when so many peers have been refused; the others are proofs.
pub const MOST_SHOWN: usize = 5;

/// Performs `scripts`, one after the other. Returns what each got back, in short, and what a good peer has
/// said and heard, which was in the middle of its games meanwhile.
pub fn perform_all(
    scripts: &[Script],
    server: SocketAddr,
    games: Games,
) -> anyhow::Result<(Vec<String>, String)> {
    let mut good = Connection::open(server, TIMEOUT)?;
    let mut player = Player::new(games);
    good.send(&player.says())?;
    player.hears(good.receive()?).context("the good peer cannot begin its game")?;
    let answers = scripts.iter().map(|script| Ok(in_short(&perform(script, server)?)));
    let answers = answers.collect::<anyhow::Result<_>>()?;
    let said = play(good, player).context("the good peer cannot end its game")?;
    Ok((answers, said))
}

/// How many different numbers a server guesses that is asked `times` times, in a range of as many.
pub fn different_guesses(server: SocketAddr, times: usize) -> anyhow::Result<usize> {
    let asks = format!("PARAMS 1 {times}\n{}", "NUMBER\n".repeat(times));
    let guesses = perform(&("guesses", asks.into()), server)?;
    Ok(guesses.into_iter().collect::<HashSet<_>>().len())
}

/// Returns the lines that came back before the server closed the connection.
fn perform((name, sends): &Script, server: SocketAddr) -> anyhow::Result<Vec<String>> {
    let perform = || -> io::Result<Vec<String>> {
        let mut peer = TcpStream::connect_timeout(&server, TIMEOUT)?;
        peer.set_read_timeout(Some(TIMEOUT))?;
        peer.set_write_timeout(Some(TIMEOUT))?;
        // Refused in the middle of a long line, a peer may not get rid of the rest.
        let _ = peer.write_all(sends);
        if HANG_UP.contains(name) {
            peer.shutdown(Shutdown::Write)?;
        }
        let mut heard = String::new();
        peer.read_to_string(&mut heard)?;
        Ok(heard.lines().map(str::to_owned).collect())
    };
    perform().with_context(|| format!("cannot perform the script {name}"))
}

/// What a person reads of `lines`, one after the other. Of many, all but the last are guesses.
fn in_short(lines: &[String]) -> String {
    match lines {
        [.., last] if lines.len() > 5 => format!("{} numbers then {last}", lines.len() - 1),
        _ => lines.join(" then "),
    }
}
