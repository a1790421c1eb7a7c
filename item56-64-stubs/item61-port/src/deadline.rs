//! Calls that end in time. What a task leaves to `timeout`, a thread must arrange with the system before
//! each call that may wait.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::time::timeout;

/// For tasks: `work` that is dropped when the time is up.
pub async fn within<T>(time: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(time, work).await.map_err(|_| late())?
}

fn late() -> io::Error {
    io::Error::new(ErrorKind::TimedOut, "no line in time")
}

/// For threads: a socket whose reads and writes fail with [`ErrorKind::TimedOut`] when the time is up,
/// however much is still to come: a peer that sends a byte now and then gains nothing.
pub struct TimedStream {
    /// The socket itself.
    pub socket: Arc<TcpStream>,
    deadline: Instant,
}

impl TimedStream {
    /// A stream that allows no time yet.
    pub fn new(socket: Arc<TcpStream>) -> Self {
        Self { socket, deadline: Instant::now() }
    }

    /// Allows all that is read and written from now on so much time together.
    pub fn allow(&mut self, time: Duration) -> &mut Self {
        self.deadline = Instant::now() + time;
        self
    }

    /// Waits until a call will not have to: where the system says that there is room, a line has some.
    fn wait_for(&self, ready: PollFlags) -> io::Result<()> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec::try_from(left).map_err(io::Error::other)?;
        // When no time is left, a peer that sends and sends is late as well.
        let in_time =
            !left.is_zero() && poll(&mut [PollFd::new(&self.socket, ready)], Some(&timeout))? > 0;
        if in_time { Ok(()) } else { Err(late()) }
    }
}

impl Read for TimedStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.wait_for(PollFlags::IN)?;
        (&*self.socket).read(buffer)
    }
}

impl Write for TimedStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.wait_for(PollFlags::OUT)?;
        (&*self.socket).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
