//! What shows that a delivery lost nothing, and that it was as fast as it can be.

use std::collections::BTreeSet;
use std::time::Duration;

use common::timeline::Span;

use crate::delivery::{Parcel, STAGES};

/// How many of `parcels` are different ones.
pub fn distinct(parcels: &[Parcel]) -> usize {
    parcels.iter().map(|parcel| parcel.number).collect::<BTreeSet<_>>().len()
}

/// How many of `parcels` have exactly one stamp of each stage, in the order of the stages.
pub fn once_per_stage(parcels: &[Parcel]) -> usize {
    parcels.iter().filter(|parcel| parcel.stamps == STAGES).count()
}

/// What bounds a pipeline: the stage that takes longest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bound {
    /// What its calls take, shared among its workers, if none of them ever waits for an item.
    pub shortest: Duration,
    /// How long one of its calls takes: the mean.
    pub call: Duration,
}

/// The bound of a pipeline with so many `workers`, from the `spans` of all calls.
pub fn bound(spans: &[Span], workers: [usize; 3]) -> Bound {
    let stages = STAGES.into_iter().zip(workers).map(|(stage, workers)| {
        let calls = spans.iter().filter(|span| span.label == stage);
        let took: Vec<u64> = calls.map(|span| span.end_us - span.start_us).collect();
        let total = Duration::from_micros(took.iter().sum());
        let share = |among: usize| total.div_f64(among.max(1) as f64);
        Bound { shortest: share(workers), call: share(took.len()) }
    });
    stages.max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parcel(number: u32, stamps: &[&'static str]) -> Parcel {
        Parcel { number, stamps: stamps.to_vec() }
    }

    #[test]
    fn a_parcel_that_comes_twice_is_not_two() {
        assert_eq!(distinct(&[parcel(1, &[]), parcel(2, &[]), parcel(1, &[])]), 2);
    }

    #[test]
    fn a_stage_left_out_or_done_twice_or_out_of_turn_does_not_count() {
        let [download, resize, upload] = STAGES;
        let parcels = [
            parcel(0, &STAGES),
            parcel(1, &[download, upload]),
            parcel(2, &[download, resize, resize, upload]),
            parcel(3, &[resize, download, upload]),
        ];
        assert_eq!(once_per_stage(&parcels), 1);
    }

    #[test]
    fn the_stage_that_takes_longest_for_its_workers_is_the_bound() {
        let span = |label: &str, start_us, end_us| Span {
            lane: String::new(),
            label: label.into(),
            start_us,
            end_us,
        };
        let spans = [
            span("download", 0, 600),
            span("download", 0, 200),
            span("resize", 100, 600),
            span("upload", 600, 900),
        ];
        let expected =
            Bound { shortest: Duration::from_micros(500), call: Duration::from_micros(500) };
        assert_eq!(bound(&spans, [2, 1, 1]), expected);
        assert_eq!(bound(&[], [1, 1, 1]), Bound::default());
    }
}
