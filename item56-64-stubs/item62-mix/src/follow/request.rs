//! The user's request to end: a signal.

use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use common::ending;

/// Comes with the first signal; the second one ends the program at once.
#[derive(Debug)]
pub struct Request {
    signal: Receiver<()>,
    since: Option<Instant>,
}

impl Request {
    /// From now on the first signal is a request.
    ///
    /// # Errors
    ///
    /// Fails when the signals can't be waited for.
    pub fn instead_of_the_end() -> anyhow::Result<Self> {
        let (sender, signal) = mpsc::channel();
        ending::instead(move || {
            // It fails if nobody listens any more: then the end has come.
            let _ = sender.send(());
        })?;
        Ok(Self { signal, since: None })
    }

    /// Whether it has come, or comes within `wait`.
    pub fn comes_within(&mut self, wait: Duration) -> bool {
        if self.since.is_none() && self.signal.recv_timeout(wait).is_ok() {
            self.since = Some(Instant::now());
        }
        self.since.is_some()
    }

    /// Since when it is known.
    pub fn since(&mut self) -> Option<Instant> {
        self.comes_within(Duration::ZERO);
        self.since
    }
}
