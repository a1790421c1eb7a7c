//! Item 61: games a second, by so many clients that are all connected.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use item61_port::limits::room_for;
use item61_port::player::Player;
use item61_port::server::{Kind, runtime, visited};
use item61_port::settings::{Games, Settings, TIMEOUT};
use item61_port::tasks::{Connection, play};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::curve::{Curve, Shown, way};
use crate::sizes;

/// So many games of each client are a repetition.
const GAMES: u32 = 5;

pub fn games() -> Curve {
    let by = |kind| {
        move |clients| {
            let clients = u16::try_from(clients)?;
            let (room, files) = room_for(clients, 2)?;
            anyhow::ensure!(room == clients, "only {files} files may be open");
            Ok(move |times| rounds(kind, clients, u32::try_from(times)? * GAMES))
        }
    };
    Curve {
        name: "games",
        says: "item 61: games that a server plays, all clients connected throughout",
        unit: "connections",
        sizes: sizes(&[1, 10, 100, 1_000], &[]),
        shown: Shown::PerSecond(|clients| clients * u64::from(GAMES)),
        ways: vec![
            way("tasks, one thread", by(Kind::Tasks)),
            way("a thread each", by(Kind::Threads)),
        ],
        note: "Goal of tasks: with 1,000 connections 80 % or more of the games with 10.",
    }
}

/// How long the clients take to play so many games each, from the moment when all are connected.
fn rounds(kind: Kind, clients: u16, games: u32) -> anyhow::Result<Duration> {
    let settings = Settings { seed: 61, idle: TIMEOUT, most_peers: clients };
    let visit = |server| {
        runtime()?.block_on(async {
            let all_are_connected = Arc::new(Barrier::new(usize::from(clients) + 1));
            let mut tasks = JoinSet::new();
            for number in 0..clients {
                let all_are_connected = Arc::clone(&all_are_connected);
                let games = Games { low: 1, high: 10, count: games, seed: number.into() };
                tasks.spawn(async move {
                    let connection = Connection::open(server, TIMEOUT).await;
                    all_are_connected.wait().await;
                    play(connection?, Player::new(games)).await
                });
            }
            all_are_connected.wait().await;
            let start = Instant::now();
            while let Some(client) = tasks.join_next().await {
                client.context("a client panicked")?.context("a client failed")?;
            }
            Ok(start.elapsed())
        })
    };
    Ok(visited(kind, settings, visit)?.0)
}
