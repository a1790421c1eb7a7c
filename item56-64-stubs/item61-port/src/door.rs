//! At a server's door: how peers come in, and how those are shown out whom it does not serve. First
//! with calls that block, then the same with tasks.

use std::collections::VecDeque;
use std::io::{self, PipeReader, Read, Write};
use std::net::{self, Shutdown};
use std::sync::Arc;
use std::thread;

use rustix::event::{PollFd, PollFlags, poll};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use crate::deadline::{TimedStream, within};
use crate::limits::MOST_TURNED_AWAY;
use crate::settings::{LINGER, PAUSE};

/// Waits for a peer, or for the word to stop: then there is none. The listener must not block, for a
/// peer may be gone again before it is accepted.
pub fn next_peer(listener: &net::TcpListener, stop: &PipeReader) -> Option<net::TcpStream> {
    loop {
        let mut waits = [PollFd::new(listener, PollFlags::IN), PollFd::new(stop, PollFlags::IN)];
        // If it fails, by a signal for one, nobody is there to accept, and the next turn waits again.
        let _ = poll(&mut waits, None);
        if !waits[1].revents().is_empty() {
            return None;
        }
        match listener.accept() {
            // On some systems it has this from the listener.
            Ok((stream, _)) if stream.set_nonblocking(false).is_ok() => return Some(stream),
            _ => thread::sleep(PAUSE),
        }
    }
}

/// Waits for a peer. Whoever drops this loses none.
pub async fn next_peer_async(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(_) => sleep(PAUSE).await,
        }
    }
}

/// The last peers that there was no room for. A connection that is closed while words of its peer are on
/// their way is reset, and the peer might never see why; so it stays open until others have come.
#[derive(Default)]
pub struct TurnedAway(VecDeque<Arc<net::TcpStream>>);

impl TurnedAway {
    /// Tells a peer that there is no room. An unused socket has room for this line, and of what the peer has
    /// said no more is read than is there: whoever accepts must not wait for a single peer.
    pub fn add(&mut self, stream: Arc<net::TcpStream>) -> io::Result<()> {
        stream.set_nonblocking(true)?;
        (&*stream).write_all(b"ERROR the server is full\n")?;
        stream.shutdown(Shutdown::Write)?;
        let _ = (&*stream).read(&mut [0; 4096]);
        self.0.truncate(MOST_TURNED_AWAY - 1);
        self.0.push_front(stream);
        Ok(())
    }
}

/// Says why a connection ends, and reads on until the peer has hung up: if what it still sends were left
/// unread, the system would reset the connection, and the peer might never see the refusal.
pub fn refuse(stream: &mut TimedStream, why: &anyhow::Error) -> io::Result<()> {
    stream.allow(LINGER).write_all(refusal(why).as_bytes())?;
    stream.socket.shutdown(Shutdown::Write)?;
    io::copy(stream, &mut io::sink())?;
    Ok(())
}

/// The same.
pub async fn refuse_async(stream: &mut TcpStream, why: &anyhow::Error) -> io::Result<()> {
    let refused = async {
        stream.write_all(refusal(why).as_bytes()).await?;
        stream.shutdown().await?;
        tokio::io::copy(stream, &mut tokio::io::sink()).await
    };
    within(LINGER, refused).await?;
    Ok(())
}

fn refusal(why: &anyhow::Error) -> String {
    format!("ERROR {why}\n")
}
