//! Many clients at once, all of them in mid-game, with a server that has one thread.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use common::timeline::lane;
use common::timing::measure;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::player::Player;
use crate::rehearsal::rehearse;
use crate::server::{Kind, runtime, visited};
use crate::settings::{Games, Settings, TIMEOUT};
use crate::tasks::{Connection, play};

/// Lets so many clients play one game each, with numbers of their own. None ends its game before all of
/// them have heard a first guess. Returns how many peers the server has counted, how many clients have
/// played the very games that they would have played alone, and how long all took.
pub fn play_at_once(
    settings: Settings,
    games: Games,
    clients: u16,
) -> anyhow::Result<(u64, usize, Duration)> {
    let settings = Settings { most_peers: clients, ..settings };
    let visit = |server| runtime()?.block_on(clients_of(server, games, clients));
    let (visited, elapsed) = measure(|| visited(Kind::Tasks, settings, visit));
    let (played, served) = visited?;
    let mut as_in_memory = 0;
    for (games, said) in played {
        as_in_memory += usize::from(said == rehearse(settings.seed, games)?);
    }
    Ok((served, as_in_memory, elapsed))
}

/// What each client has played, and what was said.
async fn clients_of(
    server: SocketAddr,
    games: Games,
    clients: u16,
) -> anyhow::Result<Vec<(Games, String)>> {
    let everyone_has_a_guess = Arc::new(Barrier::new(clients.into()));
    let mut tasks = JoinSet::new();
    for number in 0..clients {
        let everyone_has_a_guess = Arc::clone(&everyone_has_a_guess);
        let games = Games { count: 1, seed: games.seed.wrapping_add(number.into()), ..games };
        let lane = lane(format!("client {number}"));
        tasks.spawn(async move {
            let start = Instant::now();
            let mut connection = Connection::open(server, TIMEOUT).await?;
            let mut player = Player::new(games);
            connection.send(&player.says()).await?;
            player.hears(connection.receive().await?)?;
            everyone_has_a_guess.wait().await;
            let said = play(connection, player).await?;
            lane.record("play", start);
            anyhow::Ok((games, said))
        });
    }
    let mut played = Vec::new();
    while let Some(client) = tasks.join_next().await {
        // The first `?` is for a task that panicked, the second for the error that a task returned. After
        // either, the other tasks are dropped with the set, so that they do not wait for ever.
        played.push(client.context("a client panicked")?.context("a client failed")?);
    }
    Ok(played)
}
