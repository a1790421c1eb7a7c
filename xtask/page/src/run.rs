//! What came of a run: the steps with their pictures, and the checks.

use common::report::{Kind, Report, StepReport};
use common::unit::{Unit, show, spoken};
use maud::{Markup, html};
use serde_json::Value;
use xtask::document::{Ran, Shown};
use xtask::text::clean;
use xtask::verdict::{Judgement, Outcome, Sum};

use crate::lanes::{figure, pictures_of};
use crate::palette::Palette;
use crate::text::{value, with_code};
use crate::verdict::{icon, sum_of};
use crate::words::{Words, fill};

/// What Python did beside it: the interpreters that ran the item, with their names.
pub type Others<'a> = [(&'a str, &'a Ran)];

/// A step of Python's, and the step that mends it.
type Theirs<'a> = (&'a str, Option<&'a StepReport>, Option<&'a StepReport>);

/// The steps in their order, each picture below the last of the steps that it compares.
pub fn steps(report: &Report, others: &Others, words: &Words) -> Markup {
    let pictures = pictures_of(report);
    let palette = Palette::of(&pictures);
    let last_of = |steps: &[&StepReport]| {
        report.steps.iter().rposition(|step| steps.iter().any(|known| known.name == step.name))
    };
    // In all tables, so that their columns stand below each other.
    let has_notes = report.steps.iter().any(|step| !step.notes.is_empty());
    html! {
        @for (place, step) in report.steps.iter().enumerate() {
            (self::step(step, others, has_notes, words))
            @for (look, steps) in pictures.iter().filter(|(_, steps)| last_of(steps) == Some(place)) {
                @if let Some(figure) = figure(report.item, look, steps, &palette, words) { (figure) }
            }
        }
    }
}

/// What a step does, and what it was asked for, found and measured, in the order in which it is told.
fn step(step: &StepReport, others: &Others, has_notes: bool, words: &Words) -> Markup {
    let theirs: Vec<Theirs> = others
        .iter()
        .map(|(name, ran)| (*name, ran.step(&step.name), ran.mended_step(&step.name)))
        .collect();
    let all: Vec<(Kind, &str, &Value)> = step.entries().collect();
    let (proofs, told): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|(_, name, _)| step.is_proof(name));
    let place = |name: &str| step.told.iter().position(|(told, _)| told == name);
    let mut told = told;
    told.sort_by_key(|(_, name, _)| place(name));
    let table = |entries: &[(Kind, &str, &Value)]| {
        html! {
            table class={ "entries" @if has_notes { " noted" } } {
                @if !theirs.is_empty() {
                    thead { tr {
                        td {}
                        th scope="col" { "Rust" }
                        @for (name, ..) in &theirs { th scope="col" { (clean(name)) } }
                        @if has_notes { td {} }
                    } }
                }
                tbody {
                    @for (kind, name, value) in entries {
                        (entry(name, value, (step, *kind, has_notes), &theirs, words))
                    }
                }
            }
        }
    };
    html! {
        div.step-of {
            div.says {
                h4 { (clean(&step.name)) }
                @if !step.says.is_empty() { p { (with_code(&step.says)) } }
            }
            div.found {
                @if !told.is_empty() { (table(&told)) }
                @for remark in &step.remarks { p.remark { (with_code(remark)) } }
                @if !proofs.is_empty() {
                    details.proofs {
                        summary { (fill(words.proofs, &[&proofs.len().to_string()])) }
                        (table(&proofs))
                    }
                }
            }
        }
    }
}

/// A setting, fact or figure, beside what the others found and what the notes did.
fn entry(
    name: &str,
    found: &Value,
    (step, kind, has_notes): (&StepReport, Kind, bool),
    theirs: &[Theirs],
    words: &Words,
) -> Markup {
    let unit = Unit::of(name);
    let is_measured = kind == Kind::Figure || (kind == Kind::Fact && unit.is_time());
    let class = match kind {
        Kind::Setting => Some("setting"),
        Kind::Figure => Some("figure"),
        Kind::Fact => None,
    };
    let told = step.told.get(name).map_or_else(|| show(name, found), |told| show("", told));
    let of_theirs = |step: &StepReport| {
        let their = step.value(name)?;
        let numbers = their.as_f64().zip(found.as_f64()).filter(|_| is_measured);
        let ratio = numbers.and_then(|(theirs, ours)| unit.ratio(theirs, ours));
        Some(html! {
            (shown(name, their, &show(name, their)))
            @if let Some(ratio) = ratio { " " span.ratio { (ratio) } }
        })
    };
    html! {
        tr class=[class] {
            th scope="row" { (clean(&spoken(name))) }
            td data-is="Rust" {
                (shown(name, found, &told))
                @if let Some(arithmetic) = step.about.get(name) {
                    span.about { "≈ " (clean(&show("", arithmetic))) }
                }
            }
            @for (who, step, mended) in theirs {
                td data-is=(clean(who)) {
                    @if let Some(their) = step.and_then(of_theirs) { (their) } @else { span.aside { "–" } }
                    @if let Some(their) = mended.and_then(of_theirs) {
                        span.about { (words.mended) (their) }
                    }
                }
            }
            @if has_notes {
                td.notes {
                    @if let Some(notes) = step.notes.get(name) {
                        (clean(&fill(words.notes, &[&show("", notes)])))
                    }
                }
            }
        }
    }
}

/// A value as a person reads it; if that is rounded, with the exact one for who points at it.
fn shown(name: &str, exact: &Value, told: &str) -> Markup {
    let unit = match Unit::of(name) {
        Unit::Seconds => " s",
        Unit::Nanoseconds => " ns",
        Unit::Bytes | Unit::PerSecond | Unit::Plain => "",
    };
    let exact = exact.as_f64().filter(|exact| exact.fract() != 0.0);
    html! {
        @if let Some(exact) = exact {
            span.exact tabindex="0" data-exact={ (exact) (unit) } { (value(told)) }
        } @else {
            (value(told))
        }
    }
}

/// The name, for links, of the first check of `item` that failed.
pub fn failed_in(item: &Shown) -> String {
    format!("failed-{}", item.number)
}

/// The checks with verdict and reason.
pub fn checks(item: &Shown, run: &Ran, others: &Others, words: &Words) -> Markup {
    let first = run.judgements.iter().position(|one| one.outcome == Outcome::Failed);
    html! {
        // What failed is in sight.
        details.folded open[first.is_some()] {
            summary { h3 { (words.checks) } " " (sum_of(Sum::of(&run.judgements), words)) }
            table.checks {
                thead { tr {
                    th scope="col" { (words.verdict) }
                    th scope="col" { (words.step) }
                    th scope="col" { (words.claim) }
                    th scope="col" { (words.found) }
                    th scope="col" { (words.expected) }
                    @for (name, _) in others { th scope="col" { (clean(name)) } }
                } }
                tbody {
                    @for (place, judgement) in run.judgements.iter().enumerate() {
                        tr id=[(first == Some(place)).then(|| failed_in(item))] {
                            (check(judgement, others, words))
                        }
                    }
                }
            }
        }
    }
}

fn check(judgement: &Judgement, others: &Others, words: &Words) -> Markup {
    html! {
        td.verdict { (icon(&judgement.outcome)) }
        td.of { @if let Some(step) = &judgement.step { code { (clean(step)) } } }
        th scope="row" {
            (clean(&judgement.claim))
            span.why { (with_code(&judgement.why)) }
            @if let Outcome::Skipped(reason) = &judgement.outcome {
                span.why { (fill(words.cannot_show, &[&clean(reason)])) }
            }
        }
        td data-is=(words.found) {
            (value(&judgement.found))
            @if !judgement.notes.is_empty() {
                " " span.why { (clean(&fill(words.notes, &[&judgement.notes]))) }
            }
        }
        td data-is=(words.expected) { (value(&judgement.expected)) }
        @for (name, ran) in others {
            td data-is=(clean(name)) {
                @if let Some(their) = ran.same(judgement) { (same(their)) } @else { span.aside { (words.not_there) } }
                @if let Some(their) = ran.same_mended(judgement) { span.why { (words.mended) (same(their)) } }
            }
        }
    }
}

/// What came of the same claim elsewhere.
fn same(Judgement { outcome, found, meaning, .. }: &Judgement) -> Markup {
    html! {
        (icon(outcome)) " " span.why { (clean(found)) }
        @if !meaning.is_empty() { span.why { (clean(meaning)) } }
        @if let Outcome::Skipped(reason) = outcome { span.why { (clean(reason)) } }
    }
}
