//! Verdicts: as a word and a sign, never as a colour alone.

use maud::{Markup, html};
use xtask::verdict::{Outcome, Sum};

/// All three of a sum, also those that are none. Those that failed lead to `first`, an address on the page.
pub fn all_words(sum: Sum, first: Option<&str>) -> Markup {
    let of = |class: &'static str, count: usize| if count > 0 { class } else { "aside" };
    html! {
        span class=(of("pass", sum.passed)) { "✓ " (sum.passed) " passed" } ", "
        @if let Some(first) = first {
            a.fail href=(first) { "✗ " (sum.failed) " failed" } ", "
        } @else {
            span class=(of("fail", sum.failed)) { "✗ " (sum.failed) " failed" } ", "
        }
        span class=(of("skip", sum.skipped)) { "○ " (sum.skipped) " skipped" }
    }
}

/// What a reader should know first: whether anything failed.
pub fn words(sum: Sum) -> Markup {
    html! {
        @if sum.failed > 0 { span.fail { "✗ " (sum.failed) " failed" } ", " }
        span.pass { "✓ " (sum.passed) " passed" }
        @if sum.skipped > 0 { ", " span.skip { "○ " (sum.skipped) " skipped" } }
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
