//! Who ran when: spans recorded from many threads, their overlap, and their picture.
//!
//! Each thread, task or child process that takes part in a step gets a [`Lane`] of its own in the
//! [`Lanes`] of that step, and records [`Span`]s in it. A lane keeps its spans to itself and hands
//! them over when it is dropped, so that recording costs two readings of the clock and no lock:
//! threads that are being measured do not wait for each other.
//!
//! ```
//! use std::thread;
//! use common::timeline::{Lanes, overlap};
//!
//! let lanes = Lanes::new();
//! thread::scope(|scope| {
//!     for worker in 0..2 {
//!         let mut lane = lanes.lane(format!("worker {worker}"));
//!         scope.spawn(move || lane.record("count", || (0..1000).sum::<u32>()));
//!     }
//! });
//! let spans = lanes.spans();
//! assert_eq!(spans.len(), 2);
//! assert!(overlap(&spans) <= 2);
//! ```

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::mem;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::timing::Human;

/// Time zero of every span: the moment at which the program first recorded anything.
static EPOCH: LazyLock<Instant> = LazyLock::new(Instant::now);

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

/// The lanes of one step, or of one round of it.
#[derive(Debug)]
pub struct Lanes {
    /// What each lane has recorded, once it has been dropped.
    recorded: Mutex<Vec<Recorded>>,
}

/// What one lane has recorded. It becomes [`Span`]s when they are asked for: whoever is measured has
/// no part in that.
#[derive(Debug, Default)]
struct Recorded {
    lane: String,
    marks: Vec<(&'static str, Instant, Instant)>,
}

impl Recorded {
    fn spans(&self) -> impl Iterator<Item = Span> {
        self.marks.iter().map(|&(label, start, end)| Span {
            lane: self.lane.clone(),
            label: label.to_owned(),
            start_us: microseconds_at(start),
            end_us: microseconds_at(end),
        })
    }
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
        Self { recorded: Mutex::default() }
    }

    /// A new lane. Lanes are drawn in the order in which they were made.
    pub fn lane(&self, name: impl Into<String>) -> Lane<'_> {
        let mut recorded = self.lock();
        recorded.push(Recorded::default());
        let index = recorded.len() - 1;
        Lane { lanes: self, index, recorded: Recorded { lane: name.into(), marks: Vec::new() } }
    }

    /// The spans of the lanes that have been dropped so far, lane by lane.
    pub fn spans(&self) -> Vec<Span> {
        self.lock().iter().flat_map(Recorded::spans).collect()
    }

    /// Takes over the spans of `round`: of several rounds of the same work, the one to show.
    pub(crate) fn adopt(&self, round: Self) {
        let recorded = round.recorded.into_inner().unwrap_or_else(PoisonError::into_inner);
        self.lock().extend(recorded);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Recorded>> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The spans of one thread, task or child process in one step.
///
/// Move it into the thread it stands for. It hands its spans over when it is dropped, also when
/// the thread panics.
#[derive(Debug)]
pub struct Lane<'lanes> {
    lanes: &'lanes Lanes,
    index: usize,
    recorded: Recorded,
}

impl Lane<'_> {
    /// Does `work`, records when it began and ended, and returns its value.
    pub fn record<T>(&mut self, label: &'static str, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let value = work();
        self.record_since(label, start);
        value
    }

    /// Records a span that began at `start` and ends now, for work that is no single block: the
    /// life of a child process, say.
    pub fn record_since(&mut self, label: &'static str, start: Instant) {
        self.record_between(label, start, Instant::now());
    }

    /// Records a span whose `start` and `end` were noted elsewhere: by a task that can't hold a
    /// lane, since a task may outlive the step.
    pub fn record_between(&mut self, label: &'static str, start: Instant, end: Instant) {
        self.recorded.marks.push((label, start, end));
    }
}

impl Drop for Lane<'_> {
    fn drop(&mut self) {
        self.lanes.lock()[self.index] = mem::take(&mut self.recorded);
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

/// A step with more lanes than this is drawn in part.
pub const MOST_LANES: usize = 24;

/// Draws the lanes of steps, `width` columns wide, all on the same scale so that their lengths
/// compare. Each step begins at the left edge; the darker a cell, the more of its time was spent
/// inside spans. Of each step at most `most_lanes` are drawn; steps without spans are left out.
pub(crate) fn draw(steps: &[(&str, Vec<Span>)], most_lanes: usize, width: usize) -> String {
    let groups: Vec<Group> =
        steps.iter().filter_map(|(step, spans)| Group::of(step, spans, most_lanes)).collect();
    let Some(longest) = groups.iter().map(Group::length_us).max() else {
        return String::new();
    };
    let names = groups.iter().flat_map(|group| &group.lanes);
    let name_width = names.map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    // Two columns of indent, a space, and a border on either side.
    let columns = width.saturating_sub(name_width + 5).max(10);

    let mut picture = String::new();
    for group in &groups {
        let length = Human::from(Duration::from_micros(group.length_us()));
        let _ = writeln!(picture, "{} · {length}", group.step);
        for (name, spans) in &group.lanes {
            let cells = shade(spans, group.start_us, longest, columns);
            let _ = writeln!(picture, "  {name:name_width$} │{cells}│");
        }
        if group.hidden > 0 {
            let _ = writeln!(picture, "  … and {} more", group.hidden);
        }
    }
    picture
}

/// The lanes of one step, in the order of their first spans.
struct Group<'a> {
    step: &'a str,
    start_us: u64,
    end_us: u64,
    lanes: Vec<(&'a str, Vec<&'a Span>)>,
    hidden: usize,
}

impl<'a> Group<'a> {
    fn of(step: &'a str, spans: &'a [Span], most_lanes: usize) -> Option<Self> {
        let start_us = spans.iter().map(|span| span.start_us).min()?;
        let end_us = spans.iter().map(|span| span.end_us).max()?;
        let mut lanes = by_lane(spans);
        let hidden = lanes.len().saturating_sub(most_lanes);
        lanes.truncate(most_lanes);
        Some(Self { step, start_us, end_us, lanes, hidden })
    }

    fn length_us(&self) -> u64 {
        self.end_us - self.start_us
    }
}

/// One row of cells: each stands for an equal share of `length_us` and is shaded by the share of
/// it that spans cover.
fn shade(spans: &[&Span], start_us: u64, length_us: u64, columns: usize) -> String {
    let mut covered = vec![0.0_f64; columns];
    let cells_per_us = columns as f64 / length_us.max(1) as f64;
    let position = |us: u64| (us.saturating_sub(start_us)) as f64 * cells_per_us;
    for span in spans {
        // A span that began and ended in the same microsecond is drawn as if it took that one.
        let (from, to) = (position(span.start_us), position(span.end_us.max(span.start_us + 1)));
        for (column, share) in covered.iter_mut().enumerate() {
            let (left, right) = (column as f64, (column + 1) as f64);
            *share += (to.min(right) - from.max(left)).max(0.0);
        }
    }
    covered
        .into_iter()
        .map(|share| match share {
            // A span too short for a quarter of a cell must still be seen.
            s if s <= 0.0 => ' ',
            s if s <= 0.3 => '░',
            s if s <= 0.6 => '▒',
            s if s <= 0.9 => '▓',
            _ => '█',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::thread;

    use super::*;

    fn span(lane: &str, start_us: u64, end_us: u64) -> Span {
        Span { lane: lane.into(), label: "work".into(), start_us, end_us }
    }

    #[test]
    fn spans_that_touch_do_not_overlap() {
        assert_eq!(overlap(&[span("a", 0, 10), span("a", 10, 20), span("b", 20, 30)]), 1);
    }

    #[test]
    fn overlap_is_the_most_that_were_open_at_once() {
        let spans = [span("a", 0, 100), span("b", 10, 20), span("c", 15, 30), span("d", 30, 40)];
        assert_eq!(overlap(&spans), 3);
        assert_eq!(overlap(&[]), 0);
        assert_eq!(overlap(&[span("a", 5, 5)]), 0, "no more than a moment");
    }

    #[test]
    fn a_lane_counts_once_however_many_spans_it_has_open() {
        let spans = [span("a", 0, 100), span("a", 10, 50), span("a", 20, 120), span("b", 110, 130)];
        assert_eq!(overlap(&spans), 2);
    }

    #[test]
    fn threads_that_are_inside_a_span_together_overlap() {
        let lanes = Lanes::new();
        let all_inside = Barrier::new(5);
        thread::scope(|scope| {
            for worker in 0..5 {
                let mut lane = lanes.lane(format!("worker {worker}"));
                let all_inside = &all_inside;
                scope.spawn(move || {
                    lane.record("meet", || {
                        all_inside.wait();
                        // Long enough that the spans share a whole microsecond.
                        thread::sleep(Duration::from_micros(10));
                    });
                });
            }
        });
        assert_eq!(overlap(&lanes.spans()), 5);
    }

    #[test]
    fn lanes_keep_the_order_in_which_they_were_made() {
        let lanes = Lanes::new();
        let mut first = lanes.lane("first");
        let mut second = lanes.lane("second");
        second.record("work", || ());
        first.record("work", || ());
        drop(second);
        drop(first);
        let order: Vec<String> = lanes.spans().into_iter().map(|span| span.lane).collect();
        assert_eq!(order, ["first", "second"]);
    }

    #[test]
    fn a_lane_hands_over_its_spans_when_its_thread_panics() {
        let lanes = Lanes::new();
        thread::scope(|scope| {
            let mut lane = lanes.lane("doomed");
            let doomed = scope.spawn(move || {
                lane.record("work", || ());
                // Unwinds like a panic, without the hook's message among the tests' output.
                std::panic::resume_unwind(Box::new("on purpose"));
            });
            assert!(doomed.join().is_err());
        });
        assert_eq!(lanes.spans().len(), 1);
    }

    #[test]
    fn calls_one_after_the_other_are_a_staircase_and_calls_at_once_a_block() {
        let sequential = vec![span("call 0", 100, 200), span("call 1", 200, 300)];
        let threads = vec![span("call 0", 900, 1000), span("call 1", 900, 1000)];
        let picture = draw(&[("sequential", sequential), ("threads", threads)], MOST_LANES, 31);
        let expected = "\
sequential · 200 µs
  call 0 │██████████          │
  call 1 │          ██████████│
threads · 100 µs
  call 0 │██████████          │
  call 1 │██████████          │
";
        assert_eq!(picture, expected);
    }

    #[test]
    fn cells_are_shaded_by_how_busy_they_were() {
        // Cells of 100 µs: empty, a tenth, a half, three quarters, full, in many short spans.
        let busy = [(0, 0), (1, 1), (2, 5), (3, 7), (4, 10)];
        let spans: Vec<Span> = busy
            .into_iter()
            .flat_map(|(cell, of_ten)| {
                (0..of_ten).map(move |n| cell * 100 + n * 10).map(|us| span("w", us, us + 10))
            })
            .chain([span("x", 0, 1000)])
            .collect();
        let picture = draw(&[("s", spans)], MOST_LANES, 16);
        assert!(picture.contains("  w │ ░▒▓█     │\n"), "{picture}");
    }

    #[test]
    fn a_moment_can_be_seen() {
        let spans = vec![span("beat", 500, 500), span("rest", 0, 1000)];
        let picture = draw(&[("s", spans)], MOST_LANES, 19);
        assert!(picture.contains("beat │     ░    │\n"), "{picture}");
    }

    #[test]
    fn every_line_fits_the_width_and_many_lanes_are_cut() {
        let spans = || (0..100).map(|n| span(&format!("lane {n}"), n, n + 5)).collect();
        let picture = draw(&[("s", spans())], MOST_LANES, 80);
        assert!(picture.lines().all(|line| line.chars().count() <= 80));
        assert!(picture.ends_with("… and 76 more\n"), "{picture}");
        assert!(draw(&[("s", spans())], 9, 80).ends_with("… and 91 more\n"));
    }

    #[test]
    fn a_step_without_spans_is_left_out() {
        assert_eq!(draw(&[("nothing", Vec::new())], MOST_LANES, 80), "");
    }
}
