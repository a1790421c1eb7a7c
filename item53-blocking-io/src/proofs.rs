//! What `cargo xtask verify` is shown besides, and how figures are written.

use std::hint::black_box;
use std::time::Duration;

use common::timeline::{Span, span};
use common::unit::show;
use common::witness::{CROWD, PIECES, Seen, look};

use crate::{Algorithm, Factored, try_all};

/// The factors of each number, in a line of its own.
pub fn factors(found: &[Factored]) -> String {
    let line = |found: &Factored| {
        let factors: Vec<String> = found.factors.iter().map(u32::to_string).collect();
        factors.join(" ")
    };
    found.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The sum of `numbers` as it is written: `1 + 2 + 3`. Of many, the first and the last.
pub fn written_sum(numbers: &[u32]) -> String {
    let shown: Vec<String> = numbers.iter().map(|number| show("", &(*number).into())).collect();
    match &shown[..] {
        [first, second, .., last] if shown.len() > 4 => format!("{first} + {second} + … + {last}"),
        few => few.join(" + "),
    }
}

/// How many divisions were tried.
pub fn divisions(found: &[Factored]) -> u64 {
    found.iter().map(|found| found.divisions).sum()
}

/// How many computations of the main thread had ended when the first of the calls returned.
pub fn computed_meanwhile(spans: &[Span]) -> usize {
    let first_return = called(spans, "wait").map(|call| call.end_us).min().unwrap_or(0);
    called(spans, "compute").filter(|span| span.end_us <= first_return).count()
}

/// How long the main thread took from the beginning of its first computation to the end of its last:
/// less than a millisecond, unless the system gave its core to others.
pub fn time_of_computing(spans: &[Span]) -> Duration {
    let begin = called(spans, "compute").map(|span| span.start_us).min().unwrap_or(0);
    let end = called(spans, "compute").map(|span| span.end_us).max().unwrap_or(0);
    Duration::from_micros(end - begin)
}

fn called<'a>(spans: &'a [Span], label: &str) -> impl Iterator<Item = &'a Span> {
    spans.iter().filter(move |span| span.label == label)
}

/// Whether `way` computes for several numbers at the same time. It gets numbers of its own, not those of
/// the flags: small ones would show nothing.
pub fn look_at(
    way: impl Fn(&[u32], Algorithm) -> anyhow::Result<Vec<Factored>>,
) -> anyhow::Result<Seen> {
    look(|| way(&[20_000; CROWD], in_pieces).map(drop))
}

/// Factorises `number` over and over. Each time is a piece of work that can be seen by itself.
fn in_pieces(number: u32) -> Factored {
    let piece = || span("piece", || try_all(black_box(number)));
    (1..PIECES).for_each(|_| drop(black_box(piece())));
    piece()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span_of(label: &str, start_us: u64, end_us: u64) -> Span {
        Span { lane: "any".into(), label: label.into(), start_us, end_us }
    }

    #[test]
    fn only_what_was_computed_before_the_first_call_returned_was_computed_meanwhile() {
        let calls = [(0, 100), (0, 90)].map(|(start, end)| span_of("wait", start, end));
        let computed = [(10, 20), (20, 90), (90, 95)];
        let computed = computed.map(|(start, end)| span_of("compute", start, end));
        let spans: Vec<Span> = calls.into_iter().chain(computed).collect();
        assert_eq!(time_of_computing(&spans), Duration::from_micros(85));
        assert_eq!(computed_meanwhile(&spans), 2);
    }

    #[test]
    fn factors_of_each_number_stand_in_a_line_and_sums_are_written_out() {
        let found = [6, 7].map(try_all);
        assert_eq!(factors(&found), "1 2 3 6\n1 7");
        assert_eq!(divisions(&found), 13);
        assert_eq!(written_sum(&[6, 7]), "6 + 7");
        assert_eq!(written_sum(&[1, 2, 3, 4, 50_000]), "1 + 2 + … + 50,000");
    }
}
