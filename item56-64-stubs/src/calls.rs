//! The slow system call that deciding a cell's next state includes, and what is known of it.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use common::SilentSocket;
use common::timeline::Timeline;

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
}

impl SlowCalls {
    /// Calls that take `latency` each.
    ///
    /// # Errors
    ///
    /// Fails when no socket can be opened.
    pub fn open(latency: Duration) -> io::Result<Self> {
        Ok(Self { socket: SilentSocket::open()?, notes: Notes::new(latency) })
    }

    /// Lets the first call of `cell` fail at once, as if its peer refused the connection.
    #[must_use]
    pub fn failing_once_at(mut self, cell: Cell) -> Self {
        self.notes.failing = Some(cell);
        self
    }

    /// Notes when each call begins and ends, in the lane that `lane_of` names ([`by_row`] or
    /// [`by_thread`]); see [`Notes::record_in`].
    #[must_use]
    pub fn noted(mut self, lane_of: fn(Cell) -> String) -> Self {
        self.notes.lane_of = Some(lane_of);
        self
    }

    /// Blocks the calling thread in the system call of `cell`.
    ///
    /// # Errors
    ///
    /// Fails when the system call does.
    pub fn call(&self, cell: Cell) -> Result<(), CellFailed> {
        let _open = self.notes.begin(cell)?;
        self.socket.wait(self.notes.latency).map_err(|cause| CellFailed { cell, cause })
    }
}

/// The lane of the cell's row.
pub fn by_row(cell: Cell) -> String {
    format!("row {}", cell.row)
}

/// The lane of the thread that makes the call.
pub fn by_thread(_: Cell) -> String {
    thread::current().name().unwrap_or("thread").to_owned()
}

/// What is known of the calls of one run: how many are open, and, if asked for, when each began
/// and ended. It makes no calls, so that it serves threads and tasks alike.
#[derive(Debug)]
pub struct Notes {
    latency: Duration,
    failing: Option<Cell>,
    // Relaxed throughout: each counter stands for itself, and whoever reads a final value has
    // joined the threads that changed it.
    has_failed: AtomicBool,
    begun: AtomicUsize,
    open: AtomicUsize,
    most_at_once: AtomicUsize,
    lane_of: Option<fn(Cell) -> String>,
    ended: Mutex<Vec<(String, Instant, Instant)>>,
}

impl Notes {
    fn new(latency: Duration) -> Self {
        Self {
            latency,
            failing: None,
            has_failed: AtomicBool::new(false),
            begun: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
            most_at_once: AtomicUsize::new(0),
            lane_of: None,
            ended: Mutex::default(),
        }
    }

    /// Notes that the call of `cell` begins. It is open until the result is dropped.
    ///
    /// # Errors
    ///
    /// Fails when this is the call that is to [fail](SlowCalls::failing_once_at).
    pub fn begin(&self, cell: Cell) -> Result<OpenCall<'_>, CellFailed> {
        self.begun.fetch_add(1, Relaxed);
        if self.failing == Some(cell) && !self.has_failed.swap(true, Relaxed) {
            return Err(CellFailed { cell, cause: io::ErrorKind::ConnectionRefused.into() });
        }
        let open = self.open.fetch_add(1, Relaxed) + 1;
        self.most_at_once.fetch_max(open, Relaxed);
        Ok(OpenCall { notes: self, cell, start: Instant::now() })
    }

    /// How long each call takes.
    pub fn latency(&self) -> Duration {
        self.latency
    }

    /// How many calls are open now.
    pub fn open_now(&self) -> usize {
        self.open.load(Relaxed)
    }

    /// The most that were open at the same moment, so far.
    pub fn most_at_once(&self) -> usize {
        self.most_at_once.load(Relaxed)
    }

    /// How many have begun so far.
    pub fn begun(&self) -> usize {
        self.begun.load(Relaxed)
    }

    /// Hands the [noted](SlowCalls::noted) calls to `timeline` as spans of `step`. Returns the sum
    /// of their durations.
    pub fn record_in(&self, timeline: &Timeline, step: &'static str) -> Duration {
        let mut ended = self.ended();
        // Shorter names first: "worker 2" before "worker 10".
        ended.sort_by(|(a, ..), (b, ..)| (a.len(), a).cmp(&(b.len(), b)));
        for calls in ended.chunk_by(|(a, ..), (b, ..)| a == b) {
            let mut lane = timeline.lane(step, calls[0].0.as_str());
            for &(_, start, end) in calls {
                lane.record_between("call", start, end);
            }
        }
        ended.iter().map(|(_, start, end)| *end - *start).sum()
    }

    fn ended(&self) -> MutexGuard<'_, Vec<(String, Instant, Instant)>> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Closes the call when it is dropped: at its end, or when its task is cancelled.
#[derive(Debug)]
#[must_use]
pub struct OpenCall<'notes> {
    notes: &'notes Notes,
    cell: Cell,
    start: Instant,
}

impl Drop for OpenCall<'_> {
    fn drop(&mut self) {
        self.notes.open.fetch_sub(1, Relaxed);
        if let Some(lane_of) = self.notes.lane_of {
            let lane = lane_of(self.cell);
            self.notes.ended().push((lane, self.start, Instant::now()));
        }
    }
}

#[cfg(test)]
mod tests {
    use common::timeline::overlap;

    use super::*;

    const MILLISECOND: Duration = Duration::from_millis(1);

    fn cells(count: usize) -> impl Iterator<Item = Cell> {
        (0..count).map(|n| Cell { row: n / 2, column: n % 2 })
    }

    #[test]
    fn calls_one_after_the_other_are_never_open_at_once() {
        let timeline = Timeline::new();
        let calls = SlowCalls::open(MILLISECOND).unwrap().noted(by_row);
        assert!(cells(4).all(|cell| calls.call(cell).is_ok()));
        assert_eq!(
            (calls.notes.begun(), calls.notes.most_at_once(), calls.notes.open_now()),
            (4, 1, 0)
        );

        let waited = calls.notes.record_in(&timeline, "step");
        assert!(waited >= 4 * MILLISECOND);
        let spans = timeline.into_spans();
        assert_eq!(overlap(&spans, "step"), 1);
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
        assert_eq!(calls.notes.open_now(), 0);
        assert!(cells(4).all(|cell| calls.call(cell).is_ok()));
    }

    #[test]
    fn lanes_are_in_the_order_of_their_numbers() {
        let calls = SlowCalls::open(Duration::ZERO).unwrap().noted(by_row);
        for row in [10, 2, 9] {
            calls.call(Cell { row, column: 0 }).unwrap();
        }
        let timeline = Timeline::new();
        calls.notes.record_in(&timeline, "step");
        let lanes: Vec<String> = timeline.into_spans().into_iter().map(|span| span.lane).collect();
        assert_eq!(lanes, ["row 2", "row 9", "row 10"]);
    }
}
