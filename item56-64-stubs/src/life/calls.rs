//! The slow system call that deciding a cell's next state includes, and what is known of it.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use common::SilentSocket;
use common::timeline::Timeline;

use super::Cell;

/// The system call of one cell failed.
#[derive(Debug)]
pub struct CellFailed {
    /// The cell that can't be decided.
    pub cell: Cell,
    cause: io::Error,
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
/// It knows how many calls are open, and notes when each began and ended if asked to.
///
/// ```
/// use std::time::Duration;
/// use item56_64_stubs::life::Cell;
/// use item56_64_stubs::life::calls::SlowCalls;
///
/// let cell = Cell { row: 2, column: 3 };
/// let calls = SlowCalls::open(Duration::from_millis(1))?.failing_once_at(cell);
/// let error = calls.call(cell).unwrap_err();
/// assert_eq!(error.to_string(), "the call of cell 2,3 failed: connection refused");
/// assert!(calls.call(cell).is_ok());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct SlowCalls<Socket = SilentSocket> {
    socket: Socket,
    latency: Duration,
    notes: Notes,
}

impl SlowCalls {
    /// Calls that take `latency` each.
    ///
    /// # Errors
    ///
    /// Fails when no socket can be opened.
    pub fn open(latency: Duration) -> io::Result<Self> {
        Ok(Self { socket: SilentSocket::open()?, latency, notes: Notes::default() })
    }

    /// Lets the first call of `cell` fail at once, as if its peer refused the connection.
    #[must_use]
    pub fn failing_once_at(mut self, cell: Cell) -> Self {
        self.notes.failing = Some(cell);
        self
    }

    /// Notes when each call begins and ends, in the lane that `lane_of` names ([`by_row`] or
    /// [`by_thread`]); see [`record_in`](Self::record_in).
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
        self.socket.wait(self.latency).map_err(|cause| CellFailed { cell, cause })
    }

    /// The same calls for tasks: they wait for the same socket, but give their thread to others
    /// meanwhile.
    ///
    /// # Errors
    ///
    /// Fails when the runtime can't take the socket over.
    ///
    /// # Panics
    ///
    /// Panics outside a tokio runtime with I/O enabled.
    #[cfg(feature = "async")]
    pub fn into_async(self) -> io::Result<SlowCalls<tokio::net::UdpSocket>> {
        let Self { socket, latency, notes } = self;
        let socket = std::net::UdpSocket::from(socket);
        // Tokio asks for it: a blocking call would stop all tasks of the thread.
        socket.set_nonblocking(true)?;
        Ok(SlowCalls { socket: tokio::net::UdpSocket::from_std(socket)?, latency, notes })
    }
}

#[cfg(feature = "async")]
impl SlowCalls<tokio::net::UdpSocket> {
    /// Lets the calling task wait for the system call of `cell`. The thread goes on with others.
    ///
    /// Dropping the future, by cancelling its task for example, ends the call.
    ///
    /// # Errors
    ///
    /// Fails when the system call does.
    pub async fn call(&self, cell: Cell) -> Result<(), CellFailed> {
        let _open = self.notes.begin(cell)?;
        match tokio::time::timeout(self.latency, self.socket.readable()).await {
            Err(_elapsed) => Ok(()),
            Ok(early) => {
                let early = early.err().unwrap_or_else(|| io::Error::other("it returned early"));
                Err(CellFailed { cell, cause: early })
            }
        }
    }
}

impl<Socket> SlowCalls<Socket> {
    /// How long each call takes.
    pub fn latency(&self) -> Duration {
        self.latency
    }

    /// How many calls are open now.
    pub fn open_now(&self) -> usize {
        self.notes.open.load(Relaxed)
    }

    /// The most that were open at the same moment, so far.
    pub fn most_at_once(&self) -> usize {
        self.notes.most_at_once.load(Relaxed)
    }

    /// How many have begun so far.
    pub fn begun(&self) -> usize {
        self.notes.begun.load(Relaxed)
    }

    /// Hands the [noted](SlowCalls::noted) calls to `timeline` as spans of `step`. Returns the sum
    /// of their durations.
    pub fn record_in(&self, timeline: &Timeline, step: &'static str) -> Duration {
        let mut ended = self.notes.ended();
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
}

/// The lane of the cell's row.
pub fn by_row(cell: Cell) -> String {
    format!("row {}", cell.row)
}

/// The lane of the thread that makes the call.
pub fn by_thread(_: Cell) -> String {
    thread::current().name().unwrap_or("thread").to_owned()
}

/// Relaxed throughout: each counter stands for itself, and whoever reads a final value has joined
/// the threads that changed it.
#[derive(Debug, Default)]
struct Notes {
    failing: Option<Cell>,
    has_failed: AtomicBool,
    begun: AtomicUsize,
    open: AtomicUsize,
    most_at_once: AtomicUsize,
    lane_of: Option<fn(Cell) -> String>,
    ended: Mutex<Vec<(String, Instant, Instant)>>,
}

impl Notes {
    fn begin(&self, cell: Cell) -> Result<OpenCall<'_>, CellFailed> {
        self.begun.fetch_add(1, Relaxed);
        if self.failing == Some(cell) && !self.has_failed.swap(true, Relaxed) {
            return Err(CellFailed { cell, cause: io::ErrorKind::ConnectionRefused.into() });
        }
        let open = self.open.fetch_add(1, Relaxed) + 1;
        self.most_at_once.fetch_max(open, Relaxed);
        Ok(OpenCall { notes: self, cell, start: Instant::now() })
    }

    fn ended(&self) -> std::sync::MutexGuard<'_, Vec<(String, Instant, Instant)>> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Closes the call when it is dropped: at its end, or when its task is cancelled.
struct OpenCall<'notes> {
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
        assert_eq!((calls.begun(), calls.most_at_once(), calls.open_now()), (4, 1, 0));

        let waited = calls.record_in(&timeline, "step");
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
        assert_eq!(calls.open_now(), 0);
        assert!(cells(4).all(|cell| calls.call(cell).is_ok()));
    }

    #[test]
    fn lanes_are_in_the_order_of_their_numbers() {
        let calls = SlowCalls::open(Duration::ZERO).unwrap().noted(by_row);
        for row in [10, 2, 9] {
            calls.call(Cell { row, column: 0 }).unwrap();
        }
        let timeline = Timeline::new();
        calls.record_in(&timeline, "step");
        let lanes: Vec<String> = timeline.into_spans().into_iter().map(|span| span.lane).collect();
        assert_eq!(lanes, ["row 2", "row 9", "row 10"]);
    }

    // A single thread: only tasks can have all their calls open on it at the same moment.
    #[cfg(feature = "async")]
    #[test]
    fn the_calls_of_tasks_are_open_at_once_on_one_thread() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let calls = SlowCalls::open(MILLISECOND).unwrap().into_async().unwrap();
            let calls = std::sync::Arc::new(calls);
            let mut tasks = tokio::task::JoinSet::new();
            for cell in cells(4) {
                let calls = std::sync::Arc::clone(&calls);
                tasks.spawn(async move { calls.call(cell).await });
            }
            assert!(tasks.join_all().await.iter().all(Result::is_ok));
            assert_eq!((calls.begun(), calls.most_at_once(), calls.open_now()), (4, 4, 0));
        });
    }
}
