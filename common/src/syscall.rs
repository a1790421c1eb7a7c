//! The slow system call of items 53, 55 and 56–60.

use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use crate::timeline::span_of_its_own;

/// Blocks the calling thread in the kernel for `latency`, the way slow I/O does.
///
/// The thread waits (`poll(2)`) until a socket becomes readable to which nobody writes, so only
/// the timeout ends the wait. While it waits it uses no processor time, and any number of threads
/// can wait at once. This is the stand-in for slow I/O of items 53, 55 and 56–60. In a step it is a span
/// called `wait`, unless it is a part of another.
///
/// Two ways that look simpler do not work:
///
/// - Waiting on a fresh, unconnected **TCP** socket, as the book's Python does
///   (`select.select([socket.socket()], [], [], 0.1)`): Linux reports such a socket as hung up,
///   which counts as readable, and the call returns at once. A bound datagram socket has no
///   connection to hang up.
/// - A receive timeout (`UdpSocket::set_read_timeout`): the kernel rounds it up to its timer
///   tick, so that 1 ms becomes 8 ms at 250 ticks a second. The timeout of `poll` is precise.
///
/// # Errors
///
/// Fails when no socket can be opened (too many open files), and when the socket becomes readable
/// after all: an early return is reported, never passed off as a wait. A signal that interrupts
/// the wait is no error; the wait goes on for the rest of `latency`.
///
/// ```
/// use std::time::Duration;
/// use common::timing::measure;
///
/// let latency = Duration::from_millis(5);
/// let (outcome, elapsed) = measure(|| common::slow_syscall(latency));
/// outcome?;
/// assert!(elapsed >= latency);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn slow_syscall(latency: Duration) -> io::Result<()> {
    span_of_its_own("wait", || SilentSocket::open()?.wait(latency))
}

/// A bound datagram socket to which nobody writes: what [`slow_syscall`] waits for.
///
/// Any number of threads may wait for one socket at the same time. [`slow_syscall`] opens one for
/// each call, as a program would that talks to many peers; where ten thousand calls wait at once
/// that is ten thousand file descriptors and ports, more than many systems give (`ulimit -n` is
/// often 1,024). A shared socket shows what the waiting costs, whatever the limit.
///
/// ```
/// use std::thread;
/// use std::time::Duration;
///
/// let socket = common::SilentSocket::open()?;
/// thread::scope(|scope| {
///     let waits = [1, 2, 3].map(|_| scope.spawn(|| socket.wait(Duration::from_millis(2))));
///     assert!(waits.into_iter().all(|wait| wait.join().unwrap().is_ok()));
/// });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct SilentSocket {
    socket: UdpSocket,
}

impl SilentSocket {
    /// Opens a socket on a free port of the loopback address.
    pub fn open() -> io::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|error| {
            let attempt = "cannot open a socket for the slow system call";
            io::Error::new(error.kind(), format!("{attempt}: {error}"))
        })?;
        Ok(Self { socket })
    }

    /// Blocks the calling thread in the kernel for `latency`; see [`slow_syscall`].
    ///
    /// # Errors
    ///
    /// Fails when the socket becomes readable after all.
    pub fn wait(&self, latency: Duration) -> io::Result<()> {
        wait_in_vain(&self.socket, latency)
    }
}

/// For an asynchronous runtime, which waits for it in its own way.
impl From<SilentSocket> for UdpSocket {
    fn from(SilentSocket { socket }: SilentSocket) -> Self {
        socket
    }
}

fn wait_in_vain(socket: &impl AsFd, latency: Duration) -> io::Result<()> {
    let too_long = || io::Error::new(io::ErrorKind::InvalidInput, "the latency is too long");
    let deadline = Instant::now().checked_add(latency).ok_or_else(too_long)?;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec::try_from(left).map_err(|_| too_long())?;
        match poll(&mut [PollFd::new(socket, PollFlags::IN)], Some(&timeout)) {
            Ok(0) => return Ok(()),
            Ok(_) => return Err(io::Error::other("the slow system call returned early")),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timing::{measure, thread_cpu_time};

    #[test]
    fn it_waits_for_the_whole_latency_and_uses_no_processor_time() {
        let latency = Duration::from_millis(20);
        let before = thread_cpu_time();
        let (outcome, elapsed) = measure(|| slow_syscall(latency));
        outcome.unwrap();
        assert!(elapsed >= latency);
        assert!(thread_cpu_time() - before < latency / 2);
    }

    #[test]
    fn at_one_millisecond_a_typical_call_is_not_rounded_up_to_a_timer_tick() {
        // The shortest of many, so that a loaded machine does not fail the test: a receive
        // timeout would take two ticks (2 ms at 1000 ticks a second) every time.
        let latency = Duration::from_millis(1);
        let shortest = (0..50).map(|_| measure(|| slow_syscall(latency)).1).min();
        assert!(shortest.unwrap() < Duration::from_micros(1_500), "{shortest:?}");
    }

    #[test]
    fn an_early_readiness_is_an_error_not_a_short_wait() {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.send_to(b"surprise", socket.local_addr().unwrap()).unwrap();
        let error = wait_in_vain(&socket, Duration::from_secs(60)).unwrap_err();
        assert!(error.to_string().contains("returned early"), "{error}");
    }

    #[test]
    fn a_latency_beyond_the_clock_is_refused() {
        assert!(slow_syscall(Duration::MAX).is_err());
    }
}
