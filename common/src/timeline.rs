//! Who ran when: spans recorded from many threads, their overlap, and their picture.
//!
//! A [`Timeline`] belongs to one run of a program. Each thread (or child process) that takes part
//! in a step gets a [`Lane`] of its own and records [`Span`]s in it. A lane keeps its spans to
//! itself and hands them over when it is dropped, so that recording costs two readings of the
//! clock and no lock: threads that are being measured do not wait for each other.
//!
//! ```
//! use std::thread;
//! use common::timeline::{Timeline, overlap};
//!
//! let timeline = Timeline::new();
//! thread::scope(|scope| {
//!     for worker in 0..2 {
//!         let mut lane = timeline.lane("demo", format!("worker {worker}"));
//!         scope.spawn(move || lane.record("count", || (0..1000).sum::<u32>()));
//!     }
//! });
//! let spans = timeline.into_spans();
//! assert_eq!(spans.len(), 2);
//! assert!(overlap(&spans, "demo") <= 2);
//! ```

use std::fmt::Write as _;
use std::mem;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::timing::Human;

/// One piece of work: who (`lane`) did what (`label`) in which `step`, from when to when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The step of the item that the work belongs to.
    pub step: String,
    /// The thread, task or child process that did the work.
    pub lane: String,
    /// The work.
    pub label: String,
    /// When the work began, in microseconds since the timeline was made.
    pub start_us: u64,
    /// When it ended, in the same unit.
    pub end_us: u64,
}

/// Collects the spans of one run, from any number of threads.
#[derive(Debug)]
pub struct Timeline {
    epoch: Instant,
    lanes: Mutex<Vec<Vec<Span>>>,
}

impl Default for Timeline {
    fn default() -> Self {
        Self::new()
    }
}

impl Timeline {
    /// A timeline without spans, whose time zero is now.
    pub fn new() -> Self {
        let lanes = Mutex::default();
        Self { epoch: Instant::now(), lanes }
    }

    /// A new lane of `step`. Lanes are drawn in the order in which they were made.
    pub fn lane(&self, step: &'static str, name: impl Into<String>) -> Lane<'_> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        lanes.push(Vec::new());
        let index = lanes.len() - 1;
        Lane { timeline: self, index, step, name: name.into(), marks: Vec::new() }
    }

    /// All spans of the lanes that have been dropped, lane by lane.
    pub fn into_spans(self) -> Vec<Span> {
        let lanes = self.lanes.into_inner().unwrap_or_else(PoisonError::into_inner);
        lanes.into_iter().flatten().collect()
    }

    /// The spans of the lanes of `step` that have been dropped so far, lane by lane.
    pub fn spans_of(&self, step: &str) -> Vec<Span> {
        let lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        lanes.iter().flatten().filter(|span| span.step == step).cloned().collect()
    }

    fn microseconds_at(&self, instant: Instant) -> u64 {
        let since = instant.saturating_duration_since(self.epoch);
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
    }
}

/// The spans of one thread, task or child process in one step.
///
/// Move it into the thread it stands for. It hands its spans to the timeline when it is dropped,
/// also when the thread panics.
#[derive(Debug)]
pub struct Lane<'timeline> {
    timeline: &'timeline Timeline,
    index: usize,
    step: &'static str,
    name: String,
    marks: Vec<(&'static str, Instant, Instant)>,
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
    /// lane, since a task may outlive the timeline.
    pub fn record_between(&mut self, label: &'static str, start: Instant, end: Instant) {
        self.marks.push((label, start, end));
    }
}

impl Drop for Lane<'_> {
    fn drop(&mut self) {
        let spans = mem::take(&mut self.marks)
            .into_iter()
            .map(|(label, start, end)| Span {
                step: self.step.to_owned(),
                lane: self.name.clone(),
                label: label.to_owned(),
                start_us: self.timeline.microseconds_at(start),
                end_us: self.timeline.microseconds_at(end),
            })
            .collect();
        let mut lanes = self.timeline.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        lanes[self.index] = spans;
    }
}

/// The largest number of spans of `step` that were open at the same moment.
///
/// Spans that only touch (one ends in the microsecond in which the next begins) do not overlap.
pub fn overlap(spans: &[Span], step: &str) -> usize {
    // At the same microsecond an end (false) sorts before a start (true).
    let mut events: Vec<(u64, bool)> = spans
        .iter()
        .filter(|span| span.step == step && span.start_us < span.end_us)
        .flat_map(|span| [(span.start_us, true), (span.end_us, false)])
        .collect();
    events.sort_unstable();
    let mut open = 0;
    let mut most = 0;
    for (_, starts) in events {
        if starts {
            open += 1;
            most = most.max(open);
        } else {
            open -= 1;
        }
    }
    most
}

/// A step with more lanes than this is drawn in part.
const MOST_LANES: usize = 24;

/// Draws the lanes of `steps`, `width` columns wide, all on the same scale so that their lengths
/// compare. Each step begins at the left edge; the darker a cell, the more of its time was spent
/// inside spans. Steps without spans are left out.
pub fn draw(spans: &[Span], steps: &[&str], width: usize) -> String {
    let groups: Vec<Group> = steps.iter().filter_map(|step| Group::of(spans, step)).collect();
    let Some(longest) = groups.iter().map(Group::length_us).max() else {
        return String::new();
    };
    let names = groups.iter().flat_map(|group| &group.lanes);
    let name_width = names.map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    // Two columns of indent, a space, and a border on either side.
    let columns = width.saturating_sub(name_width + 5).max(10);

    let mut picture = String::new();
    for group in &groups {
        let length = Human(std::time::Duration::from_micros(group.length_us()));
        let _ = writeln!(picture, "{} · {length}", group.step);
        for (name, spans) in group.lanes.iter().take(MOST_LANES) {
            let cells = shade(spans, group.start_us, longest, columns);
            let _ = writeln!(picture, "  {name:name_width$} │{cells}│");
        }
        if let Some(hidden @ 1..) = group.lanes.len().checked_sub(MOST_LANES) {
            let _ = writeln!(picture, "  … and {hidden} more");
        }
    }
    picture
}

/// The lanes of one step, in the order of their first spans in the timeline.
struct Group<'a> {
    step: &'a str,
    start_us: u64,
    end_us: u64,
    lanes: Vec<(&'a str, Vec<&'a Span>)>,
}

impl<'a> Group<'a> {
    fn of(spans: &'a [Span], step: &'a str) -> Option<Self> {
        let spans = || spans.iter().filter(|span| span.step == step);
        let start_us = spans().map(|span| span.start_us).min()?;
        let end_us = spans().map(|span| span.end_us).max()?;
        let mut lanes: Vec<(&str, Vec<&Span>)> = Vec::new();
        for span in spans() {
            match lanes.iter_mut().find(|(name, _)| *name == span.lane) {
                Some((_, of_lane)) => of_lane.push(span),
                None => lanes.push((&span.lane, vec![span])),
            }
        }
        Some(Self { step, start_us, end_us, lanes })
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
        let (from, to) = (position(span.start_us), position(span.end_us));
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

    fn span(step: &str, lane: &str, start_us: u64, end_us: u64) -> Span {
        Span { step: step.into(), lane: lane.into(), label: "work".into(), start_us, end_us }
    }

    #[test]
    fn spans_that_touch_do_not_overlap() {
        let row = [span("s", "a", 0, 10), span("s", "a", 10, 20), span("s", "b", 20, 30)];
        assert_eq!(overlap(&row, "s"), 1);
    }

    #[test]
    fn overlap_is_the_most_that_were_open_at_once() {
        let spans = [
            span("s", "a", 0, 100),
            span("s", "b", 10, 20),
            span("s", "c", 15, 30),
            span("s", "d", 30, 40),
            span("another step", "e", 16, 17),
        ];
        assert_eq!(overlap(&spans, "s"), 3);
        assert_eq!(overlap(&spans, "another step"), 1);
        assert_eq!(overlap(&spans, "no such step"), 0);
    }

    #[test]
    fn threads_that_are_inside_a_span_together_overlap() {
        let timeline = Timeline::new();
        let all_inside = Barrier::new(5);
        thread::scope(|scope| {
            for worker in 0..5 {
                let mut lane = timeline.lane("step", format!("worker {worker}"));
                let all_inside = &all_inside;
                scope.spawn(move || {
                    lane.record("meet", || {
                        all_inside.wait();
                        // Long enough that the spans share a whole microsecond.
                        thread::sleep(std::time::Duration::from_micros(10));
                    });
                });
            }
        });
        assert_eq!(overlap(&timeline.into_spans(), "step"), 5);
    }

    #[test]
    fn lanes_keep_the_order_in_which_they_were_made() {
        let timeline = Timeline::new();
        let mut first = timeline.lane("step", "first");
        let mut second = timeline.lane("step", "second");
        second.record("work", || ());
        first.record("work", || ());
        drop(second);
        drop(first);
        let lanes: Vec<String> = timeline.into_spans().into_iter().map(|s| s.lane).collect();
        assert_eq!(lanes, ["first", "second"]);
    }

    #[test]
    fn a_lane_hands_over_its_spans_when_its_thread_panics() {
        let timeline = Timeline::new();
        thread::scope(|scope| {
            let mut lane = timeline.lane("step", "doomed");
            let doomed = scope.spawn(move || {
                lane.record("work", || ());
                // Unwinds like a panic, without the hook's message among the tests' output.
                std::panic::resume_unwind(Box::new("on purpose"));
            });
            assert!(doomed.join().is_err());
        });
        assert_eq!(timeline.into_spans().len(), 1);
    }

    #[test]
    fn calls_one_after_the_other_are_a_staircase_and_calls_at_once_a_block() {
        let spans = [
            span("sequential", "call 0", 100, 200),
            span("sequential", "call 1", 200, 300),
            span("threads", "call 0", 900, 1000),
            span("threads", "call 1", 900, 1000),
        ];
        let picture = draw(&spans, &["sequential", "threads"], 31);
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
                (0..of_ten).map(move |n| cell * 100 + n * 10).map(|us| span("s", "w", us, us + 10))
            })
            .chain([span("s", "x", 0, 1000)])
            .collect();
        let picture = draw(&spans, &["s"], 16);
        assert!(picture.contains("  w │ ░▒▓█     │\n"), "{picture}");
    }

    #[test]
    fn every_line_fits_the_width_and_many_lanes_are_cut() {
        let spans: Vec<Span> =
            (0..100).map(|n| span("s", &format!("lane {n}"), n, n + 5)).collect();
        let picture = draw(&spans, &["s"], 80);
        assert!(picture.lines().all(|line| line.chars().count() <= 80));
        assert!(picture.ends_with("… and 76 more\n"), "{picture}");
    }

    #[test]
    fn a_step_without_spans_is_left_out() {
        assert_eq!(draw(&[], &["nothing"], 80), "");
    }
}
