//! Server and client in threads: one thread per connection, which waits for its peer.
//!
//! [`tasks`](crate::tasks) is the same program in tasks; its `// New:` lines say what differs.

use std::io::{self, BufRead, BufReader, PipeReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use common::threads::spawn;

use crate::deadline::TimedStream;
use crate::door::{TurnedAway, next_peer, refuse};
use crate::player::Player;
use crate::protocol::LONGEST_LINE;
use crate::session::Session;
use crate::settings::Settings;

/// Serves each peer in a thread of its own until the other end of `stop` is closed. Then it ends the
/// connections, joins the threads, and returns how many peers it has served.
pub fn serve(listener: &TcpListener, settings: Settings, stop: &PipeReader) -> u64 {
    let mut served = 0;
    // Weak, so that a socket is closed when its thread ends, and not when this forgets it.
    let mut open: Vec<Weak<TcpStream>> = Vec::new();
    let mut turned_away = TurnedAway::default();
    let stopping = &AtomicBool::new(false);
    thread::scope(|scope| {
        while let Some(stream) = next_peer(listener, stop).map(Arc::new) {
            open.retain(|stream| stream.strong_count() > 0);
            let peer = Arc::clone(&stream);
            // A peer that fails is its own affair.
            let work = move || drop(attend(peer, settings, stopping));
            if open.len() < settings.most_peers.into() && spawn(scope, "connection", work).is_ok() {
                open.push(Arc::downgrade(&stream));
                served += 1;
            } else {
                let _ = turned_away.add(stream);
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
    served
}

fn attend(stream: Arc<TcpStream>, settings: Settings, stopping: &AtomicBool) -> io::Result<()> {
    let mut connection = Connection::new(stream, settings.idle)?;
    let Err(why) = converse(&mut connection, settings.seed, stopping) else { return Ok(()) };
    refuse(connection.peer.get_mut(), &why)
}

/// Answers line by line until the peer hangs up. The error is why the server does.
fn converse(connection: &mut Connection, seed: u64, stopping: &AtomicBool) -> anyhow::Result<()> {
    let mut session = Session::new(seed);
    while let Some(line) = connection.receive()? {
        connection.send(&session.answer(&line)?)?;
        if stopping.load(Relaxed) {
            break;
        }
    }
    Ok(())
}

/// Plays all games of `player`, hangs up, and returns what was said.
///
/// # Errors
///
/// Fails when the server is late, or does not play by the rules.
pub fn play(mut connection: Connection, mut player: Player) -> anyhow::Result<String> {
    while !player.is_done() {
        connection.send(&player.says())?;
        player.hears(connection.receive()?)?;
    }
    // The games are over, whatever becomes of the last words.
    let _ = connection.send(&player.says());
    Ok(player.transcript)
}

/// Lines to and from a peer, each within a time.
pub struct Connection {
    peer: BufReader<TimedStream>,
    time: Duration,
}

impl Connection {
    /// Connects to `server`, which may take so much time for this and for each line.
    pub fn open(server: SocketAddr, time: Duration) -> io::Result<Self> {
        Self::new(Arc::new(TcpStream::connect_timeout(&server, time)?), time)
    }

    fn new(stream: Arc<TcpStream>, time: Duration) -> io::Result<Self> {
        // A line is sent at once, also while the one before is not acknowledged yet.
        stream.set_nodelay(true)?;
        Ok(Self { peer: BufReader::new(TimedStream::new(stream)), time })
    }

    /// The next line, or what there is of it when the peer stops sending or the line gets too long:
    /// never more than [`LONGEST_LINE`] bytes are kept. Nothing when the peer has hung up.
    pub fn receive(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        self.peer.get_mut().allow(self.time);
        self.peer.by_ref().take(LONGEST_LINE as u64).read_until(b'\n', &mut line)?;
        Ok(Some(line).filter(|line| !line.is_empty()))
    }

    /// Sends one line or several.
    pub fn send(&mut self, text: &str) -> io::Result<()> {
        self.peer.get_mut().allow(self.time).write_all(text.as_bytes())
    }
}
