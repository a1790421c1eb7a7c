//! A small chart of how something grows with a size.
//!
//! An axis is logarithmic where its values are: the sizes if the largest is at least eight times the
//! smallest, and the values if the sizes are and they, too, differ by eight times. Any other axis of
//! values begins at nought.

use common::report::show;
use maud::{Markup, html};
use xtask::clean;

use crate::growth::{Curve, Growth};
use crate::ticks;

/// From this ratio of the largest to the smallest on, an axis is logarithmic.
const WIDE: f64 = 8.0;

/// Maps values to the share of an axis, in percent.
struct Axis {
    from: f64,
    to: f64,
    logarithmic: bool,
}

impl Axis {
    fn place(&self, value: f64) -> f64 {
        let scaled = |value: f64| if self.logarithmic { value.log10() } else { value };
        let length = scaled(self.to) - scaled(self.from);
        let share = if length > 0.0 { (scaled(value) - scaled(self.from)) / length } else { 0.5 };
        (share * 100_000.0).round() / 1_000.0
    }
}

/// One curve and how it is drawn: its name, and the number of its language (0 is Rust).
pub struct Line<'a> {
    pub name: String,
    pub style: usize,
    pub curve: &'a Curve,
}

/// The chart of `growth`, whose curves are `lines`: those of Rust, and of others that have the same.
pub fn chart(growth: &Growth, lines: &[Line<'_>]) -> Option<Markup> {
    let points = || lines.iter().flat_map(|line| &line.curve.points);
    let sizes = points().map(|(size, _)| *size);
    let values = points().map(|(_, value)| *value);
    let (x, _) = axis_of(sizes, false, true)?;
    let (y, marks) = axis_of(values, true, x.logarithmic)?;
    let first = lines.first()?;
    let says = |value: f64| show(growth.unit, &value.into());
    let names: Vec<String> = growth.curves.iter().map(|curve| clean(&curve.name)).collect();
    // The names of values that differ in a number have an n in its place.
    let sizes = if growth.sizes.is_empty() { "n".into() } else { clean(&growth.sizes) };
    Some(html! {
        figure.growth {
            figcaption {
                b { (names.join(", ")) }
                @if x.logarithmic { span.aside { " (" @if y.logarithmic { "both axes" } @else { "sizes" } " logarithmic)" } }
            }
            @if lines.len() > 1 {
                ul.legend aria-label="Curves" {
                    @for line in lines {
                        li { span class={ "swatch c" (line.style % 7) } {} (line.name) }
                    }
                }
            }
            div.plot {
                svg role="img" aria-label={ (names.join(", ")) " by " (sizes) ": the values are in the table of the step" } {
                    @for mark in &marks {
                        @let place = format!("{}%", 100.0 - y.place(*mark));
                        line.tick x1="0" x2="100%" y1=(place) y2=(place) {}
                    }
                    @for line in lines {
                        g class={ "c" (line.style % 7) } {
                            @for pair in line.curve.points.windows(2) {
                                line x1={ (x.place(pair[0].0)) "%" } y1={ (100.0 - y.place(pair[0].1)) "%" }
                                    x2={ (x.place(pair[1].0)) "%" } y2={ (100.0 - y.place(pair[1].1)) "%" } {}
                            }
                            @for (size, value) in &line.curve.points {
                                circle cx={ (x.place(*size)) "%" } cy={ (100.0 - y.place(*value)) "%" } r="4" {
                                    title { (line.name) ", " (show("", &whole(*size))) ": " (says(*value)) }
                                }
                            }
                        }
                    }
                }
                div.y aria-hidden="true" {
                    @for mark in &marks {
                        span style={ "top:" (100.0 - y.place(*mark)) "%" } { (says(*mark)) }
                    }
                }
                div.x aria-hidden="true" {
                    @for (size, _) in &first.curve.points {
                        span style={ "left:" (x.place(*size)) "%" } { (show("", &whole(*size))) }
                    }
                    b { (sizes) }
                }
            }
        }
    })
}

/// The axis of `values` and its marks. One that can't be drawn (not a number) is none.
fn axis_of(
    values: impl Iterator<Item = f64>,
    marked: bool,
    may_be_logarithmic: bool,
) -> Option<(Axis, Vec<f64>)> {
    let values: Vec<f64> = values.collect();
    if values.is_empty() || values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let logarithmic = may_be_logarithmic && least > 0.0 && most / least >= WIDE;
    let marks = match (marked, logarithmic) {
        (false, _) => vec![least, most],
        (true, true) => ticks::of_decades(least, most),
        (true, false) if least < 0.0 => return None,
        (true, false) => ticks::from_nought(most),
    };
    if marks.iter().any(|mark| !mark.is_finite()) {
        return None;
    }
    let (from, to) = (*marks.first()?, *marks.last()?);
    Some((Axis { from, to, logarithmic }, marks))
}

/// A whole number is shown as one.
fn whole(size: f64) -> serde_json::Value {
    if size.fract() == 0.0 { format!("{size}").into() } else { size.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(values: &[f64], may: bool) -> Option<(Axis, Vec<f64>)> {
        axis_of(values.iter().copied(), true, may)
    }

    #[test]
    fn an_axis_is_logarithmic_where_its_values_are() {
        assert!(axis(&[1.0, 8.0], true).unwrap().0.logarithmic);
        assert!(!axis(&[1.0, 8.0], false).unwrap().0.logarithmic);
        assert!(!axis(&[1.0, 7.9], true).unwrap().0.logarithmic);
        assert!(!axis(&[3.0, 15.0], true).unwrap().0.logarithmic);
        assert!(!axis(&[0.0, 80.0], true).unwrap().0.logarithmic);
    }

    #[test]
    fn places_are_shares_of_the_axis() {
        let (linear, marks) = axis(&[25.0, 100.0], false).unwrap();
        assert!((linear.place(25.0) - 25.0).abs() < 1e-3 && marks[0] == 0.0);
        let (decades, _) = axis(&[10.0, 1000.0], true).unwrap();
        assert!((decades.place(100.0) - 50.0).abs() < 1e-3);
        let point = Axis { from: 25.0, to: 25.0, logarithmic: false };
        assert!((point.place(25.0) - 50.0).abs() < 1e-3);
    }

    #[test]
    fn what_is_no_number_is_not_drawn() {
        assert!(axis(&[f64::NAN, 1.0], true).is_none());
        assert!(axis(&[], true).is_none());
        assert!(axis(&[1.0, f64::MAX], false).is_none(), "there is no mark above");
    }
}
