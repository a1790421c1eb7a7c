//! Who ran when: spans recorded from many threads, and their overlap.
//!
//! A step, or a round of one, has [`Lanes`]. A thread that [enters](Lanes::enter) them has a lane
//! there, and so have the threads that it [starts](crate::threads::spawn). What such a thread does in a
//! [`span`] is recorded in its lane. In a thread that is in no step, `span` only does the work. A thread
//! keeps its spans to itself, and hands them over when it leaves its lane. So recording costs two readings
//! of the clock and no lock, and threads that are being measured do not wait for each other.
//!
//! ```
//! use std::thread;
//! use common::threads::{join_all, spawn};
//! use common::timeline::{Lanes, overlap, span};
//!
//! let lanes = Lanes::new();
//! lanes.enter("main", || {
//!     thread::scope(|scope| {
//!         let count = || anyhow::Ok(span("count", || (0..1000).sum::<u32>()));
//!         let workers = ["worker 0", "worker 1"].map(|name| spawn(scope, name, count));
//!         join_all(workers.into_iter().collect::<anyhow::Result<Vec<_>>>()?)
//!     })
//! })?;
//! let spans = lanes.spans();
//! assert_eq!(spans.len(), 2);
//! assert!(overlap(&spans) <= 2);
//! # anyhow::Ok(())
//! ```
//!
//! Tasks, of which many share a thread, and child processes can't enter a step. They hold a [`Lane`] instead.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::mem;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::threads::lock;
use crate::timing::thread_cpu_time;

/// Time zero of every span: the moment at which the program first recorded anything.
static EPOCH: LazyLock<Instant> = LazyLock::new(Instant::now);

thread_local! {
    /// The lane of this thread, while it is in a step.
    static HERE: RefCell<Option<Here>> = const { RefCell::new(None) };
}

/// One piece of work: who (`lane`) did what (`label`), from when to when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The thread, task or child process that did the work.
    pub lane: String,
    /// The work.
    pub label: String,
    /// When the work began, in microseconds since the program began to record.
    pub start_us: u64,
    /// When it ended, in the same unit.
    pub end_us: u64,
}

/// The lanes of one step, or of one round of it. A clone is the same lanes.
#[derive(Clone, Debug)]
pub struct Lanes {
    recorded: Arc<Mutex<Vec<Recorded>>>,
    /// Whether each span also records for how long its thread had a processor.
    /// [`witness`](crate::witness) needs that.
    watched: bool,
}

/// What one lane has recorded. Its marks become [`Span`]s only when those are asked for, so that the thread
/// that is measured does not spend time on it.
#[derive(Debug)]
struct Recorded {
    lane: String,
    marks: Vec<Mark>,
}

#[derive(Clone, Copy, Debug)]
struct Mark {
    label: &'static str,
    start: Instant,
    end: Instant,
    /// For how long its thread had a processor, if its lanes are watched.
    processor: Option<Duration>,
}

/// Where a thread is.
struct Here {
    lanes: Lanes,
    /// The place of the thread's lane among those.
    index: usize,
    marks: Vec<Mark>,
    /// How many spans are open.
    open: u32,
    /// Whether nothing has been recorded since the last open span began.
    is_innermost: bool,
}

impl Default for Lanes {
    fn default() -> Self {
        Self::new()
    }
}

impl Lanes {
    /// No lanes yet.
    pub fn new() -> Self {
        LazyLock::force(&EPOCH);
        Self { recorded: Arc::default(), watched: false }
    }

    /// No lanes yet; in these, each span also records for how long its thread had a processor.
    pub(crate) fn watched() -> Self {
        Self { watched: true, ..Self::new() }
    }

    /// The lanes of the step that the calling thread is in.
    pub(crate) fn here() -> Option<Self> {
        HERE.with_borrow(|here| here.as_ref().map(|here| here.lanes.clone()))
    }

    /// Does `work` in a lane of this name: what the calling thread does in a [`span`] until then is
    /// recorded there.
    pub fn enter<T>(&self, name: impl Into<String>, work: impl FnOnce() -> T) -> T {
        self.reserve(name).enter(work)
    }

    /// A new lane. Lanes are drawn in the order in which they were made.
    pub(crate) fn reserve(&self, name: impl Into<String>) -> Reserved {
        let mut recorded = lock(&self.recorded);
        recorded.push(Recorded { lane: name.into(), marks: Vec::new() });
        Reserved { lanes: self.clone(), index: recorded.len() - 1 }
    }

    /// The spans of the lanes that have been left so far, lane by lane.
    pub fn spans(&self) -> Vec<Span> {
        let recorded = lock(&self.recorded);
        let mut first: BTreeMap<&str, usize> = BTreeMap::new();
        for (index, of) in recorded.iter().enumerate() {
            first.entry(&of.lane).or_insert(index);
        }
        // Lanes of the same name are drawn as one.
        let mut lanes: Vec<&Recorded> = recorded.iter().collect();
        lanes.sort_by_key(|of| first[&*of.lane]);
        let spans = lanes.into_iter().flat_map(|of| {
            of.marks.iter().map(|mark| Span {
                lane: of.lane.clone(),
                label: mark.label.to_owned(),
                start_us: microseconds_at(mark.start),
                end_us: microseconds_at(mark.end),
            })
        });
        spans.collect()
    }

    /// The innermost spans of watched lanes: when each began and ended, and for how long its thread had
    /// a processor meanwhile. The spans of one thread do not overlap.
    pub(crate) fn windows(&self) -> Vec<(Instant, Instant, Duration)> {
        let recorded = lock(&self.recorded);
        let marks = recorded.iter().flat_map(|of| &of.marks);
        marks.filter_map(|mark| Some((mark.start, mark.end, mark.processor?))).collect()
    }

    /// Takes over the spans of `round`: of several rounds of the same work, the one to show.
    pub(crate) fn adopt(&self, round: &Self) {
        let round = mem::take(&mut *lock(&round.recorded));
        lock(&self.recorded).extend(round);
    }
}

/// A lane that no thread has entered yet.
#[derive(Debug)]
pub(crate) struct Reserved {
    lanes: Lanes,
    index: usize,
}

impl Reserved {
    /// Does `work` in this lane.
    pub(crate) fn enter<T>(self, work: impl FnOnce() -> T) -> T {
        let _left_when_dropped = Entered { before: HERE.replace(Some(self.here())) };
        work()
    }

    /// The calling thread is in this lane until it [leaves](leave).
    pub(crate) fn stay(self) {
        HERE.set(Some(self.here()));
    }

    fn here(self) -> Here {
        let (lanes, index, marks) = (self.lanes, self.index, Vec::new());
        Here { lanes, index, marks, open: 0, is_innermost: false }
    }
}

/// Leaves the lane in which the calling thread has stayed.
pub(crate) fn leave() {
    drop(Entered { before: None });
}

/// Hands over the spans of a lane when its thread leaves it, also by a panic, and lets the thread be
/// where it was before.
struct Entered {
    before: Option<Here>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        let mut before = self.before.take();
        if let Some(before) = &mut before {
            before.is_innermost = false;
        }
        if let Some(Here { lanes, index, marks, .. }) = HERE.replace(before) {
            let recorded = &mut lock(&lanes.recorded)[index].marks;
            if recorded.is_empty() {
                // Moved, not copied: the thread that leaves may be one that is being measured.
                *recorded = marks;
            } else {
                recorded.extend(marks);
            }
        }
    }
}

/// Does `work`, and records in the lane of the calling thread when it began and ended, also if it panics. In
/// a thread that is in no step, this only does the work.
pub fn span<T>(label: &'static str, work: impl FnOnce() -> T) -> T {
    let Some(watched) = HERE.with_borrow_mut(|here| {
        let here = here.as_mut()?;
        here.open += 1;
        here.is_innermost = true;
        Some(here.lanes.watched)
    }) else {
        return work();
    };
    let start = Instant::now();
    let processor = watched.then(thread_cpu_time);
    let _recorded_when_dropped = Open { label, start, processor };
    work()
}

/// The same, unless the calling thread is inside a span: then `work` is a detail of that span.
pub(crate) fn span_of_its_own<T>(label: &'static str, work: impl FnOnce() -> T) -> T {
    let is_inside = HERE.with_borrow(|here| here.as_ref().is_some_and(|here| here.open > 0));
    if is_inside { work() } else { span(label, work) }
}

/// A span that has begun.
struct Open {
    label: &'static str,
    start: Instant,
    processor: Option<Duration>,
}

impl Drop for Open {
    fn drop(&mut self) {
        // Read before the wall clock, so that processor time can't come out longer than wall time.
        let processor = self.processor.map(|before| thread_cpu_time() - before);
        let (label, start, end) = (self.label, self.start, Instant::now());
        HERE.with_borrow_mut(|here| {
            if let Some(here) = here {
                here.open -= 1;
                // A span around others of its thread would overlap with each of them.
                let processor = processor.filter(|_| here.is_innermost);
                here.is_innermost = false;
                here.marks.push(Mark { label, start, end, processor });
            }
        });
    }
}

/// Does `work` in a lane of this name, in the step that the calling thread is in. So calls that come one after
/// the other can have a lane each. Outside a step this only does the work.
///
/// ```
/// use common::timeline::{Lanes, in_lane, span};
///
/// let lanes = Lanes::new();
/// lanes.enter("main", || {
///     for call in 0..3 {
///         in_lane(format!("call {call}"), || span("wait", || ()));
///     }
/// });
/// assert_eq!(lanes.spans()[2].lane, "call 2");
/// ```
pub fn in_lane<T>(name: impl Into<String>, work: impl FnOnce() -> T) -> T {
    match Lanes::here() {
        Some(lanes) => lanes.enter(name, work),
        None => work(),
    }
}

/// A lane for a task or a child process, in the step that the calling thread is in. Outside a step the lane
/// records nothing.
pub fn lane(name: impl Into<String>) -> Lane {
    Lane(Lanes::here().map(|lanes| lanes.reserve(name)))
}

/// The lane of a task or a child process, which can't [enter](Lanes::enter) one: it may be moved from
/// thread to thread, and shares its thread with others.
///
/// ```
/// use std::time::Instant;
/// use common::timeline::{Lanes, lane};
///
/// let lanes = Lanes::new();
/// lanes.enter("main", || {
///     let child = lane("child 0");
///     let start = Instant::now();
///     // ... it is started, and waited for ...
///     child.record("lives", start);
/// });
/// assert_eq!(lanes.spans()[0].label, "lives");
/// ```
#[derive(Debug)]
pub struct Lane(Option<Reserved>);

impl Lane {
    /// Records a span that began at `start` and ends now.
    pub fn record(&self, label: &'static str, start: Instant) {
        self.record_between(label, start, Instant::now());
    }

    /// Records a span that was noted elsewhere.
    pub fn record_between(&self, label: &'static str, start: Instant, end: Instant) {
        self.push(Mark { label, start, end, processor: None });
    }

    /// Records a span that was noted elsewhere, with the time for which it had a processor.
    pub fn record_window(
        &self,
        label: &'static str,
        start: Instant,
        end: Instant,
        processor: Duration,
    ) {
        self.push(Mark { label, start, end, processor: Some(processor) });
    }

    fn push(&self, mark: Mark) {
        if let Some(Reserved { lanes, index }) = &self.0 {
            lock(&lanes.recorded)[*index].marks.push(mark);
        }
    }
}

fn microseconds_at(instant: Instant) -> u64 {
    let since = instant.saturating_duration_since(*EPOCH);
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// The largest number of lanes that had a span open at the same moment.
///
/// Spans that only touch (one ends in the microsecond in which the next begins) do not overlap,
/// and a lane counts once, however many spans it has open.
pub fn overlap<'a>(spans: impl IntoIterator<Item = &'a Span>) -> usize {
    // At the same microsecond an end (false) sorts before a start (true).
    let mut events: Vec<(u64, bool, &str)> = spans
        .into_iter()
        .filter(|span| span.start_us < span.end_us)
        .flat_map(|span| [(span.start_us, true, &*span.lane), (span.end_us, false, &*span.lane)])
        .collect();
    events.sort_unstable();
    let mut open: BTreeMap<&str, usize> = BTreeMap::new();
    let mut most = 0;
    for (_, starts, lane) in events {
        let of_lane = open.entry(lane).or_default();
        if starts {
            *of_lane += 1;
        } else {
            *of_lane -= 1;
            if *of_lane == 0 {
                open.remove(lane);
            }
        }
        most = most.max(open.len());
    }
    most
}

/// The spans lane by lane, in the order of the lanes' first spans.
pub fn by_lane(spans: &[Span]) -> Vec<(&str, Vec<&Span>)> {
    let mut index: BTreeMap<&str, usize> = BTreeMap::new();
    let mut lanes: Vec<(&str, Vec<&Span>)> = Vec::new();
    for span in spans {
        let lane = *index.entry(&span.lane).or_insert_with(|| {
            lanes.push((&span.lane, Vec::new()));
            lanes.len() - 1
        });
        lanes[lane].1.push(span);
    }
    lanes
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
    use std::sync::Barrier;
    use std::thread;

    use super::*;
    use crate::threads::{join_all, spawn};

    fn span_of(lane: &str, start_us: u64, end_us: u64) -> Span {
        Span { lane: lane.into(), label: "work".into(), start_us, end_us }
    }

    fn lanes_of(lanes: &Lanes) -> Vec<String> {
        lanes.spans().into_iter().map(|span| span.lane).collect()
    }

    #[test]
    fn spans_that_touch_do_not_overlap() {
        let spans = [span_of("a", 0, 10), span_of("a", 10, 20), span_of("b", 20, 30)];
        assert_eq!(overlap(&spans), 1);
    }

    #[test]
    fn overlap_is_the_most_that_were_open_at_once() {
        let spans = [
            span_of("a", 0, 100),
            span_of("b", 10, 20),
            span_of("c", 15, 30),
            span_of("d", 30, 40),
        ];
        assert_eq!(overlap(&spans), 3);
        assert_eq!(overlap(&[]), 0);
        assert_eq!(overlap(&[span_of("a", 5, 5)]), 0, "no more than a moment");
    }

    #[test]
    fn a_lane_counts_once_however_many_spans_it_has_open() {
        let spans = [
            span_of("a", 0, 100),
            span_of("a", 10, 50),
            span_of("a", 20, 120),
            span_of("b", 110, 130),
        ];
        assert_eq!(overlap(&spans), 2);
    }

    #[test]
    fn threads_that_are_inside_a_span_together_overlap() {
        let lanes = Lanes::new();
        let all_inside = Barrier::new(5);
        let meet = || {
            span("meet", || {
                all_inside.wait();
                // Long enough that the spans share a whole microsecond.
                thread::sleep(Duration::from_micros(10));
            });
            anyhow::Ok(())
        };
        lanes.enter("main", || {
            thread::scope(|scope| {
                let threads = (0..5).map(|n| spawn(scope, format!("worker {n}"), meet));
                join_all(threads.collect::<anyhow::Result<Vec<_>>>().unwrap()).unwrap();
            });
        });
        assert_eq!(overlap(&lanes.spans()), 5);
        assert_eq!(lanes_of(&lanes)[4], "worker 4", "in the order in which they were started");
    }

    #[test]
    fn outside_a_step_the_work_is_done_and_nothing_else() {
        let elsewhere = Lanes::new();
        assert_eq!(span("work", || in_lane("lane", || 42)), 42);
        lane("task").record("work", Instant::now());
        thread::scope(|scope| spawn(scope, "thread", || span("work", || ())).unwrap().join())
            .unwrap();
        assert!(elsewhere.spans().is_empty());
    }

    #[test]
    fn a_thread_that_has_left_a_lane_is_where_it_was_before() {
        let (step, round) = (Lanes::new(), Lanes::new());
        step.enter("main", || {
            round.enter("round", || in_lane("inner", || span("work", || ())));
            span("work", || ());
        });
        assert_eq!(
            (lanes_of(&step), lanes_of(&round)),
            (vec!["main".into()], vec!["inner".into()])
        );
        assert!(Lanes::here().is_none());
    }

    #[test]
    fn a_lane_hands_over_its_spans_when_its_thread_panics() {
        let lanes = Lanes::new();
        // Unwinds like a panic, without the hook's message among the tests' output.
        let doomed = || span("work", || resume_unwind(Box::new("on purpose")));
        assert!(catch_unwind(AssertUnwindSafe(|| lanes.enter("doomed", doomed))).is_err());
        assert_eq!(lanes.spans().len(), 1);
        assert!(Lanes::here().is_none());
    }

    #[test]
    fn lanes_of_one_name_are_one_lane_in_the_place_of_the_first() {
        let lanes = Lanes::new();
        lanes.enter("main", || {
            let (first, second) = (lane("first"), lane("second"));
            second.record("work", Instant::now());
            in_lane("first", || span("work", || ()));
            first.record("work", Instant::now());
        });
        assert_eq!(lanes_of(&lanes), ["first", "first", "second"]);
    }

    #[test]
    fn what_is_a_detail_of_a_span_is_none_itself() {
        let lanes = Lanes::new();
        lanes.enter("main", || {
            span("work", || span_of_its_own("wait", || ()));
            span_of_its_own("wait", || ());
        });
        let labels: Vec<String> = lanes.spans().into_iter().map(|span| span.label).collect();
        assert_eq!(labels, ["work", "wait"]);
    }

    #[test]
    fn only_watched_spans_know_their_processor_time() {
        for (lanes, windows) in [(Lanes::new(), 0), (Lanes::watched(), 1)] {
            lanes.enter("main", || span("work", || ()));
            assert_eq!(lanes.windows().len(), windows);
        }
    }

    /// A thread would be seen beside itself.
    #[test]
    fn a_span_around_others_is_no_window() {
        let lanes = Lanes::watched();
        lanes.enter("main", || {
            span("work", || (0..3).for_each(|_| span("piece", || ())));
            span("work", || in_lane("elsewhere", || span("piece", || ())));
            span("piece", || ());
        });
        assert_eq!((lanes.spans().len(), lanes.windows().len()), (7, 5));
        let windows = lanes.windows();
        for (index, (start, end, _)) in windows.iter().enumerate() {
            let others = windows[index + 1..].iter();
            assert!(others.into_iter().all(|other| other.1 <= *start || *end <= other.0));
        }
    }
}
