//! Many clients at once, all of them in mid-game, with a server that has one thread.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use common::timeline::Lanes;
use common::timing::measure;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::player::Player;
use crate::rehearsal::rehearse;
use crate::server::{Kind, runtime, visited};
use crate::settings::{Games, Settings, TIMEOUT};
use crate::tasks::Client;

/// How a crowd was served.
#[derive(Debug)]
pub struct Crowd {
    /// How many peers the server has counted.
    pub served: u64,
    /// How many clients have played the very games that they would have played alone.
    pub as_rehearsed: usize,
    /// From the start of the server to the last goodbye.
    pub elapsed: Duration,
}

/// A client of the crowd, after its games.
struct Played {
    games: Games,
    start: Instant,
    end: Instant,
    said: Vec<String>,
}

/// Lets so many clients play one game each, with numbers of their own. None ends its game before
/// all of them have heard a first guess.
///
/// # Errors
///
/// Fails when any of them is not served.
pub fn play_at_once(
    lanes: &Lanes,
    settings: Settings,
    games: Games,
    clients: usize,
) -> anyhow::Result<Crowd> {
    let settings = Settings { most_peers: clients, ..settings };
    let visit = |server| runtime()?.block_on(clients_of(server, games, clients));
    let (visited, elapsed) = measure(|| visited(Kind::Tasks, settings, visit));
    let (played, served) = visited?;
    let mut as_rehearsed = 0;
    for (number, client) in played.into_iter().enumerate() {
        lanes.lane(format!("client {number}")).record_between("play", client.start, client.end);
        as_rehearsed += usize::from(client.said == rehearse(settings.seed, client.games)?);
    }
    Ok(Crowd { served, as_rehearsed, elapsed })
}

async fn clients_of(
    server: SocketAddr,
    games: Games,
    clients: usize,
) -> anyhow::Result<Vec<Played>> {
    let everyone_has_a_guess = Arc::new(Barrier::new(clients));
    let mut tasks = JoinSet::new();
    for number in 0..clients as u64 {
        let everyone_has_a_guess = Arc::clone(&everyone_has_a_guess);
        let seed = games.seed.wrapping_add(number);
        let games = Games { count: 1, seed, ..games };
        tasks.spawn(async move {
            let start = Instant::now();
            let mut client = Client::connect(server, Player::new(games), TIMEOUT).await?;
            client.exchange().await?;
            everyone_has_a_guess.wait().await;
            let said = client.play().await?;
            anyhow::Ok(Played { games, start, end: Instant::now(), said })
        });
    }
    let mut played = Vec::new();
    while let Some(client) = tasks.join_next().await {
        // After an error, the others are dropped with the set: they must not wait for ever.
        played.push(client.context("a client panicked")?.context("a client failed")?);
    }
    Ok(played)
}
