//! A socket for threads whose reads and writes end in time. What a task leaves to `timeout`, a thread
//! must arrange with the system before each call that may wait.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Fails with [`ErrorKind::TimedOut`] when the time is up, however much is still to come: a peer that
/// sends a byte now and then gains nothing.
#[derive(Debug)]
pub struct TimedStream {
    stream: Arc<TcpStream>,
    deadline: Instant,
}

impl TimedStream {
    /// A stream that allows no time yet.
    pub fn new(stream: Arc<TcpStream>) -> Self {
        Self { stream, deadline: Instant::now() }
    }

    /// Allows all that is read and written from now on so much time together.
    pub fn allow(&mut self, time: Duration) -> &mut Self {
        self.deadline = Instant::now() + time;
        self
    }

    /// The socket itself.
    pub fn socket(&self) -> &TcpStream {
        &self.stream
    }

    fn left(&self) -> io::Result<Option<Duration>> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::Error::new(ErrorKind::TimedOut, "no answer in time"));
        }
        Ok(Some(left))
    }
}

impl Read for TimedStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            self.stream.set_read_timeout(self.left()?)?;
            match (&*self.stream).read(buffer) {
                // The system says that the time is up. It counts in ticks, so look at the clock.
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                done => return done,
            }
        }
    }
}

impl Write for TimedStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            self.stream.set_write_timeout(self.left()?)?;
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
