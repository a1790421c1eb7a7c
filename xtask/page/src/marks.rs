//! What is drawn of a lane: each span by itself, where there is room; where many short ones crowd,
//! cells that are shaded by how busy they were. `page.js` does the same when it zooms.

use std::collections::BTreeMap;

/// A span of a lane, from the beginning of its step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Microseconds.
    pub start: u64,
    /// Microseconds; not before the start.
    pub end: u64,
    /// Its label, by its place among the labels of the picture.
    pub label: usize,
}

/// A row of the picture: a lane, or all those that have none of their own.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its name, short.
    pub name: String,
    /// In the order of their beginnings.
    pub bars: Vec<Bar>,
    /// For how many lanes it stands.
    pub of: usize,
}

/// Something in a row that can be pointed at. Times in microseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A span.
    One(Bar),
    /// Many short ones: how many of each label.
    Many { start: u64, end: u64, counts: Vec<(usize, usize)>, busy: u64 },
    /// A part of a row that stands for several lanes.
    Part { start: u64, end: u64, busy: u64 },
}

/// Neighbouring cells of the same shade, from 1 to 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cells {
    pub column: usize,
    pub columns: usize,
    pub label: usize,
    pub shade: u8,
}

/// A row is looked at in so many slices: in each, spans are drawn one by one, or together.
pub const SLICES: u64 = 32;
/// So many short spans in a slice are drawn one by one.
const FEW: usize = 3;
/// A span is short if this many of it fit in a slice.
const SHORT: u64 = 4;
/// The cells of a row.
pub const COLUMNS: usize = 480;

/// What is drawn of `row` from nought to `length` microseconds.
pub fn marks(row: &Row, length: u64) -> (Vec<Mark>, Vec<Cells>) {
    if row.of > 1 {
        return (parts(row, length), cells(&row.bars, row.of, length, COLUMNS));
    }
    let is_short =
        |bar: &&Bar| u128::from(bar.end - bar.start) * u128::from(SLICES * SHORT) < length.into();
    let slice_of = |bar: &Bar| scale(bar.start, SLICES, length).min(SLICES - 1);
    let mut slices: Vec<Vec<Bar>> = vec![Vec::new(); usize::try_from(SLICES).unwrap_or(0)];
    for bar in row.bars.iter().filter(is_short) {
        slices[usize::try_from(slice_of(bar)).unwrap_or(0)].push(*bar);
    }
    let long = row.bars.iter().filter(|bar| !is_short(bar)).copied().map(Mark::One);
    let mut marks: Vec<Mark> = long.collect();
    let mut crowded = Vec::new();
    for slice in slices {
        if slice.len() <= FEW {
            marks.extend(slice.into_iter().map(Mark::One));
        } else {
            marks.push(many(&slice));
            crowded.extend(slice);
        }
    }
    marks.sort_by_key(Mark::start);
    (marks, cells(&crowded, 1, length, COLUMNS))
}

fn many(bars: &[Bar]) -> Mark {
    let start = bars.iter().map(|bar| bar.start).min().unwrap_or(0);
    let end = bars.iter().map(|bar| bar.end).max().unwrap_or(0);
    let mut counts: Vec<(usize, usize)> = Vec::new();
    for bar in bars {
        match counts.iter_mut().find(|(label, _)| *label == bar.label) {
            Some((_, count)) => *count += 1,
            None => counts.push((bar.label, 1)),
        }
    }
    let sum = bars.iter().map(|bar| bar.end - bar.start).fold(0, u64::saturating_add);
    Mark::Many { start, end, counts, busy: scale(sum, 100, (end - start).max(1)).min(100) }
}

/// The slices of a row in which one of its lanes did something.
fn parts(row: &Row, length: u64) -> Vec<Mark> {
    let edge = |slice: u64| scale(slice, length, SLICES);
    let part = |slice: u64| {
        let (start, end) = (edge(slice), edge(slice + 1));
        // One that ends where the slice begins is not in it, unless that moment is all of it.
        let is_in = |bar: &&Bar| bar.start < end && (bar.end > start || bar.start == start);
        let mut inside = row.bars.iter().filter(is_in).peekable();
        inside.peek()?;
        let sum =
            inside.map(|bar| bar.end.min(end) - bar.start.max(start)).fold(0, u64::saturating_add);
        let all = (end - start).saturating_mul(row.of as u64);
        Some(Mark::Part { start, end, busy: scale(sum, 100, all).min(100) })
    };
    (0..SLICES).filter_map(part).collect()
}

/// The cells of spans, of which each stands for an equal share of `length` and is shaded by how much
/// of it they cover, `of` lanes together; its colour is that of the label that covers most.
pub fn cells(bars: &[Bar], of: usize, length: u64, columns: usize) -> Vec<Cells> {
    // How much each label covers of each cell.
    let mut covered: Vec<BTreeMap<usize, f64>> = vec![BTreeMap::new(); columns];
    let per_us = columns as f64 / length.max(1) as f64;
    for bar in bars {
        // A span that began and ended in the same microsecond is drawn as if it took that one.
        let (from, to) =
            (bar.start as f64 * per_us, bar.end.max(bar.start.saturating_add(1)) as f64 * per_us);
        let first = scale(bar.start, columns as u64, length.max(1));
        for (column, cell) in
            covered.iter_mut().enumerate().skip(usize::try_from(first).unwrap_or(0))
        {
            let (left, right) = (column as f64, (column + 1) as f64);
            if left >= to {
                break;
            }
            *cell.entry(bar.label).or_default() += (to.min(right) - from.max(left)).max(0.0);
        }
    }
    let mut runs: Vec<Cells> = Vec::new();
    for (column, cell) in covered.into_iter().enumerate() {
        let busy = cell.values().sum::<f64>() / of as f64;
        let (mut label, mut most) = (0, 0.0);
        for (candidate, covers) in cell {
            if covers > most {
                (label, most) = (candidate, covers);
            }
        }
        let shade = match busy {
            s if s <= 0.0 => continue,
            s if s <= 0.3 => 1,
            s if s <= 0.6 => 2,
            s if s <= 0.9 => 3,
            _ => 4,
        };
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

/// `value` of `whole` as so many of `parts`, rounded down.
pub fn scale(value: u64, parts: u64, whole: u64) -> u64 {
    let scaled = u128::from(value) * u128::from(parts) / u128::from(whole.max(1));
    u64::try_from(scaled).unwrap_or(u64::MAX)
}

impl Mark {
    /// Where it begins.
    pub fn start(&self) -> u64 {
        match self {
            Self::One(Bar { start, .. }) | Self::Many { start, .. } | Self::Part { start, .. } => {
                *start
            }
        }
    }

    /// Where it ends.
    pub fn end(&self) -> u64 {
        match self {
            Self::One(Bar { end, .. }) | Self::Many { end, .. } | Self::Part { end, .. } => *end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(bars: &[(u64, u64)], of: usize) -> Row {
        let bars = bars.iter().map(|&(start, end)| Bar { start, end, label: 0 }).collect();
        Row { name: "w".into(), bars, of }
    }

    #[test]
    fn spans_with_room_are_drawn_one_by_one() {
        let (marks, cells) = marks(&row(&[(0, 100), (100, 200), (500, 500)], 1), 1_000);
        assert_eq!(marks.len(), 3);
        assert!(marks.iter().all(|mark| matches!(mark, Mark::One(_))) && cells.is_empty());
    }

    #[test]
    fn three_short_spans_are_not_yet_a_crowd() {
        let drawn = |count: u64| {
            let bars: Vec<(u64, u64)> = (0..count).map(|n| (n * 100, n * 100 + 50)).collect();
            marks(&row(&bars, 1), 100_000).0.len()
        };
        assert_eq!((drawn(3), drawn(4)), (3, 1));
    }

    #[test]
    fn short_spans_that_crowd_are_drawn_together_and_counted() {
        let bars: Vec<(u64, u64)> = (0..1_000).map(|n| (n * 100, n * 100 + 50)).collect();
        let (marks, cells) = marks(&row(&bars, 1), 100_000);
        assert_eq!(marks.len(), 32);
        let count = |mark: &Mark| match mark {
            Mark::Many { counts, busy, .. } => {
                assert!((49..=51).contains(busy), "{busy}");
                counts[0].1
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(marks.iter().map(count).sum::<usize>(), 1_000);
        let all = cells.iter().map(|run| run.columns).sum::<usize>();
        assert_eq!(all, COLUMNS, "half of each cell is busy");
        assert!(cells.iter().all(|run| run.shade == 2));
    }

    #[test]
    fn a_row_of_many_lanes_is_shaded_by_how_many_were_busy() {
        let (marks, cells) = marks(&row(&[(0, 500), (0, 500), (0, 1_000), (0, 500)], 4), 1_000);
        assert_eq!(marks.len(), 32);
        assert_eq!(marks[0], Mark::Part { start: 0, end: 31, busy: 100 });
        assert_eq!(marks[31], Mark::Part { start: 968, end: 1_000, busy: 25 });
        assert_eq!(
            cells.iter().map(|run| (run.columns, run.shade)).collect::<Vec<_>>(),
            [(240, 4), (240, 1)]
        );
    }

    #[test]
    fn a_cell_has_the_colour_of_the_label_that_covers_most() {
        let bars = [Bar { start: 0, end: 2, label: 0 }, Bar { start: 2, end: 10, label: 1 }];
        assert_eq!(cells(&bars, 1, 10, 1), [Cells { column: 0, columns: 1, label: 1, shade: 4 }]);
    }

    #[test]
    fn a_moment_can_be_seen() {
        let (marks, _) = marks(&row(&[(0, 0)], 1), 0);
        assert_eq!(marks.len(), 1);
        assert_eq!(cells(&row(&[(500, 500)], 1).bars, 1, 1_000, 10)[0].shade, 1);
    }

    #[test]
    fn no_time_is_too_long() {
        let (marks, _) = marks(&row(&[(u64::MAX - 1, u64::MAX)], 1), u64::MAX);
        assert_eq!(marks.len(), 1);
    }
}
