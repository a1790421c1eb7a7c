//! The slow system call that deciding a cell's next state includes, and what is known of it.

use std::collections::HashSet;
use std::fmt;
use std::io;
use std::sync::Mutex;
use std::thread::{self, ThreadId};
use std::time::Duration;

use common::SilentSocket;
use common::threads::lock;
use common::timeline::{in_lane, span};

use crate::Cell;

/// The system call of one cell failed.
#[derive(Debug)]
pub struct CellFailed {
    /// The cell that can't be decided.
    pub cell: Cell,
    /// What the system said.
    pub cause: io::Error,
}

impl fmt::Display for CellFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the call of cell {} failed: {}", self.cell, self.cause)
    }
}

impl std::error::Error for CellFailed {}

/// Makes the slow system calls of one run: each waits for `latency`, and all wait for the same
/// [`SilentSocket`], so that ten thousand at once need no ten thousand file descriptors.
///
/// ```
/// use std::time::Duration;
/// use life::Cell;
/// use life::calls::SlowCalls;
///
/// let cell = Cell { row: 2, column: 3 };
/// let calls = SlowCalls::open(Duration::from_millis(1))?.failing_once_at(cell);
/// let error = calls.call(cell).unwrap_err();
/// assert_eq!(error.to_string(), "the call of cell 2,3 failed: connection refused");
/// assert!(calls.call(cell).is_ok());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct SlowCalls {
    /// The socket at which nothing ever arrives.
    pub socket: SilentSocket,
    /// What is known of the calls.
    pub notes: Notes,
    lane_of: Option<fn(Cell) -> String>,
}

impl SlowCalls {
    /// Calls that take `latency` each.
    pub fn open(latency: Duration) -> io::Result<Self> {
        let socket = SilentSocket::open()?;
        Ok(Self { socket, notes: Notes { latency, known: Mutex::default() }, lane_of: None })
    }

    /// Lets the first call of `cell` fail at once, as if its peer refused the connection.
    pub fn failing_once_at(self, cell: Cell) -> Self {
        lock(&self.notes.known).failing = Some(cell);
        self
    }

    /// Records each call in the lane that `lane_of` names, not in that of the thread that makes it: where
    /// one thread makes all of them.
    pub fn in_lanes(mut self, lane_of: fn(Cell) -> String) -> Self {
        self.lane_of = Some(lane_of);
        self
    }

    /// Blocks the calling thread in the system call of `cell`. In a step it is a span called `call`.
    pub fn call(&self, cell: Cell) -> Result<(), CellFailed> {
        let _open = self.notes.begin(cell)?;
        let wait = || span("call", || self.socket.wait(self.notes.latency));
        let waited = match self.lane_of {
            Some(lane_of) => in_lane(lane_of(cell), wait),
            None => wait(),
        };
        waited.map_err(|cause| CellFailed { cell, cause })
    }
}

/// What is known of the calls of one run. It makes no calls, so that it serves threads and tasks
/// alike.
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
    /// The threads that have waited, or run the tasks that have.
    pub threads: HashSet<ThreadId>,
    /// The cell whose first call is to fail, until it has.
    failing: Option<Cell>,
}

impl Notes {
    /// What is known so far.
    pub fn so_far(&self) -> Known {
        lock(&self.known).clone()
    }

    /// Notes that the call of `cell` begins. It is open until the result is dropped.
    ///
    /// # Errors
    ///
    /// Fails when this is the call that is to [fail](SlowCalls::failing_once_at).
    pub fn begin(&self, cell: Cell) -> Result<OpenCall<'_>, CellFailed> {
        let mut known = lock(&self.known);
        known.begun += 1;
        if known.failing.take_if(|failing| *failing == cell).is_some() {
            return Err(CellFailed { cell, cause: io::ErrorKind::ConnectionRefused.into() });
        }
        known.open += 1;
        known.most_at_once = known.most_at_once.max(known.open);
        known.threads.insert(thread::current().id());
        Ok(OpenCall(self))
    }
}

/// Closes the call when it is dropped: at its end, or when its task is cancelled.
#[derive(Debug)]
#[must_use]
pub struct OpenCall<'notes>(&'notes Notes);

impl Drop for OpenCall<'_> {
    fn drop(&mut self) {
        let mut known = lock(&self.0.known);
        known.open -= 1;
        known.ended += 1;
    }
}

#[cfg(test)]
mod tests {
    use common::timeline::{Lanes, overlap};

    use super::*;

    const MILLISECOND: Duration = Duration::from_millis(1);

    fn cells(count: usize) -> impl Iterator<Item = Cell> {
        (0..count).map(|n| Cell { row: n / 2, column: n % 2 })
    }

    #[test]
    fn calls_one_after_the_other_are_never_open_at_once() {
        let calls = SlowCalls::open(MILLISECOND).unwrap();
        let calls = calls.in_lanes(|cell| format!("row {}", cell.row));
        let lanes = Lanes::new();
        lanes.enter("main", || assert!(cells(4).all(|cell| calls.call(cell).is_ok())));
        let known = calls.notes.so_far();
        assert_eq!((known.begun, known.most_at_once, known.open), (4, 1, 0));

        let spans = lanes.spans();
        assert_eq!(overlap(&spans), 1);
        let lanes: Vec<&str> = spans.iter().map(|span| span.lane.as_str()).collect();
        assert_eq!(lanes, ["row 0", "row 0", "row 1", "row 1"]);
    }

    // A failing call must not count as open: it never waited.
    #[test]
    fn only_the_first_call_of_the_failing_cell_fails() {
        let cell = Cell { row: 0, column: 1 };
        let calls = SlowCalls::open(MILLISECOND).unwrap().failing_once_at(cell);
        let failed: Vec<Cell> =
            cells(4).filter_map(|cell| calls.call(cell).err()).map(|error| error.cell).collect();
        assert_eq!(failed, [cell]);
        let known = calls.notes.so_far();
        assert_eq!((known.begun, known.open, known.ended), (4, 0, 3));
        assert!(cells(4).all(|cell| calls.call(cell).is_ok()));
    }

    #[test]
    fn a_thread_counts_once_however_many_calls_it_makes() {
        let calls = &SlowCalls::open(MILLISECOND).unwrap();
        let call_twice = || assert!(cells(2).all(|cell| calls.call(cell).is_ok()));
        call_twice();
        thread::scope(|scope| drop(scope.spawn(call_twice)));
        assert_eq!(calls.notes.so_far().threads.len(), 2);
    }
}
