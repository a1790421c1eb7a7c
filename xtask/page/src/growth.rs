//! Which figures of a step show how something grows.
//!
//! Two ways of reporting make a curve, each with at least three points:
//!
//! - **A number in the name.** Values whose names differ in one number alone: `generation_with_1_s`,
//!   `generation_with_2_s`, `generation_with_5_s`. The numbers are the sizes.
//! - **A list beside a list of sizes.** A list of numbers that grows from each to the next and whose
//!   name has no unit is the sizes; each list of the same length whose name has a unit is a curve.
//!
//! Curves over the same sizes and in the same unit share a chart.

use common::report::StepReport;
use serde_json::Value;

/// The fewest points that show how something grows.
const FEWEST: usize = 3;

/// Curves over the same sizes, in the same unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Growth {
    /// What the sizes count; empty if the report does not say.
    pub sizes: String,
    /// The ending of the values' names: `_s`, `_ns`, `_bytes` or nothing.
    pub unit: &'static str,
    /// The curves, in the order of the report.
    pub curves: Vec<Curve>,
}

/// One value for each size.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// What it is the growth of.
    pub name: String,
    /// Sizes and values, the sizes growing.
    pub points: Vec<(f64, f64)>,
}

/// What grows in `step`.
pub fn growths(step: &StepReport) -> Vec<Growth> {
    let mut growths: Vec<Growth> = Vec::new();
    for (sizes, unit, curve) in by_name(step).into_iter().chain(by_list(step)) {
        let places = |curve: &Curve| curve.points.iter().map(|(size, _)| *size).collect::<Vec<_>>();
        let fits = |growth: &&mut Growth| {
            growth.unit == unit
                && growth.sizes == sizes
                && growth.curves.first().map(places) == Some(places(&curve))
        };
        match growths.iter_mut().find(fits) {
            Some(growth) => growth.curves.push(curve),
            None => growths.push(Growth { sizes, unit, curves: vec![curve] }),
        }
    }
    growths
}

/// What the sizes count, the unit, and a curve.
type Found = (String, &'static str, Curve);

/// The names of values but for a number, their unit, and the numbers with the values.
type Family = (String, &'static str, Vec<(f64, f64)>);

/// All that a step reports.
fn entries(step: &StepReport) -> impl Iterator<Item = (&str, &Value)> {
    step.facts.iter().chain(step.figures.iter())
}

/// Values whose names differ in one number.
fn by_name(step: &StepReport) -> Vec<Found> {
    let mut families: Vec<Family> = Vec::new();
    for (name, value) in entries(step) {
        let Some(value) = value.as_f64() else { continue };
        let (bare, unit) = split_unit(name);
        let words: Vec<&str> = bare.split('_').collect();
        let is_number = |word: &&str| word.bytes().all(|byte| byte.is_ascii_digit());
        let numbers: Vec<usize> = (0..words.len())
            .filter(|place| !words[*place].is_empty() && is_number(&words[*place]))
            .collect();
        let [place] = numbers[..] else { continue };
        let Ok(size) = words[place].parse() else { continue };
        let mut family = words;
        family[place] = "n";
        let family = family.join(" ");
        match families.iter_mut().find(|known| known.0 == family && known.1 == unit) {
            Some((_, _, points)) => points.push((size, value)),
            None => families.push((family, unit, vec![(size, value)])),
        }
    }
    let curve = |(name, unit, mut points): Family| {
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let grows = points.windows(2).all(|pair| pair[0].0 < pair[1].0);
        let is_curve = grows && points.len() >= FEWEST;
        is_curve.then_some((String::new(), unit, Curve { name, points }))
    };
    families.into_iter().filter_map(curve).collect()
}

/// Lists beside a list of sizes.
fn by_list(step: &StepReport) -> Vec<Found> {
    let numbers = |value: &Value| -> Option<Vec<f64>> {
        let list: Vec<f64> = value.as_array()?.iter().map(Value::as_f64).collect::<Option<_>>()?;
        (list.len() >= FEWEST).then_some(list)
    };
    let lists: Vec<(&str, &'static str, Vec<f64>)> = entries(step)
        .filter_map(|(name, value)| {
            let (bare, unit) = split_unit(name);
            Some((bare, unit, numbers(value)?))
        })
        .collect();
    let are_sizes = |(_, unit, list): &&(&str, &str, Vec<f64>)| {
        unit.is_empty() && list.windows(2).all(|pair| pair[0] < pair[1])
    };
    let mut found = Vec::new();
    for (name, unit, values) in lists.iter().filter(|(_, unit, _)| !unit.is_empty()) {
        let mut sizes = lists.iter().filter(are_sizes);
        let Some((what, _, sizes)) = sizes.find(|(_, _, sizes)| sizes.len() == values.len()) else {
            continue;
        };
        let points = sizes.iter().copied().zip(values.iter().copied()).collect();
        found.push((what.replace('_', " "), *unit, Curve { name: name.replace('_', " "), points }));
    }
    found
}

/// A name without its unit, and the unit.
fn split_unit(name: &str) -> (&str, &'static str) {
    let mut units = ["_s", "_ns", "_bytes"].into_iter();
    let split = |unit: &'static str| name.strip_suffix(unit).map(|stem| (stem, unit));
    units.find_map(split).unwrap_or((name, ""))
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use super::*;

    fn growths_of(facts: &Value, figures: &Value) -> Vec<Growth> {
        growths(&from_value(json!({ "name": "s", "facts": facts, "figures": figures })).unwrap())
    }

    #[test]
    fn names_that_differ_in_a_number_are_a_curve() {
        let figures = json!({
            "generation_with_10_s": 0.01, "generation_with_1_s": 0.09, "generation_with_2_s": 0.05,
            "latency_s": 0.002, "of_2_and_3_s": 1, "pair_1": 1, "pair_2": 2, "pair_3_s": 3,
        });
        let points = vec![(1.0, 0.09), (2.0, 0.05), (10.0, 0.01)];
        let curves = vec![Curve { name: "generation with n".into(), points }];
        let expected = Growth { sizes: String::new(), unit: "_s", curves };
        assert_eq!(growths_of(&json!({}), &figures), [expected]);
    }

    #[test]
    fn a_list_beside_sizes_is_a_curve() {
        let found = growths_of(
            &json!({ "cells": [10, 100, 1000], "statuses": [0, 0, 0] }),
            &json!({ "pool_s": [1, 2, 4], "tasks_s": [1, 1, 1], "used_bytes": [5, 6, 7], "short_s": [1, 2] }),
        );
        let [times, memory] = &found[..] else { panic!("{found:?}") };
        assert_eq!((&*times.sizes, times.unit, times.curves.len()), ("cells", "_s", 2));
        assert_eq!(times.curves[0].points, [(10.0, 1.0), (100.0, 2.0), (1000.0, 4.0)]);
        assert_eq!((memory.unit, &*memory.curves[0].name), ("_bytes", "used"));
    }

    #[test]
    fn lists_of_other_things_are_no_curves() {
        let facts = json!({
            "seen": [0, 29, 63, 104], "statuses": [0, 0, 0], "order": ["a", "b", "c"],
            "pauses_s": [3, 1, 2], "few": [1, 2],
        });
        assert_eq!(growths_of(&facts, &json!({ "few_s": [1, 2] })), []);
    }
}
