//! What is known of the slow calls of a run: for the figures that an item tells.

use std::collections::HashSet;
use std::io;
use std::sync::Mutex;
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use common::threads::lock;

use crate::Cell;
use crate::calls::CellFailed;

/// What is known of the calls of one run, whether threads or tasks make them.
#[derive(Debug)]
pub struct Notes {
    /// How long each call takes.
    pub latency: Duration,
    known: Mutex<Known>,
}

/// What is known of calls at one moment.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// How many have begun.
    pub begun: usize,
    /// How many are open.
    pub open: usize,
    /// The most that were open at the same moment.
    pub most_at_once: usize,
    /// How many have waited their time, or until their task was cancelled.
    pub ended: usize,
    /// How long these have waited, all of them together.
    pub waited: Duration,
    /// The threads that have waited, or run the tasks that have.
    pub threads: HashSet<ThreadId>,
    /// The cell whose first call is to fail, until it has.
    failing: Option<Cell>,
}

impl Known {
    /// How long a call took, on average: the latency, and what the system adds to it.
    pub fn mean_call(&self) -> Duration {
        self.waited.div_f64(self.ended.max(1) as f64)
    }
}

impl Notes {
    /// Nothing is known of calls that have not begun, except that they will take `latency`.
    pub fn new(latency: Duration) -> Self {
        Self { latency, known: Mutex::default() }
    }

    /// Lets the first call of `cell` fail.
    pub fn let_fail(&self, cell: Cell) {
        lock(&self.known).failing = Some(cell);
    }

    /// What is known so far.
    pub fn so_far(&self) -> Known {
        lock(&self.known).clone()
    }

    /// Notes that the call of `cell` begins. It is open until the result is dropped.
    ///
    /// # Errors
    ///
    /// Fails when this is the call that is to [fail](Self::let_fail).
    pub fn begin(&self, cell: Cell) -> Result<OpenCall<'_>, CellFailed> {
        let mut known = lock(&self.known);
        known.begun += 1;
        if known.failing.take_if(|failing| *failing == cell).is_some() {
            return Err(CellFailed { cell, cause: io::ErrorKind::ConnectionRefused.into() });
        }
        known.open += 1;
        known.most_at_once = known.most_at_once.max(known.open);
        known.threads.insert(thread::current().id());
        Ok(OpenCall { notes: self, begin: Instant::now() })
    }
}

/// Closes the call when it is dropped: at its end, or when its task is cancelled.
#[derive(Debug)]
#[must_use]
pub struct OpenCall<'notes> {
    notes: &'notes Notes,
    /// When it was opened.
    pub begin: Instant,
}

impl Drop for OpenCall<'_> {
    fn drop(&mut self) {
        let waited = self.begin.elapsed();
        let mut known = lock(&self.notes.known);
        known.open -= 1;
        known.ended += 1;
        known.waited += waited;
    }
}
