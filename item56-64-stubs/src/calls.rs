//! The slow system call that deciding a cell's next state includes, and what is known of it.

use std::collections::HashSet;
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use common::SilentSocket;
use common::timeline::Lanes;

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

    /// Remembers each call, to be [drawn](Notes::draw).
    #[must_use]
    pub fn remembered(mut self) -> Self {
        self.notes.remembered = Some(Mutex::default());
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

/// What is known of the calls of one run. It makes no calls, so that it serves threads and tasks
/// alike.
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
    ended: AtomicUsize,
    remembered: Option<Mutex<Vec<Call>>>,
}

/// A call that has ended.
#[derive(Clone, Debug)]
pub struct Call {
    /// The cell that it was for.
    pub cell: Cell,
    /// The thread that waited in it.
    pub thread: Thread,
    /// When it began.
    pub start: Instant,
    /// When it ended.
    pub end: Instant,
}

impl Call {
    /// The name of the thread that waited in it.
    pub fn thread_name(&self) -> String {
        self.thread.name().unwrap_or("a thread without a name").to_owned()
    }
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
            ended: AtomicUsize::new(0),
            remembered: None,
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

    /// How many have begun so far.
    pub fn begun(&self) -> usize {
        self.begun.load(Relaxed)
    }

    /// How many have waited their time, or until their task was cancelled.
    pub fn ended(&self) -> usize {
        self.ended.load(Relaxed)
    }

    /// How many are open now.
    pub fn open_now(&self) -> usize {
        self.open.load(Relaxed)
    }

    /// The most that were open at the same moment, so far.
    pub fn most_at_once(&self) -> usize {
        self.most_at_once.load(Relaxed)
    }

    /// How many threads have waited in the [remembered](SlowCalls::remembered) calls.
    pub fn threads(&self) -> usize {
        self.remembered().iter().map(|call| call.thread.id()).collect::<HashSet<_>>().len()
    }

    /// How long the [remembered](SlowCalls::remembered) calls took, all in all.
    pub fn waited(&self) -> Duration {
        self.remembered().iter().map(|call| call.end - call.start).sum()
    }

    /// Draws the [remembered](SlowCalls::remembered) calls into `lanes`, which were there before the
    /// first of them, each into the lane that `lane_of` names.
    pub fn draw(&self, lanes: &Lanes, lane_of: impl Fn(&Call) -> String) {
        let remembered = self.remembered();
        let mut calls: Vec<_> = remembered.iter().map(|call| (lane_of(call), call)).collect();
        // Shorter names first: "worker 2" before "worker 10".
        calls.sort_by(|(a, _), (b, _)| (a.len(), a).cmp(&(b.len(), b)));
        for calls in calls.chunk_by(|(a, _), (b, _)| a == b) {
            let mut lane = lanes.lane(&*calls[0].0);
            for (_, call) in calls {
                lane.record_between("call", call.start, call.end);
            }
        }
    }

    fn remembered(&self) -> Vec<Call> {
        self.remembered.as_ref().map_or_else(Vec::new, |calls| lock(calls).clone())
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
        self.notes.ended.fetch_add(1, Relaxed);
        if let Some(remembered) = &self.notes.remembered {
            let Self { cell, start, .. } = *self;
            let end = Instant::now();
            lock(remembered).push(Call { cell, thread: thread::current(), start, end });
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use common::timeline::overlap;

    use super::*;

    const MILLISECOND: Duration = Duration::from_millis(1);

    fn cells(count: usize) -> impl Iterator<Item = Cell> {
        (0..count).map(|n| Cell { row: n / 2, column: n % 2 })
    }

    fn row(call: &Call) -> String {
        format!("row {}", call.cell.row)
    }

    #[test]
    fn calls_one_after_the_other_are_never_open_at_once() {
        let lanes = Lanes::new();
        let calls = SlowCalls::open(MILLISECOND).unwrap().remembered();
        assert!(cells(4).all(|cell| calls.call(cell).is_ok()));
        let notes = calls.notes;
        assert_eq!((notes.begun(), notes.most_at_once(), notes.open_now()), (4, 1, 0));
        assert!(notes.waited() >= 4 * MILLISECOND);

        notes.draw(&lanes, row);
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
        assert_eq!((calls.notes.begun(), calls.notes.open_now()), (4, 0));
        assert_eq!(calls.notes.ended(), 3);
        assert!(cells(4).all(|cell| calls.call(cell).is_ok()));
    }

    #[test]
    fn a_call_knows_the_thread_that_waited_in_it() {
        let calls = &SlowCalls::open(MILLISECOND).unwrap().remembered();
        thread::scope(|scope| {
            let cell = Cell { row: 0, column: 0 };
            let worker = thread::Builder::new().name("worker 3".into());
            worker.spawn_scoped(scope, move || calls.call(cell)).unwrap();
        });
        calls.call(Cell { row: 0, column: 0 }).unwrap();
        calls.call(Cell { row: 0, column: 0 }).unwrap();
        assert_eq!(calls.notes.remembered()[0].thread_name(), "worker 3");
        assert_eq!(calls.notes.threads(), 2);
    }

    #[test]
    fn lanes_are_in_the_order_of_their_numbers() {
        let calls = SlowCalls::open(MILLISECOND).unwrap().remembered();
        for row in [10, 2, 9] {
            calls.call(Cell { row, column: 0 }).unwrap();
        }
        let lanes = Lanes::new();
        calls.notes.draw(&lanes, row);
        let lanes: Vec<String> = lanes.spans().into_iter().map(|span| span.lane).collect();
        assert_eq!(lanes, ["row 2", "row 9", "row 10"]);
    }
}
