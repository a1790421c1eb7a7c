//! Verdicts: as a word and a sign, never as a colour alone.

use maud::{Markup, html};
use xtask::verdict::{Outcome, Sum};

use crate::words::Words;

/// All three of a sum, also those that are none. Those that failed lead to `first`, an address on the page.
pub fn all_of(sum: Sum, first: Option<&str>, words: &Words) -> Markup {
    let of = |class: &'static str, count: usize| if count > 0 { class } else { "aside" };
    html! {
        span class=(of("pass", sum.passed)) { "✓ " (sum.passed) (words.passed) } ", "
        @if let Some(first) = first {
            a.fail href=(first) { "✗ " (sum.failed) (words.failed) } ", "
        } @else {
            span class=(of("fail", sum.failed)) { "✗ " (sum.failed) (words.failed) } ", "
        }
        span class=(of("skip", sum.skipped)) { "○ " (sum.skipped) (words.skipped) }
    }
}

/// What a reader should know first: whether anything failed.
pub fn sum_of(sum: Sum, words: &Words) -> Markup {
    html! {
        @if sum.failed > 0 { span.fail { "✗ " (sum.failed) (words.failed) } ", " }
        span.pass { "✓ " (sum.passed) (words.passed) }
        @if sum.skipped > 0 { ", " span.skip { "○ " (sum.skipped) (words.skipped) } }
    }
}

/// A verdict.
pub fn icon(outcome: &Outcome) -> Markup {
    let (class, sign, word) = match outcome {
        Outcome::Passed => ("pass", "✓", "pass"),
        Outcome::Failed => ("fail", "✗", "fail"),
        Outcome::Skipped(_) => ("skip", "○", "skip"),
    };
    html! { span class=(class) { (sign) " " (word) } }
}
