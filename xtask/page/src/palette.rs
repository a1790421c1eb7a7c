//! The colours of the labels of spans.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use common::report::StepReport;

/// So many labels have a colour of their own; those that took the least time share another.
pub const COLOURS: usize = 6;

/// The colours of an item's labels: the same in all its pictures, and different in each of them.
#[derive(Debug, Default)]
pub struct Palette(BTreeMap<String, usize>);

/// A label that wants a colour.
struct Label<'a> {
    name: &'a str,
    /// Its place in the order in which labels first appear.
    place: usize,
    took_us: u64,
    pictures: BTreeSet<usize>,
}

impl Palette {
    /// In the order in which they first appear, labels get the first colour that none beside them
    /// has. If a picture has more labels than there are colours, those that took the least time go
    /// without.
    pub fn of(pictures: &[(&str, Vec<&StepReport>)]) -> Self {
        let mut labels: BTreeMap<&str, Label> = BTreeMap::new();
        for (picture, (_, steps)) in pictures.iter().enumerate() {
            for span in steps.iter().flat_map(|step| &step.spans) {
                let (name, place) = (&*span.label, labels.len());
                let label = labels.entry(name).or_insert_with(|| Label {
                    name,
                    place,
                    took_us: 0,
                    pictures: BTreeSet::new(),
                });
                let took_us = span.end_us.saturating_sub(span.start_us);
                label.took_us = label.took_us.saturating_add(took_us);
                label.pictures.insert(picture);
            }
        }
        let mut labels: Vec<Label> = labels.into_values().collect();
        labels.sort_by_key(|label| (Reverse(label.took_us), label.place));
        let coloured = colours(&labels);
        labels.retain(|label| coloured.contains_key(label.name));
        labels.sort_by_key(|label| label.place);
        let coloured = colours(&labels).into_iter();
        Self(coloured.map(|(label, colour)| (label.to_owned(), colour)).collect())
    }

    /// The number of its colour: [`COLOURS`] of those that share one.
    pub fn colour(&self, label: &str) -> usize {
        self.0.get(label).copied().unwrap_or(COLOURS)
    }
}

/// For each of `labels`, in this order, the first colour that no other has in any of its pictures.
fn colours<'a>(labels: &[Label<'a>]) -> BTreeMap<&'a str, usize> {
    let mut colours = BTreeMap::new();
    let mut taken: BTreeSet<(usize, usize)> = BTreeSet::new();
    for Label { name, pictures, .. } in labels {
        let is_free = |colour: &usize| !pictures.iter().any(|of| taken.contains(&(*of, *colour)));
        if let Some(free) = (0..COLOURS).find(is_free) {
            taken.extend(pictures.iter().map(|picture| (*picture, free)));
            colours.insert(*name, free);
        }
    }
    colours
}

#[cfg(test)]
mod tests {
    use common::timeline::Span;

    use super::*;

    /// Steps whose spans have these labels, each so long.
    fn steps(steps: &[&[(&str, u64)]]) -> Vec<StepReport> {
        let span = |(label, end_us): &(&str, u64)| Span {
            lane: "lane".into(),
            label: (*label).into(),
            start_us: 0,
            end_us: *end_us,
        };
        let spans = steps.iter().map(|spans| spans.iter().map(span).collect());
        spans.map(|spans| StepReport { spans, ..StepReport::default() }).collect()
    }

    #[test]
    fn a_label_has_one_colour_and_no_other_label_of_its_pictures_has_it() {
        let compared = [&[("load", 9), ("get", 9)][..], &[("resize", 9), ("store", 9)]];
        let [alone, a, b] = &steps(&[&[("put", 9), ("get", 9)], compared[0], compared[1]])[..]
        else {
            panic!("three steps")
        };
        let palette = Palette::of(&[("", vec![a, b]), ("", vec![alone])]);
        let colours = ["load", "get", "resize", "store", "put"].map(|label| palette.colour(label));
        assert_eq!(colours, [0, 1, 2, 3, 0]);
    }

    #[test]
    fn the_labels_that_take_most_time_have_colours_in_their_order() {
        let labels = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
        let spans: Vec<_> = labels.into_iter().zip([1, 9, 2, 8, 7, 3, 6, 5, 4]).collect();
        let palette = Palette::of(&[("", steps(&[&spans]).iter().collect())]);
        let colours = labels.map(|label| palette.colour(label));
        assert_eq!(colours, [6, 0, 6, 1, 2, 6, 3, 4, 5]);
    }
}
