//! The two kinds of servers and clients behind one door each, for the program and its story.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use common::threads::{Join, spawn};
use tokio::net::TcpSocket;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use crate::player::Player;
use crate::settings::{Games, Settings};
use crate::{tasks, threads};

/// What carries the lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A thread per connection.
    Threads,
    /// A task per connection.
    Tasks,
}

impl Kind {
    /// What a lane calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Threads => "threads",
            Self::Tasks => "tasks",
        }
    }
}

/// A server that listens. Peers can connect; they are served as soon as it runs.
pub struct Server {
    /// Where it listens.
    pub addr: SocketAddr,
    /// Dropping it stops the server.
    pub stop: Box<dyn Send>,
    /// Runs it until it is stopped, and returns how many peers it has served.
    pub run: Box<dyn FnOnce() -> anyhow::Result<u64> + Send>,
}

impl Server {
    /// A server of this kind at `addr`; port 0 takes a free one.
    ///
    /// # Errors
    ///
    /// Fails when the address is not to be had, or the system has no files left to open.
    pub fn listen(kind: Kind, addr: SocketAddr, settings: Settings) -> anyhow::Result<Self> {
        let listening = || format!("cannot listen on {addr}");
        match kind {
            Kind::Threads => {
                let listener = TcpListener::bind(addr).with_context(listening)?;
                let addr = listener.local_addr().with_context(listening)?;
                let (stopped, stop) = io::pipe().context("cannot open a pipe")?;
                let run = move || Ok(threads::serve(&listener, settings, &stopped)?);
                Ok(Self { addr, stop: Box::new(stop), run: Box::new(run) })
            }
            Kind::Tasks => {
                let runtime = runtime()?;
                let listener = runtime.block_on(async { bind(addr) }).with_context(listening)?;
                let addr = listener.local_addr().with_context(listening)?;
                let (stop, stopped) = oneshot::channel::<()>();
                let run = move || Ok(runtime.block_on(tasks::serve(listener, settings, stopped)));
                Ok(Self { addr, stop: Box::new(stop), run: Box::new(run) })
            }
        }
    }
}

/// A listener with a longer queue than the usual 128. A thread accepts at once; a task must wait its
/// turn, and a peer that finds the queue full tries again after a second.
fn bind(addr: SocketAddr) -> io::Result<tokio::net::TcpListener> {
    let socket = if addr.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(addr)?;
    socket.listen(1024)
}

/// Runs a server in a thread beside `visit`, stops it, and joins it. Returns what `visit` did, and
/// how many peers the server has served.
///
/// # Errors
///
/// Fails when there can be no server, and when `visit` fails.
pub fn visited<T>(
    kind: Kind,
    settings: Settings,
    visit: impl FnOnce(SocketAddr) -> anyhow::Result<T>,
) -> anyhow::Result<(T, u64)> {
    let localhost = (Ipv4Addr::LOCALHOST, 0).into();
    let Server { addr, stop, run } = Server::listen(kind, localhost, settings)?;
    thread::scope(|scope| {
        // Owned here: if this closure panics, the scope would wait for a server nobody stops.
        let stop = stop;
        let running = spawn(scope, "the server's thread", run)?;
        let visited = visit(addr);
        drop(stop);
        let served = running.joined()?.context("the server failed")?;
        Ok((visited?, served))
    })
}

/// Plays with `server`, in this thread or in a task that this thread runs; returns what was said.
///
/// # Errors
///
/// Fails when the server can't be reached, takes longer than `timeout` for an answer, or does not
/// play by the rules.
pub fn play(
    kind: Kind,
    server: SocketAddr,
    games: Games,
    timeout: Duration,
) -> anyhow::Result<Vec<String>> {
    let player = Player::new(games);
    let said = match kind {
        Kind::Threads => {
            threads::Client::connect(server, player, timeout).and_then(threads::Client::play)
        }
        Kind::Tasks => runtime()?.block_on(async {
            tasks::Client::connect(server, player, timeout).await?.play().await
        }),
    };
    said.with_context(|| format!("cannot play with {server}"))
}

/// A runtime that runs all its tasks on the thread that calls it. It has the drivers for sockets and
/// clocks and no others: each opens files of its own.
///
/// # Errors
///
/// Fails when the system has no files left to open.
pub fn runtime() -> anyhow::Result<Runtime> {
    let mut builder = Builder::new_current_thread();
    builder.enable_io().enable_time().build().context("cannot start the async runtime")
}
