//! One item: its advice, its steps with their pictures, its checks, its files.

use common::report::{Kind, Report, StepReport};
use common::unit::{Unit, show, spoken};
use maud::{Markup, html};
use serde_json::Value;
use xtask::document::{Ran, Shown};
use xtask::text::clean;
use xtask::verdict::{Judgement, Outcome, Sum};

use crate::lanes::{figure, pictures_of};
use crate::palette::Palette;
use crate::text::{paragraph, value, with_code};
use crate::verdict::{icon, words};

/// The section of `item`; `pythons` are the interpreters that ran it, too.
pub fn section(item: &Shown, pythons: &[String]) -> Markup {
    let sum = Sum::of(&item.run.judgements);
    // Those that ran this item, with their names.
    let others: Vec<(&str, &Ran)> = pythons
        .iter()
        .zip(&item.pythons)
        .filter_map(|(name, ran)| Some((name.as_str(), ran.as_ref()?)))
        .collect();
    html! {
        section.item id={ "item-" (item.number) } aria-labelledby={ "title-" (item.number) } {
            header {
                p.number aria-hidden="true" { (item.number) }
                div {
                    h2 id={ "title-" (item.number) } {
                        span.unseen { "Item " (item.number) ": " } (clean(&item.title))
                    }
                    @if !item.advice.is_empty() { p.advice { (paragraph(&item.advice)) } }
                    p.run {
                        (words(sum)) " · ran for " (show("_s", &item.run.elapsed_s.into())) " · "
                        code { "cargo run -p " (clean(&item.package)) }
                    }
                }
            }
            @if let Some(report) = &item.run.report {
                (steps(report, &others))
            }
            (checks(item, &others))
            @if !item.files.is_empty() {
                h3 { "Read" }
                ul.files {
                    @for file in &item.files {
                        li {
                            a href=(file.address) { code { (clean(&file.path)) } }
                            @if !file.about.is_empty() { span.aside { " " (clean(&file.about)) } }
                        }
                    }
                }
            }
            p.up { a href="#items" { "All items" } }
        }
    }
}

/// The steps in their order, each picture below the last of the steps that it compares.
fn steps(report: &Report, others: &[(&str, &Ran)]) -> Markup {
    let palette = Palette::of(report);
    let pictures = pictures_of(report);
    let last_of = |steps: &[&StepReport]| {
        report.steps.iter().rposition(|step| steps.iter().any(|known| known.name == step.name))
    };
    // In all tables, so that their columns stand below each other.
    let has_notes = report.steps.iter().any(|step| !step.notes.is_empty());
    html! {
        @for (place, step) in report.steps.iter().enumerate() {
            (self::step(step, others, has_notes))
            @for (look, steps) in pictures.iter().filter(|(_, steps)| last_of(steps) == Some(place)) {
                @if let Some(figure) = figure(report.item, look, steps, &palette) { (figure) }
            }
        }
    }
}

/// What a step does, what it was asked for, and what it found.
fn step(step: &StepReport, others: &[(&str, &Ran)], has_notes: bool) -> Markup {
    let theirs: Vec<(&str, Option<&StepReport>)> = others
        .iter()
        .map(|(name, ran)| (*name, ran.report.as_ref().and_then(|report| report.step(&step.name))))
        .collect();
    html! {
        div.step-of {
            div.says {
                h3 { (clean(&step.name)) }
                @if !step.says.is_empty() { p { (with_code(&step.says)) } }
            }
            div.found {
                @if !step.settings.is_empty() {
                    p.settings {
                        "settings:"
                        @for (name, value) in step.settings.iter() {
                            " " span {
                                (clean(&spoken(name))) " " (clean(&show(name, value)))
                                @if let Some(notes) = step.notes.get(name) {
                                    " (notes: " (clean(&show("", notes))) ")"
                                }
                            }
                        }
                    }
                }
                @if !step.facts.is_empty() || !step.figures.is_empty() {
                    table class={ "entries" @if has_notes { " noted" } } {
                        @if !theirs.is_empty() {
                            thead { tr {
                                td {}
                                th scope="col" { "Rust" }
                                @for (name, _) in &theirs { th scope="col" { (clean(name)) } }
                                @if has_notes { td {} }
                            } }
                        }
                        tbody {
                            @for (kind, name, value) in step.entries() {
                                @if kind != Kind::Setting {
                                    (entry(name, value, (step, kind, has_notes), &theirs))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A fact or figure, beside what the others found and what the notes did.
fn entry(
    name: &str,
    found: &Value,
    (step, kind, has_notes): (&StepReport, Kind, bool),
    theirs: &[(&str, Option<&StepReport>)],
) -> Markup {
    let unit = Unit::of(name);
    let is_measured = kind == Kind::Figure || unit.is_time();
    let ratio = |theirs: &Value| unit.ratio(theirs.as_f64()?, found.as_f64()?);
    html! {
        tr.figure[kind == Kind::Figure] {
            th scope="row" { (clean(&spoken(name))) }
            td data-is="Rust" {
                (value(&show(name, found)))
                @if let Some(arithmetic) = step.about.get(name) {
                    span.about { "≈ " (clean(&show("", arithmetic))) }
                }
            }
            @for (who, their) in theirs {
                td data-is=(clean(who)) {
                    @if let Some(their) = their.and_then(|step| step.value(name)) {
                        (value(&show(name, their)))
                        @if is_measured && let Some(ratio) = ratio(their) { " " span.ratio { (ratio) } }
                    } @else {
                        span.aside { "–" }
                    }
                }
            }
            @if has_notes {
                td.notes {
                    @if let Some(notes) = step.notes.get(name) { "notes: " (clean(&show("", notes))) }
                }
            }
        }
    }
}

/// The name, for links, of the first check of `item` that failed.
pub fn failed_in(item: &Shown) -> String {
    format!("failed-{}", item.number)
}

/// The checks with verdict and reason.
fn checks(item: &Shown, others: &[(&str, &Ran)]) -> Markup {
    let run = &item.run;
    let first = run.judgements.iter().position(|one| one.outcome == Outcome::Failed);
    let is_repeated = |judgement: &Judgement| {
        run.judgements.iter().filter(|other| other.claim == judgement.claim).count() > 1
    };
    html! {
        // What failed is in sight.
        details.folded open[first.is_some()] {
        summary { h3 { "Checks" } " " (words(Sum::of(&run.judgements))) }
        div.wide {
            table.checks {
                thead { tr {
                    th scope="col" { "verdict" }
                    th scope="col" { "claim, and why it must hold" }
                    th scope="col" { "found" }
                    th scope="col" { "expected" }
                    @for (name, _) in others { th scope="col" { (clean(name)) } }
                } }
                tbody {
                    @for (place, judgement) in run.judgements.iter().enumerate() {
                        tr id=[(first == Some(place)).then(|| failed_in(item))] {
                            td.verdict { (icon(&judgement.outcome)) }
                            th scope="row" {
                                (clean(&judgement.claim))
                                @if let Some(step) = &judgement.step && is_repeated(judgement) {
                                    " " code { (clean(step)) }
                                }
                                span.why { (with_code(&judgement.why)) }
                                @if let Outcome::Skipped(reason) = &judgement.outcome {
                                    span.why { "This machine can't show it: " (clean(reason)) }
                                }
                            }
                            td data-is="found" {
                                (clean(&judgement.found))
                                @if !judgement.notes.is_empty() {
                                    " " span.why { "notes: " (clean(&judgement.notes)) }
                                }
                            }
                            td data-is="expected" { (clean(&judgement.expected)) }
                            @for (name, ran) in others {
                                td data-is=(clean(name)) { (their(judgement, ran)) }
                            }
                        }
                    }
                }
            }
        }
        }
    }
}

/// What came of the same claim elsewhere.
fn their(judgement: &Judgement, ran: &Ran) -> Markup {
    html! {
        @if let Some(Judgement { outcome, found, meaning, .. }) = ran.same(judgement) {
            (icon(outcome)) " " span.why { (clean(found)) }
            @if !meaning.is_empty() { span.why { (clean(meaning)) } }
        } @else {
            span.aside { "not there" }
        }
    }
}
