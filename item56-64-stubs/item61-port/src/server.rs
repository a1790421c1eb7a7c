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
    /// Both, in the order in which what they did is reported.
    pub const BOTH: [Self; 2] = [Self::Threads, Self::Tasks];

    /// What a person calls them.
    pub const NAMES: [&str; 2] = ["threads", "tasks"];
}

/// A server that listens. Peers can connect; they are served as soon as it runs.
pub struct Server {
    /// Where it listens.
    pub addr: SocketAddr,
    /// Dropping it stops the server.
    pub stop: Box<dyn Send>,
    /// Runs it until it is stopped, and returns how many peers it has served.
    pub run: Box<dyn FnOnce() -> u64 + Send>,
}

impl Server {
    /// A server of this kind at `addr`; port 0 takes a free one.
    pub fn listen(kind: Kind, addr: SocketAddr, settings: Settings) -> anyhow::Result<Self> {
        let listening = || format!("cannot listen on {addr}");
        match kind {
            Kind::Threads => {
                let listener = TcpListener::bind(addr).with_context(listening)?;
                listener.set_nonblocking(true).with_context(listening)?;
                let addr = listener.local_addr().with_context(listening)?;
                let (stopped, stop) = io::pipe().context("cannot open a pipe")?;
                let run = move || threads::serve(&listener, settings, &stopped);
                Ok(Self { addr, stop: Box::new(stop), run: Box::new(run) })
            }
            Kind::Tasks => {
                let runtime = runtime()?;
                let listener = runtime.block_on(async { bind(addr) }).with_context(listening)?;
                let addr = listener.local_addr().with_context(listening)?;
                let (stop, stopped) = oneshot::channel::<()>();
                let run = move || runtime.block_on(tasks::serve(listener, settings, stopped));
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
        let served = running.joined()?;
        Ok((visited?, served))
    })
}

/// Pays the same visit to a server of each kind, and collects what came of it: first of threads, then of
/// tasks.
pub fn with_both<T, C: FromIterator<T>>(
    settings: Settings,
    visit: impl Fn(Kind, SocketAddr) -> anyhow::Result<T>,
) -> anyhow::Result<C> {
    let visit = |kind| Ok(visited(kind, settings, |addr| visit(kind, addr))?.0);
    Kind::BOTH.into_iter().map(visit).collect()
}

/// Plays with `server`, in this thread or in a task that this thread runs; returns what was said.
/// The server may take `time` for each answer.
pub fn play(
    kind: Kind,
    server: SocketAddr,
    games: Games,
    time: Duration,
) -> anyhow::Result<String> {
    let player = || Player::new(games);
    let in_thread = || threads::play(threads::Connection::open(server, time)?, player());
    let in_task =
        async || tasks::play(tasks::Connection::open(server, time).await?, player()).await;
    let said = match kind {
        Kind::Threads => in_thread(),
        Kind::Tasks => runtime()?.block_on(in_task()),
    };
    said.with_context(|| format!("cannot play with {server}"))
}

/// A runtime that runs all its tasks on the thread that calls it. It has the drivers for sockets and
/// clocks and no others: each opens files of its own.
pub fn runtime() -> anyhow::Result<Runtime> {
    let mut builder = Builder::new_current_thread();
    builder.enable_io().enable_time().build().context("cannot start the async runtime")
}
