//! Verdicts: as a word and a sign, never as a colour alone.

use maud::{Markup, html};
use xtask::document::Judgement;
use xtask::judge::Outcome;

/// How many checks came out how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    pub passed: usize,
    pub failed: usize,
    pub skipped: usize,
}

impl Sum {
    /// Of these.
    pub fn of<'a>(judgements: impl IntoIterator<Item = &'a Judgement>) -> Self {
        let mut sum = Self::default();
        for judgement in judgements {
            *match &judgement.outcome {
                Outcome::Passed => &mut sum.passed,
                Outcome::Failed => &mut sum.failed,
                Outcome::Skipped(_) => &mut sum.skipped,
            } += 1;
        }
        sum
    }

    /// All three, also those that are none.
    pub fn all_words(self) -> Markup {
        let of = |class: &'static str, count: usize| if count > 0 { class } else { "aside" };
        html! {
            span class=(of("pass", self.passed)) { "✓ " (self.passed) " passed" } ", "
            span class=(of("fail", self.failed)) { "✗ " (self.failed) " failed" } ", "
            span class=(of("skip", self.skipped)) { "○ " (self.skipped) " skipped" }
        }
    }

    /// What a reader should know first: whether anything failed.
    pub fn words(self) -> Markup {
        html! {
            @if self.failed > 0 { span.fail { "✗ " (self.failed) " failed" } ", " }
            span.pass { "✓ " (self.passed) " passed" }
            @if self.skipped > 0 { ", " span.skip { "○ " (self.skipped) " skipped" } }
        }
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
