//! One item: its advice, its steps with their pictures, its checks, its files.

use common::report::{Entries, Report, StepReport, show, spoken};
use common::timing::three_digits;
use maud::{Markup, html};
use serde_json::Value;
use xtask::clean;
use xtask::document::{Judgement, Ran, Shown};
use xtask::judge::Outcome;

use crate::chart::{Line, chart};
use crate::growth::{Growth, growths};
use crate::lanes::{Palette, figure};
use crate::text::{paragraph, value, with_code};
use crate::verdict::{Sum, icon};

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
                        (sum.words()) " · ran for " (show("_s", &item.run.elapsed_s.into())) " · "
                        code { "cargo run -p " (clean(&item.package)) }
                    }
                }
            }
            @if let Some(report) = &item.run.report {
                (steps(report, &others))
            }
            (checks(&item.run, &others))
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
    let last_of = |names: &[String]| {
        report.steps.iter().rposition(|step| names.contains(&step.name)).unwrap_or(usize::MAX)
    };
    // In all tables, so that their columns stand below each other.
    let has_notes = report.steps.iter().any(|step| !step.notes.is_empty());
    let is_in_a_picture = |step: &StepReport| {
        report.pictures.iter().any(|picture| picture.steps.contains(&step.name))
    };
    html! {
        @for (place, step) in report.steps.iter().enumerate() {
            (self::step(step, others, has_notes))
            @for picture in report.pictures.iter().filter(|picture| last_of(&picture.steps) == place) {
                @let compared: Vec<&StepReport> =
                    picture.steps.iter().filter_map(|name| report.step(name)).collect();
                @if let Some(figure) = figure(&picture.look, &compared, &palette) { (figure) }
            }
            @if !is_in_a_picture(step) {
                @if let Some(figure) = figure("", &[step], &palette) { (figure) }
            }
        }
    }
}

/// What a step does, what it found, and how that grows.
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
                        (entries("facts", &step.facts, (step, has_notes), &theirs))
                        (entries("figures", &step.figures, (step, has_notes), &theirs))
                    }
                }
                @for growth in growths(step) { (grown(&growth, &theirs)) }
            }
        }
    }
}

fn entries(
    class: &str,
    entries: &Entries,
    (step, has_notes): (&StepReport, bool),
    theirs: &[(&str, Option<&StepReport>)],
) -> Markup {
    html! {
        tbody class=(class) {
            @for (name, found) in entries.iter() {
                tr {
                    th scope="row" { (clean(&spoken(name))) }
                    td data-is="Rust" { (value(&show(name, found))) }
                    @for (who, their) in theirs {
                        @let their = their.and_then(|their| {
                            their.facts.get(name).or_else(|| their.figures.get(name))
                        });
                        td data-is=(clean(who)) {
                            @if let Some(their) = their {
                                (value(&show(name, their)))
                                @if let Some(ratio) = ratio(name, their, found) {
                                    " " span.ratio { "× " (ratio) }
                                }
                            } @else {
                                span.aside { "–" }
                            }
                        }
                    }
                    @if has_notes {
                        td.notes {
                            @if let Some(notes) = step.notes.get(name) {
                                "notes: " (clean(&show("", notes)))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// How many times longer the others took.
fn ratio(name: &str, theirs: &Value, ours: &Value) -> Option<String> {
    let is_time = name.ends_with("_s") || name.ends_with("_ns");
    let (theirs, ours) = (theirs.as_f64()?, ours.as_f64()?);
    (is_time && ours > 0.0).then(|| three_digits(theirs / ours))
}

/// A chart, with the same curves of the others if they have them.
fn grown(growth: &Growth, theirs: &[(&str, Option<&StepReport>)]) -> Markup {
    let their_growths: Vec<(&str, Vec<Growth>)> =
        theirs.iter().filter_map(|(name, step)| Some((*name, growths((*step)?)))).collect();
    let mut lines = Vec::new();
    for curve in &growth.curves {
        let of = |who: &str| {
            let alone = growth.curves.len() == 1;
            if alone { who.to_owned() } else { format!("{}, {who}", curve.name) }
        };
        let name = if their_growths.is_empty() { curve.name.clone() } else { of("Rust") };
        lines.push(Line { name: clean(&name), style: lines.len(), curve });
        for (who, growths) in &their_growths {
            let curves = growths.iter().flat_map(|growth| &growth.curves);
            if let Some(theirs) = curves.into_iter().find(|theirs| theirs.name == curve.name) {
                lines.push(Line { name: clean(&of(who)), style: lines.len(), curve: theirs });
            }
        }
    }
    html! { @if let Some(chart) = chart(growth, &lines) { (chart) } }
}

/// The checks with verdict and reason.
fn checks(run: &Ran, others: &[(&str, &Ran)]) -> Markup {
    html! {
        h3 { "Checks" }
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
                    @for judgement in &run.judgements {
                        tr {
                            td.verdict { (icon(&judgement.outcome)) }
                            th scope="row" {
                                (clean(&judgement.claim))
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

/// What came of the same claim elsewhere.
fn their(judgement: &Judgement, ran: &Ran) -> Markup {
    let same = ran.judgements.iter().find(|theirs| theirs.claim == judgement.claim);
    html! {
        @if let Some(Judgement { outcome, found, meaning, .. }) = same {
            (icon(outcome)) " " span.why { (clean(found)) }
            @if !meaning.is_empty() { span.why { (clean(meaning)) } }
        } @else {
            span.aside { "not there" }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_times_are_compared_and_none_with_nought() {
        let ratio = |name, theirs, ours| ratio(name, &json!(theirs), &json!(ours));
        assert_eq!(ratio("elapsed_s", 3.0, 2.0).as_deref(), Some("1.5"));
        assert_eq!(ratio("increment_ns", 700.0, 2.0).as_deref(), Some("350"));
        assert_eq!(ratio("memory_bytes", 3.0, 2.0), None);
        assert_eq!(ratio("elapsed_s", 3.0, 0.0), None);
    }
}
