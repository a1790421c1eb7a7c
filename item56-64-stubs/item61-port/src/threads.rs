//! The edges in threads, on the standard library: one thread per connection.
//!
//! A thread that waits in the kernel can't be told from outside to end. It has to wait for two
//! things at once: its peer, and the word to stop. So every thread of a server waits (`poll(2)`)
//! for its own socket and, beside it, for the reading end of one pipe. When the writing end is
//! closed, or a signal writes to it, they all wake up and return.

use std::io::{self, BufRead, BufReader, ErrorKind, PipeReader, Read, Write};
use std::iter;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use item61_port::guessing::{LONGEST_LINE, Player, Refusal, Session};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use crate::{LINGER, PAUSE, Settings, is_momentary};

/// Serves each peer in a thread of its own until `stop` is readable or its other end is closed.
/// Then it ends the connections, joins the threads, and returns how many connections there were.
pub fn serve(listener: &TcpListener, settings: Settings, stop: &PipeReader) -> io::Result<u64> {
    listener.set_nonblocking(true)?;
    thread::scope(|scope| {
        let mut connections = 0;
        while wait_for(listener, PollFlags::IN, Some(stop), None)? != Woken::Stopped {
            let stream = match listener.accept() {
                Ok((stream, _)) => Arc::new(stream),
                Err(error) => {
                    if !is_momentary(&error) {
                        thread::sleep(PAUSE);
                    }
                    continue;
                }
            };
            // The stream has two owners: if no thread can be started, one is left to say so.
            let thread = thread::Builder::new().spawn_scoped(scope, {
                let stream = Arc::clone(&stream);
                // A peer that fails is its own affair.
                move || drop(converse(stream, settings, stop))
            });
            match thread {
                Ok(_) => connections += 1,
                Err(_) => turn_away(&stream),
            }
        }
        Ok(connections)
    })
}

fn converse(stream: Arc<TcpStream>, settings: Settings, stop: &PipeReader) -> io::Result<()> {
    let mut connection = Connection::new(stream, Some(stop))?;
    let mut session = Session::new(settings.seed);
    loop {
        let answer = match connection.receive(settings.idle) {
            Ok([]) => return Ok(()),
            Ok(line) => session.answer(line),
            Err(error) if error.kind() == ErrorKind::TimedOut => Err(Refusal::Silent),
            Err(error) => return Err(error),
        };
        match answer {
            Ok(answer) => connection.send(&answer, settings.idle)?,
            Err(refusal) => return connection.dismiss(&refusal),
        }
    }
}

/// One line and no more: the thread that accepts must not wait for a single peer.
fn turn_away(mut stream: &TcpStream) {
    let _ = stream.set_nonblocking(true);
    let _ = stream.write_all(Refusal::Busy.line().as_bytes());
}

/// A player who is connected to a server.
pub struct Client {
    connection: Connection<'static>,
    player: Player,
    timeout: Duration,
}

impl Client {
    pub fn connect(server: SocketAddr, player: Player, timeout: Duration) -> anyhow::Result<Self> {
        let stream = TcpStream::connect_timeout(&server, timeout)?;
        let connection = Connection::new(Arc::new(stream), None)?;
        Ok(Self { connection, player, timeout })
    }

    /// Says what there is to say and hears one line.
    pub fn exchange(&mut self) -> anyhow::Result<()> {
        self.say()?;
        self.hear()
    }

    /// Plays to the end, hears that the server hangs up, and returns what was said.
    pub fn play(mut self) -> anyhow::Result<Vec<String>> {
        while !self.player.is_done() {
            self.exchange()?;
        }
        self.say()?;
        self.connection.stop_sending()?;
        self.hear()?;
        Ok(self.player.into_transcript())
    }

    fn say(&mut self) -> anyhow::Result<()> {
        Ok(self.connection.send(&self.player.says(), self.timeout)?)
    }

    fn hear(&mut self) -> anyhow::Result<()> {
        let line = self.connection.receive(self.timeout)?;
        Ok(self.player.hears(line)?)
    }
}

/// Lines to and from a peer.
struct Connection<'stop> {
    peer: BufReader<Peer<'stop>>,
    line: Vec<u8>,
}

impl<'stop> Connection<'stop> {
    fn new(stream: Arc<TcpStream>, stop: Option<&'stop PipeReader>) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        // A line is sent at once, also while the one before is not acknowledged yet.
        stream.set_nodelay(true)?;
        let peer = Peer { stream, stop, deadline: Instant::now() };
        Ok(Self { peer: BufReader::new(peer), line: Vec::new() })
    }

    /// The next line, or what there is of it when the peer stops sending or the line gets too
    /// long: never more than [`LONGEST_LINE`] bytes are kept.
    fn receive(&mut self, within: Duration) -> io::Result<&[u8]> {
        self.line.clear();
        self.peer.get_mut().deadline = Instant::now() + within;
        let mut limited = (&mut self.peer).take(LONGEST_LINE as u64);
        limited.read_until(b'\n', &mut self.line)?;
        Ok(&self.line)
    }

    fn send(&mut self, text: &str, within: Duration) -> io::Result<()> {
        self.peer.get_mut().deadline = Instant::now() + within;
        self.peer.get_mut().write_all(text.as_bytes())
    }

    fn stop_sending(&mut self) -> io::Result<()> {
        self.peer.get_ref().stream.shutdown(Shutdown::Write)
    }

    /// Says why and closes.
    fn dismiss(&mut self, refusal: &Refusal) -> io::Result<()> {
        self.send(&refusal.line(), LINGER)?;
        self.stop_sending()?;
        // If what the peer still sends were left unread, the system would reset the connection,
        // and the peer might never see the refusal.
        self.peer.get_mut().deadline = Instant::now() + LINGER;
        io::copy(&mut self.peer, &mut io::sink())?;
        Ok(())
    }
}

/// A socket whose reads and writes end when the deadline passes or the server stops.
struct Peer<'stop> {
    stream: Arc<TcpStream>,
    stop: Option<&'stop PipeReader>,
    deadline: Instant,
}

impl Peer<'_> {
    fn wait_until(&self, ready: PollFlags) -> io::Result<()> {
        match wait_for(&self.stream, ready, self.stop, Some(self.deadline))? {
            Woken::Ready => Ok(()),
            Woken::TimedOut => Err(io::Error::new(ErrorKind::TimedOut, "no answer in time")),
            Woken::Stopped => Err(io::Error::other("the server stops")),
        }
    }
}

impl Read for Peer<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            self.wait_until(PollFlags::IN)?;
            match (&*self.stream).read(buffer) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                done => return done,
            }
        }
    }
}

impl Write for Peer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            self.wait_until(PollFlags::OUT)?;
            match (&*self.stream).write(bytes) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                done => return done,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[derive(PartialEq, Eq)]
enum Woken {
    Ready,
    TimedOut,
    Stopped,
}

/// Waits until `socket` is `ready`, the deadline passes, or the word comes to stop, which wins.
fn wait_for(
    socket: &impl AsFd,
    ready: PollFlags,
    stop: Option<&PipeReader>,
    deadline: Option<Instant>,
) -> io::Result<Woken> {
    let stop = stop.map(|stop| PollFd::new(stop, PollFlags::IN));
    let mut waits: Vec<PollFd> = iter::once(PollFd::new(socket, ready)).chain(stop).collect();
    loop {
        let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
        // Also if there is always something to read: a peer that never ends has its deadline too.
        if left == Some(Duration::ZERO) {
            return Ok(Woken::TimedOut);
        }
        let left = left.map(|left| Timespec::try_from(left).expect("at most a day"));
        match poll(&mut waits, left.as_ref()) {
            Ok(0) | Err(Errno::INTR) => {}
            Ok(_) if waits.get(1).is_some_and(|stop| !stop.revents().is_empty()) => {
                return Ok(Woken::Stopped);
            }
            Ok(_) => return Ok(Woken::Ready),
            Err(error) => return Err(error.into()),
        }
    }
}
