//! The slow system call that deciding a cell's next state includes.

use std::fmt;
use std::io;
use std::time::Duration;

use common::SilentSocket;
use common::timeline::{in_lane, span};

use crate::Cell;
use crate::notes::Notes;

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
        Ok(Self { socket: SilentSocket::open()?, notes: Notes::new(latency), lane_of: None })
    }

    /// Lets the first call of `cell` fail at once, as if its peer refused the connection.
    pub fn failing_once_at(self, cell: Cell) -> Self {
        self.notes.let_fail(cell);
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

#[cfg(test)]
mod tests {
    use std::thread;

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
