//! Server and client in threads: one thread per connection, which waits for its peer.
//!
//! [`tasks`](crate::tasks) is the same program in tasks; its `// New:` lines say what differs.

use std::io::{self, BufRead, BufReader, ErrorKind, PipeReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use anyhow::anyhow;
use common::threads::spawn;
use rustix::event::{PollFd, PollFlags, poll};

use crate::deadline::TimedStream;
use crate::player::Player;
use crate::protocol::LONGEST_LINE;
use crate::session::Session;
use crate::settings::{LINGER, PAUSE, Settings};

/// Serves each peer in a thread of its own until the other end of `stop` is closed. Then it ends the
/// connections, joins the threads, and returns how many peers it has served.
///
/// # Errors
///
/// Fails when `listener` can't be set up.
pub fn serve(listener: &TcpListener, settings: Settings, stop: &PipeReader) -> io::Result<u64> {
    listener.set_nonblocking(true)?;
    let mut served = 0;
    // Weak, so that a socket is closed when its thread ends, and not when this forgets it.
    let mut open: Vec<Weak<TcpStream>> = Vec::new();
    let stopping = &AtomicBool::new(false);
    thread::scope(|scope| {
        while !told_to_stop(listener, stop) {
            let Ok((stream, _)) = listener.accept() else {
                thread::sleep(PAUSE);
                continue;
            };
            let stream = Arc::new(stream);
            open.retain(|stream| stream.strong_count() > 0);
            let has_room = open.len() < settings.most_peers;
            let peer = Arc::clone(&stream);
            // A peer that fails is its own affair.
            let work = move || drop(converse(peer, settings, stopping));
            if has_room && spawn(scope, "a connection's thread", work).is_ok() {
                open.push(Arc::downgrade(&stream));
                served += 1;
            } else {
                turn_away(&stream);
            }
        }
        // A thread that waits for its peer can't be told to end; it ends when its socket does. One
        // that never waits, for its peer sends and sends, looks at the flag. (Relaxed: nothing else
        // is to be seen together with it.)
        stopping.store(true, Relaxed);
        for stream in open.iter().filter_map(Weak::upgrade) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    });
    Ok(served)
}

/// Waits for a peer or for the word to stop, and says whether it was that.
fn told_to_stop(listener: &TcpListener, stop: &PipeReader) -> bool {
    let mut waits = [PollFd::new(listener, PollFlags::IN), PollFd::new(stop, PollFlags::IN)];
    // If it fails, by a signal for one, nobody is there to accept, and the next call waits again.
    let _ = poll(&mut waits, None);
    !waits[1].revents().is_empty()
}

/// One line, for which an unused socket has room: whoever accepts must not wait for a single peer.
fn turn_away(mut stream: &TcpStream) {
    let _ = stream.write_all(b"ERROR the server is full\n");
}

fn converse(stream: Arc<TcpStream>, settings: Settings, stopping: &AtomicBool) -> io::Result<()> {
    let mut connection = Connection::new(stream, settings.idle)?;
    let mut session = Session::new(settings.seed);
    while !stopping.load(Relaxed) {
        let answer = match connection.receive() {
            Ok([]) => return Ok(()),
            Ok(line) => session.answer(line),
            Err(error) if error.kind() == ErrorKind::TimedOut => Err(anyhow!("no line in time")),
            Err(error) => return Err(error),
        };
        match answer {
            Ok(answer) => connection.send(&answer)?,
            Err(refusal) => return connection.refuse(&refusal),
        }
    }
    Ok(())
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
    pub fn connect(server: SocketAddr, player: Player, timeout: Duration) -> anyhow::Result<Self> {
        let stream = TcpStream::connect_timeout(&server, timeout)?;
        let connection = Connection::new(Arc::new(stream), timeout)?;
        Ok(Self { connection, player })
    }

    /// Says what there is to say, and hears one guess.
    ///
    /// # Errors
    ///
    /// Fails when the server is late, or does not play by the rules.
    pub fn exchange(&mut self) -> anyhow::Result<()> {
        self.connection.send(&self.player.says())?;
        self.player.hears(self.connection.receive()?)
    }

    /// Plays to the end, hangs up, and returns what was said.
    ///
    /// # Errors
    ///
    /// As [`exchange`](Self::exchange).
    pub fn play(mut self) -> anyhow::Result<Vec<String>> {
        while !self.player.is_done() {
            self.exchange()?;
        }
        // The games are over, whatever becomes of the last words.
        let _ = self.connection.send(&self.player.says());
        Ok(self.player.into_transcript())
    }
}

/// Lines to and from a peer, each within a time.
struct Connection {
    peer: BufReader<TimedStream>,
    line: Vec<u8>,
    time: Duration,
}

impl Connection {
    fn new(stream: Arc<TcpStream>, time: Duration) -> io::Result<Self> {
        // On some systems it has this from the listener.
        stream.set_nonblocking(false)?;
        // A line is sent at once, also while the one before is not acknowledged yet.
        stream.set_nodelay(true)?;
        Ok(Self { peer: BufReader::new(TimedStream::new(stream)), line: Vec::new(), time })
    }

    /// The next line, or what there is of it when the peer stops sending or the line gets too
    /// long: never more than [`LONGEST_LINE`] bytes are kept.
    fn receive(&mut self) -> io::Result<&[u8]> {
        self.line.clear();
        self.peer.get_mut().allow(self.time);
        self.peer.by_ref().take(LONGEST_LINE as u64).read_until(b'\n', &mut self.line)?;
        Ok(&self.line)
    }

    fn send(&mut self, text: &str) -> io::Result<()> {
        self.peer.get_mut().allow(self.time).write_all(text.as_bytes())
    }

    /// Says why, and closes the connection.
    fn refuse(&mut self, refusal: &anyhow::Error) -> io::Result<()> {
        self.time = LINGER;
        self.send(&format!("ERROR {refusal}\n"))?;
        self.peer.get_ref().socket().shutdown(Shutdown::Write)?;
        // If what the peer still sends were left unread, the system would reset the connection,
        // and the peer might never see the refusal.
        self.peer.get_mut().allow(self.time);
        io::copy(&mut self.peer, &mut io::sink())?;
        Ok(())
    }
}
