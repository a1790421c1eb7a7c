//! Server and client in tasks, on tokio: one task per connection, all of them on one thread.
//!
//! This is [`threads`](crate::threads), function by function; `// New:` marks what had to change.
//! Not marked: `async` before the functions that wait, `.await` behind the calls that do, and tokio's
//! types for those of the standard library.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::select;
use tokio::task::{JoinSet, yield_now};

use crate::deadline::within;
use crate::door::{TurnedAway, next_peer_async, refuse_async};
use crate::player::Player;
use crate::protocol::LONGEST_LINE;
use crate::session::Session;
use crate::settings::Settings;

/// Serves each peer in a task of its own until `stop` is done. Then it ends the connections and
/// their tasks, and returns how many peers it has served.
pub async fn serve(listener: TcpListener, settings: Settings, stop: impl Future) -> u64 {
    let mut served = 0;
    // New: the set knows its tasks, as `open` knew the sockets.
    let mut tasks = JoinSet::new();
    let mut turned_away = TurnedAway::default();
    // Each turn of the loop asks the same `stop`, by a reference. `pin!` makes sure that it is not moved.
    let mut stop = pin!(stop);
    loop {
        // New: `select!` takes the future that is done first, and drops the other. These can be any two
        // futures; `poll` waits for files alone.
        let stream = select! {
            _ = &mut stop => break,
            stream = next_peer_async(&listener) => stream,
        };
        while tasks.try_join_next().is_some() {}
        // New: the system can't refuse a task.
        if tasks.len() < settings.most_peers.into() {
            tasks.spawn(attend(stream, settings));
            served += 1;
        } else if let Ok(stream) = stream.into_std() {
            let _ = turned_away.add(stream.into());
        }
    }
    // New: each task is dropped at the `.await` where it waits, and its socket with it.
    tasks.shutdown().await;
    served
}

async fn attend(stream: TcpStream, settings: Settings) -> io::Result<()> {
    let mut connection = Connection::new(stream, settings.idle)?;
    let Err(why) = converse(&mut connection, settings.seed).await else { return Ok(()) };
    refuse_async(connection.peer.get_mut(), &why).await
}

/// Answers line by line until the peer hangs up. The error is why the server does.
async fn converse(connection: &mut Connection, seed: u64) -> anyhow::Result<()> {
    let mut session = Session::new(seed);
    while let Some(line) = connection.receive().await? {
        connection.send(&session.answer(&line)?).await?;
        // New: a task does not wait for what has arrived already. Its peer may have sent thousands of
        // lines, so the task gives way by itself.
        yield_now().await;
    }
    Ok(())
}

/// Plays all games of `player`, hangs up, and returns what was said.
///
/// # Errors
///
/// Fails when the server is late, or does not play by the rules.
pub async fn play(mut connection: Connection, mut player: Player) -> anyhow::Result<String> {
    while !player.is_done() {
        connection.send(&player.says()).await?;
        player.hears(connection.receive().await?)?;
    }
    // The games are over, whatever becomes of the last words.
    let _ = connection.send(&player.says()).await;
    Ok(player.transcript)
}

/// Lines to and from a peer, each within a time.
pub struct Connection {
    // New: no `TimedStream`. A deadline is wrapped around the call, not built into the socket: `within`
    // gives one to any work, for it drops what is late.
    peer: BufReader<TcpStream>,
    time: Duration,
}

impl Connection {
    /// Connects to `server`, which may take so much time for this and for each line.
    pub async fn open(server: SocketAddr, time: Duration) -> io::Result<Self> {
        Self::new(within(time, TcpStream::connect(server)).await?, time)
    }

    fn new(stream: TcpStream, time: Duration) -> io::Result<Self> {
        // A line is sent at once, also while the one before is not acknowledged yet.
        stream.set_nodelay(true)?;
        Ok(Self { peer: BufReader::new(stream), time })
    }

    /// The next line, or what there is of it when the peer stops sending or the line gets too long:
    /// never more than [`LONGEST_LINE`] bytes are kept. Nothing when the peer has hung up.
    pub async fn receive(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let mut limited = (&mut self.peer).take(LONGEST_LINE as u64);
        within(self.time, limited.read_until(b'\n', &mut line)).await?;
        Ok(Some(line).filter(|line| !line.is_empty()))
    }

    /// Sends one line or several.
    pub async fn send(&mut self, text: &str) -> io::Result<()> {
        within(self.time, self.peer.get_mut().write_all(text.as_bytes())).await
    }
}
