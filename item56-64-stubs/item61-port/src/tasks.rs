//! The same edges in tasks, on tokio: one task per connection, all of them on one thread.
//!
//! A task that waits has handed the thread back, so it needs no word to stop: whoever holds it
//! drops it, and its socket with it. The same goes for deadlines: `timeout` drops what is late.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use item61_port::guessing::{LONGEST_LINE, Player, Refusal, Session};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::select;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::{LINGER, PAUSE, Settings, is_momentary};

/// Serves each peer in a task of its own until `stop` is done. Then it ends the connections and
/// their tasks, and returns how many connections there were.
pub async fn serve(listener: TcpListener, settings: Settings, stop: impl Future) -> u64 {
    let mut connections = 0;
    let mut tasks = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        let accepted = select! {
            _ = &mut stop => break,
            accepted = listener.accept() => accepted,
            // Forgets the tasks that have ended.
            Some(_) = tasks.join_next() => continue,
        };
        match accepted {
            Ok((stream, _)) => {
                // A peer that fails is its own affair.
                tasks.spawn(async move { drop(converse(stream, settings).await) });
                connections += 1;
            }
            Err(error) if is_momentary(&error) => {}
            Err(_) => sleep(PAUSE).await,
        }
    }
    tasks.shutdown().await;
    connections
}

async fn converse(stream: TcpStream, settings: Settings) -> io::Result<()> {
    let mut connection = Connection::new(stream)?;
    let mut session = Session::new(settings.seed);
    loop {
        let answer = match connection.receive(settings.idle).await {
            Ok([]) => return Ok(()),
            Ok(line) => session.answer(line),
            Err(error) if error.kind() == ErrorKind::TimedOut => Err(Refusal::Silent),
            Err(error) => return Err(error),
        };
        match answer {
            Ok(answer) => connection.send(&answer, settings.idle).await?,
            Err(refusal) => return connection.dismiss(&refusal).await,
        }
    }
}

/// A player who is connected to a server.
pub struct Client {
    connection: Connection,
    player: Player,
    timeout: Duration,
}

impl Client {
    pub async fn connect(
        server: SocketAddr,
        player: Player,
        timeout: Duration,
    ) -> anyhow::Result<Self> {
        let stream = within(timeout, TcpStream::connect(server)).await?;
        let connection = Connection::new(stream)?;
        Ok(Self { connection, player, timeout })
    }

    /// Says what there is to say and hears one line.
    pub async fn exchange(&mut self) -> anyhow::Result<()> {
        self.say().await?;
        self.hear().await
    }

    /// Plays to the end, hears that the server hangs up, and returns what was said.
    pub async fn play(mut self) -> anyhow::Result<Vec<String>> {
        while !self.player.is_done() {
            self.exchange().await?;
        }
        self.say().await?;
        self.connection.stop_sending().await?;
        self.hear().await?;
        Ok(self.player.into_transcript())
    }

    async fn say(&mut self) -> anyhow::Result<()> {
        Ok(self.connection.send(&self.player.says(), self.timeout).await?)
    }

    async fn hear(&mut self) -> anyhow::Result<()> {
        let line = self.connection.receive(self.timeout).await?;
        Ok(self.player.hears(line)?)
    }
}

/// Lines to and from a peer.
struct Connection {
    peer: BufReader<TcpStream>,
    line: Vec<u8>,
}

impl Connection {
    fn new(stream: TcpStream) -> io::Result<Self> {
        // A line is sent at once, also while the one before is not acknowledged yet.
        stream.set_nodelay(true)?;
        Ok(Self { peer: BufReader::new(stream), line: Vec::new() })
    }

    /// The next line, or what there is of it when the peer stops sending or the line gets too
    /// long: never more than [`LONGEST_LINE`] bytes are kept.
    async fn receive(&mut self, time: Duration) -> io::Result<&[u8]> {
        self.line.clear();
        let mut limited = (&mut self.peer).take(LONGEST_LINE as u64);
        within(time, limited.read_until(b'\n', &mut self.line)).await?;
        Ok(&self.line)
    }

    async fn send(&mut self, text: &str, time: Duration) -> io::Result<()> {
        within(time, self.peer.get_mut().write_all(text.as_bytes())).await
    }

    async fn stop_sending(&mut self) -> io::Result<()> {
        self.peer.get_mut().shutdown().await
    }

    /// Says why and closes.
    async fn dismiss(&mut self, refusal: &Refusal) -> io::Result<()> {
        self.send(&refusal.line(), LINGER).await?;
        self.stop_sending().await?;
        // If what the peer still sends were left unread, the system would reset the connection,
        // and the peer might never see the refusal.
        within(LINGER, tokio::io::copy(&mut self.peer, &mut tokio::io::sink())).await?;
        Ok(())
    }
}

async fn within<T>(time: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    let late = |_| io::Error::new(ErrorKind::TimedOut, "no answer in time");
    timeout(time, work).await.map_err(late)?
}
