//! Who ran when, as a picture: the lanes of steps on one scale. The terminal draws it here; a page
//! draws the same groups, rows, cells and ticks in its own way.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use crate::timeline::{Span, by_lane};
use crate::unit::show_time;

/// A step with more lanes than this is drawn in part.
pub const MOST_LANES: usize = 24;

/// The most marks between the ends of an axis: their words fit a phone.
const MOST_TICKS: u64 = 5;

/// The lanes of steps that are compared.
#[derive(Debug)]
pub struct Picture<'a> {
    /// The steps that have spans.
    pub groups: Vec<Group<'a>>,
    /// The length of the longest step, in microseconds: all have its scale.
    pub length_us: u64,
}

/// The lanes of one step.
#[derive(Debug)]
pub struct Group<'a> {
    /// The name of the step.
    pub step: &'a str,
    /// How long it took from its first span to its last, in microseconds.
    pub length_us: u64,
    /// Its lanes, in the order of their first spans.
    pub rows: Vec<Row<'a>>,
    /// How many more there are.
    pub hidden: usize,
}

/// One lane.
#[derive(Debug)]
pub struct Row<'a> {
    /// Its name.
    pub lane: &'a str,
    /// Its spans, in the order in which they were recorded.
    pub spans: Vec<&'a Span>,
    /// When its step began, in microseconds.
    pub begin_us: u64,
}

/// Neighbouring cells of a row that look alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cells<'a> {
    /// The first of them.
    pub column: usize,
    /// How many.
    pub columns: usize,
    /// What most of their time went into.
    pub label: &'a str,
    /// How much of their time was inside spans, from 1, a little, to 4, all.
    pub shade: usize,
}

impl<'a> Picture<'a> {
    /// The picture of `steps`, each a name and its spans, with at most `most_lanes` lanes of each.
    /// `None` if there are no spans.
    pub fn of(steps: &[(&'a str, &'a [Span])], most_lanes: usize) -> Option<Self> {
        let groups = steps.iter().filter_map(|(step, spans)| Group::of(step, spans, most_lanes));
        let groups: Vec<Group> = groups.collect();
        let length_us = groups.iter().map(|group| group.length_us).max()?.max(1);
        Some(Self { groups, length_us })
    }

    /// Where its axis is marked: round microseconds, 1, 2 or 5 and noughts apart.
    pub fn ticks(&self) -> Vec<u64> {
        let decades = (0..20).map(|decade| 10_u64.saturating_pow(decade));
        let mut distances = decades.flat_map(|decade| [1, 2, 5].map(|n| decade.saturating_mul(n)));
        let distance = distances.find(|distance| self.length_us / distance <= MOST_TICKS);
        let distance = distance.unwrap_or(self.length_us);
        (0..=self.length_us / distance).map(|n| n * distance).collect()
    }

    /// Draws it with characters, `width` columns wide; the darker a cell, the more of its time was
    /// spent inside spans.
    pub fn draw(&self, width: usize) -> String {
        let rows = self.groups.iter().flat_map(|group| &group.rows);
        let name_width = rows.map(|row| row.lane.chars().count()).max().unwrap_or(0);
        // Two columns of indent, a space, and a border on either side.
        let columns = width.saturating_sub(name_width + 5).max(10);
        let mut drawn = String::new();
        for Group { step, length_us, rows, hidden } in &self.groups {
            let length = show_time(Duration::from_micros(*length_us));
            let _ = writeln!(drawn, "{step} · {length}");
            for row in rows {
                let mut cells = vec![' '; columns];
                for run in row.cells(self.length_us, columns) {
                    cells[run.column..][..run.columns].fill(['░', '▒', '▓', '█'][run.shade - 1]);
                }
                let cells: String = cells.into_iter().collect();
                let _ = writeln!(drawn, "  {:name_width$} │{cells}│", row.lane);
            }
            if *hidden > 0 {
                let _ = writeln!(drawn, "  … and {hidden} more");
            }
        }
        drawn
    }
}

impl<'a> Group<'a> {
    fn of(step: &'a str, spans: &'a [Span], most_lanes: usize) -> Option<Self> {
        let begin_us = spans.iter().map(|span| span.start_us).min()?;
        let end_us = spans.iter().map(|span| span.end_us).max()?;
        let lanes = by_lane(spans);
        let hidden = lanes.len().saturating_sub(most_lanes);
        let rows = lanes.into_iter().take(most_lanes);
        let rows = rows.map(|(lane, spans)| Row { lane, spans, begin_us }).collect();
        Some(Self { step, length_us: end_us.saturating_sub(begin_us), rows, hidden })
    }
}

impl<'a> Row<'a> {
    /// The row as so many `columns`, each an equal share of `length_us` from the beginning of the step.
    /// What is empty is left out.
    pub fn cells(&self, length_us: u64, columns: usize) -> Vec<Cells<'a>> {
        // How much of each cell each label covers.
        let mut covered: Vec<BTreeMap<&str, f64>> = vec![BTreeMap::new(); columns];
        let per_us = columns as f64 / length_us.max(1) as f64;
        let last_us = self.begin_us.saturating_add(length_us.max(1) - 1);
        let position = |us: u64| us.saturating_sub(self.begin_us) as f64 * per_us;
        for span in &self.spans {
            // A span that began and ended in the same microsecond is drawn as if it took that one or, at
            // the very end of the picture, the one before.
            let start_us = span.start_us.min(last_us);
            let end_us = span.end_us.max(start_us.saturating_add(1));
            let (from, to) = (position(start_us), position(end_us));
            let cells = covered.iter_mut().enumerate().map(|(column, cell)| (column as f64, cell));
            for (left, cell) in cells.filter(|(left, _)| *left < to && left + 1.0 > from) {
                *cell.entry(&span.label).or_default() += to.min(left + 1.0) - from.max(left);
            }
        }
        let mut runs: Vec<Cells> = Vec::new();
        for (column, cell) in covered.into_iter().enumerate() {
            let shade = shade(cell.values().sum());
            let most = cell.into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
            let (Some((label, _)), 1..) = (most, shade) else { continue };
            match runs.last_mut() {
                Some(last)
                    if last.column + last.columns == column
                        && (last.label, last.shade) == (label, shade) =>
                {
                    last.columns += 1;
                }
                _ => runs.push(Cells { column, columns: 1, label, shade }),
            }
        }
        runs
    }
}

/// A span too short for a quarter of a cell must still be seen.
fn shade(covered: f64) -> usize {
    [0.0, 0.3, 0.6, 0.9].into_iter().filter(|limit| covered > *limit).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(lane: &str, start_us: u64, end_us: u64) -> Span {
        Span { lane: lane.into(), label: "work".into(), start_us, end_us }
    }

    fn draw(spans: &[Span], most_lanes: usize, width: usize) -> String {
        Picture::of(&[("s", spans)], most_lanes).unwrap().draw(width)
    }

    #[test]
    fn calls_one_after_the_other_are_a_staircase_and_calls_at_once_a_block() {
        let sequential = [span("call 0", 100, 200), span("call 1", 200, 300)];
        let threads = [span("call 0", 900, 1000), span("call 1", 900, 1000)];
        let picture = Picture::of(&[("sequential", &sequential), ("threads", &threads)], 24);
        let expected = "\
sequential · 200 µs
  call 0 │██████████          │
  call 1 │          ██████████│
threads · 100 µs
  call 0 │██████████          │
  call 1 │██████████          │
";
        assert_eq!(picture.unwrap().draw(31), expected);
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
        let picture = draw(&spans, MOST_LANES, 16);
        assert!(picture.contains("  w │ ░▒▓█     │\n"), "{picture}");
    }

    #[test]
    fn a_moment_can_be_seen() {
        let picture = draw(&[span("beat", 500, 500), span("rest", 0, 1000)], MOST_LANES, 19);
        assert!(picture.contains("beat │     ░    │\n"), "{picture}");
    }

    #[test]
    fn a_moment_at_either_end_of_the_longest_step_can_be_seen() {
        let beats = [span("beat", 7, 7), span("beat", 1007, 1007)];
        let picture = draw(&beats, MOST_LANES, 19);
        assert!(picture.contains("beat │░        ░│\n"), "{picture}");
        let picture = draw(&[span("beat", 7, 7)], MOST_LANES, 19);
        assert!(picture.contains("beat │██████████│\n"), "{picture}");
    }

    #[test]
    fn a_cell_has_the_label_that_covers_most_of_it() {
        let mut spans = [span("lane", 100, 102), span("lane", 102, 110)];
        spans[1].label = "rest".into();
        let picture = Picture::of(&[("s", &spans)], MOST_LANES).unwrap();
        let cells = picture.groups[0].rows[0].cells(10, 1);
        assert_eq!(cells, [Cells { column: 0, columns: 1, label: "rest", shade: 4 }]);
        let cells = picture.groups[0].rows[0].cells(20, 10);
        let runs: Vec<_> = cells.iter().map(|run| (run.column, run.columns, run.label)).collect();
        assert_eq!(runs, [(0, 1, "work"), (1, 4, "rest")]);
    }

    #[test]
    fn every_line_fits_the_width_and_many_lanes_are_cut() {
        let spans: Vec<Span> = (0..100).map(|n| span(&format!("lane {n}"), n, n + 5)).collect();
        let picture = draw(&spans, MOST_LANES, 80);
        assert!(picture.lines().all(|line| line.chars().count() <= 80));
        assert!(picture.ends_with("… and 76 more\n"), "{picture}");
        assert!(draw(&spans, 9, 80).ends_with("… and 91 more\n"));
    }

    #[test]
    fn without_spans_there_is_no_picture() {
        assert!(Picture::of(&[("nothing", &[])], MOST_LANES).is_none());
    }

    #[test]
    fn an_axis_is_marked_at_round_numbers_however_long_it_is() {
        let ticks = |length_us| Picture { groups: Vec::new(), length_us }.ticks();
        assert_eq!(ticks(846), [0, 200, 400, 600, 800]);
        assert_eq!(ticks(1_006_052), [0, 200_000, 400_000, 600_000, 800_000, 1_000_000]);
        assert_eq!(ticks(365_105), [0, 100_000, 200_000, 300_000]);
        assert_eq!(ticks(1), [0, 1]);
        assert!(ticks(u64::MAX).len() <= 6);
    }

    #[test]
    fn no_time_is_too_long() {
        assert!(draw(&[span("w", u64::MAX - 1, u64::MAX)], MOST_LANES, 80).contains('█'));
        // A report that was not looked at may hold a span that ends before it begins.
        assert!(Picture::of(&[("s", &[span("w", 9, 3)])], MOST_LANES).is_some());
    }
}
