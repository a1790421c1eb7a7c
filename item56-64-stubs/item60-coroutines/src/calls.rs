//! The slow system calls of `life::calls`, for tasks.

use std::io;
use std::sync::Arc;

use anyhow::Context;
use common::timeline::lane;
use life::Cell;
use life::calls::{CellFailed, SlowCalls};
use life::notes::Notes;
use tokio::net::UdpSocket;
use tokio::task::yield_now;
use tokio::time::timeout;

/// The same calls for tasks. A task waits for the same socket, and gives its thread to others meanwhile.
pub struct AsyncCalls {
    socket: UdpSocket,
    /// What is known of the calls.
    pub notes: Notes,
}

impl AsyncCalls {
    /// Takes over the socket and the notes of `calls`, which have not begun. Tasks share the result.
    ///
    /// # Panics
    ///
    /// Panics outside a tokio runtime with I/O enabled.
    pub fn new(SlowCalls { socket, notes, .. }: SlowCalls) -> anyhow::Result<Arc<Self>> {
        let socket = std::net::UdpSocket::from(socket);
        // Tokio asks for it: a blocking call would stop all tasks of the thread.
        socket.set_nonblocking(true).context("cannot make a socket non-blocking")?;
        let socket = UdpSocket::from_std(socket).context("cannot watch a socket")?;
        Ok(Arc::new(Self { socket, notes }))
    }

    /// Lets all other tasks run, until so many calls have begun.
    pub async fn have_begun(&self, count: usize) {
        while self.notes.so_far().begun < count {
            yield_now().await;
        }
    }

    /// Lets the calling task wait for the system call of `cell`. The thread goes on with others.
    ///
    /// Dropping the future, by cancelling its task for example, ends the call.
    pub async fn call(&self, cell: Cell) -> Result<(), CellFailed> {
        let open = self.notes.begin(cell)?;
        let lane = lane(format!("cell {cell}"));
        let outcome = timeout(self.notes.latency, self.socket.readable()).await;
        lane.record("call", open.begin);
        match outcome {
            Err(_elapsed) => Ok(()),
            Ok(early) => {
                let cause = early.err().unwrap_or_else(|| io::Error::other("it returned early"));
                Err(CellFailed { cell, cause })
            }
        }
    }
}
