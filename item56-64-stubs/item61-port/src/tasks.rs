//! Server and client in tasks, on tokio: one task per connection, all of them on one thread.
//!
//! This is [`threads`](crate::threads), function by function; `// New:` marks what had to change.
//! Not marked: `async` before the functions that wait, `.await` behind the calls that do, and tokio's
//! types for those of the standard library.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use anyhow::anyhow;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::select;
use tokio::task::{JoinSet, yield_now};
use tokio::time::{sleep, timeout};

use crate::player::Player;
use crate::protocol::LONGEST_LINE;
use crate::session::Session;
use crate::settings::{LINGER, PAUSE, Settings};

/// Serves each peer in a task of its own until `stop` is done. Then it ends the connections and
/// their tasks, and returns how many peers it has served.
pub async fn serve(listener: TcpListener, settings: Settings, stop: impl Future) -> u64 {
    let mut served = 0;
    // New: the set knows its tasks, as `open` knew the sockets.
    let mut tasks = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        // New: any two things can be waited for at once, not just what `poll` knows.
        let accepted = select! {
            _ = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((mut stream, _)) = accepted else {
            sleep(PAUSE).await;
            continue;
        };
        while tasks.try_join_next().is_some() {}
        // New: the system can't refuse a task.
        if tasks.len() < settings.most_peers {
            // A peer that fails is its own affair.
            tasks.spawn(async move { drop(converse(stream, settings).await) });
            served += 1;
        } else {
            turn_away(&mut stream).await;
        }
    }
    // New: a task is dropped where it waits, and its socket with it.
    tasks.shutdown().await;
    served
}

/// One line, for which an unused socket has room: whoever accepts must not wait for a single peer.
async fn turn_away(stream: &mut TcpStream) {
    let _ = stream.write_all(b"ERROR the server is full\n").await;
}

async fn converse(stream: TcpStream, settings: Settings) -> io::Result<()> {
    let mut connection = Connection::new(stream, settings.idle)?;
    let mut session = Session::new(settings.seed);
    loop {
        let answer = match connection.receive().await {
            Ok([]) => return Ok(()),
            Ok(line) => session.answer(line),
            Err(error) if error.kind() == ErrorKind::TimedOut => Err(anyhow!("no line in time")),
            Err(error) => return Err(error),
        };
        match answer {
            Ok(answer) => connection.send(&answer).await?,
            Err(refusal) => return connection.refuse(&refusal).await,
        }
        // New: a task whose peer sends and sends never waits, so it has to give way by itself.
        yield_now().await;
    }
}

/// A player who is connected to a server.
pub struct Client {
    connection: Connection,
    player: Player,
}

impl Client {
    /// Connects to `server`, which may take `timeout` for this and for each answer.
    ///
    /// # Errors
    ///
    /// Fails when the server can't be reached in time.
    pub async fn connect(
        server: SocketAddr,
        player: Player,
        timeout: Duration,
    ) -> anyhow::Result<Self> {
        let stream = within(timeout, TcpStream::connect(server)).await?;
        let connection = Connection::new(stream, timeout)?;
        Ok(Self { connection, player })
    }

    /// Says what there is to say, and hears one guess.
    ///
    /// # Errors
    ///
    /// Fails when the server is late, or does not play by the rules.
    pub async fn exchange(&mut self) -> anyhow::Result<()> {
        self.connection.send(&self.player.says()).await?;
        self.player.hears(self.connection.receive().await?)
    }

    /// Plays to the end, hangs up, and returns what was said.
    ///
    /// # Errors
    ///
    /// As [`exchange`](Self::exchange).
    pub async fn play(mut self) -> anyhow::Result<Vec<String>> {
        while !self.player.is_done() {
            self.exchange().await?;
        }
        // The games are over, whatever becomes of the last words.
        let _ = self.connection.send(&self.player.says()).await;
        Ok(self.player.into_transcript())
    }
}

/// Lines to and from a peer, each within a time.
struct Connection {
    // New: no `TimedStream`. A deadline is wrapped around the call, not built into the socket.
    peer: BufReader<TcpStream>,
    line: Vec<u8>,
    time: Duration,
}

impl Connection {
    fn new(stream: TcpStream, time: Duration) -> io::Result<Self> {
        // A line is sent at once, also while the one before is not acknowledged yet.
        stream.set_nodelay(true)?;
        Ok(Self { peer: BufReader::new(stream), line: Vec::new(), time })
    }

    /// The next line, or what there is of it when the peer stops sending or the line gets too
    /// long: never more than [`LONGEST_LINE`] bytes are kept.
    async fn receive(&mut self) -> io::Result<&[u8]> {
        self.line.clear();
        let mut limited = (&mut self.peer).take(LONGEST_LINE as u64);
        within(self.time, limited.read_until(b'\n', &mut self.line)).await?;
        Ok(&self.line)
    }

    async fn send(&mut self, text: &str) -> io::Result<()> {
        within(self.time, self.peer.get_mut().write_all(text.as_bytes())).await
    }

    /// Says why, and closes the connection.
    async fn refuse(&mut self, refusal: &anyhow::Error) -> io::Result<()> {
        self.time = LINGER;
        self.send(&format!("ERROR {refusal}\n")).await?;
        self.peer.get_mut().shutdown().await?;
        // If what the peer still sends were left unread, the system would reset the connection,
        // and the peer might never see the refusal.
        within(self.time, tokio::io::copy(&mut self.peer, &mut tokio::io::sink())).await?;
        Ok(())
    }
}

// New: one function gives any work a deadline, for it drops what is late.
async fn within<T>(time: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    let late = |_| io::Error::new(ErrorKind::TimedOut, "no answer in time");
    timeout(time, work).await.map_err(late)?
}
