//! The page of `cargo xtask report`: one HTML file that needs nothing else.
//!
//! - [`render`]: the frame, the machine, a card for each item.
//! - `item`: an item with its steps and checks; `verdict`: how those came out.
//! - `lanes`: who ran when; `marks`: what is drawn of a lane; `ticks`: where an axis is marked.
//! - `growth`: which figures grow with a size; `chart`: how that is drawn.
//! - `text`: words and times.
//!
//! Everything is there without a script, but the zoom, which `page.js` adds. What a program reported
//! is escaped by maud and cleaned by [`xtask::clean`]; besides, the page itself tells the browser to
//! run no script but that one, and to fetch nothing.

mod chart;
mod growth;
mod item;
mod lanes;
mod marks;
mod text;
mod ticks;
mod verdict;

use common::report::StepReport;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use xtask::clean;
use xtask::document::{Document, Shown};

use crate::lanes::{Palette, thumbnail};
use crate::verdict::Sum;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
const ICON: &str = include_str!("icon.svg");

/// The page of `document`. The browser runs no script but the one that is marked with `nonce`: a number
/// that no report can have known.
pub fn render(document: &Document, nonce: u64) -> String {
    let nonce = format!("{nonce:016x}");
    let policy = format!(
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'nonce-{nonce}'; \
         base-uri 'none'; form-action 'none'"
    );
    let icon = format!("data:image/svg+xml,{}", ICON.trim().replace('#', "%23"));
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Concurrency, as it ran here" }
                link rel="icon" href=(icon);
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip-to href="#items" { "To the items" }
                (top(document))
                main {
                    @for item in &document.items { (item::section(item, &document.pythons)) }
                }
                footer {
                    p {
                        "Made by " code { "cargo xtask report" } ". Checks are judged by "
                        code { "cargo xtask verify" } "; figures in lighter type depend on the \
                        machine and are judged by nobody."
                    }
                }
                script nonce=(nonce) { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string()
}

/// What this is, where and when it ran, and how it came out.
fn top(document: &Document) -> Markup {
    let sum = Sum::of(document.items.iter().flat_map(|item| &item.run.judgements));
    let machine = &document.machine;
    html! {
        header.top {
            p.kicker { "Effective Python, chapter 7, in Rust" }
            h1 { "Concurrency and parallelism, as it ran here" }
            p.about {
                "Each item of the chapter is a small program that has run on this machine. Here is what it \
                 found, who ran when, and whether what the chapter claims was so."
            }
            p.sum { (sum.all_words()) }
            dl.machine {
                div { dt { "When" } dd { (date(&document.date)) } }
                @if !machine.processor.is_empty() {
                    div { dt { "Processor" } dd { (clean(&machine.processor)) } }
                }
                div { dt { "Cores" } dd { (machine.cores) } }
                div { dt { "System" } dd { (clean(&machine.system)) } }
                div { dt { "Compiler" } dd { (clean(&machine.rust)) } }
                @if !document.pythons.is_empty() {
                    div { dt { "Beside it" } dd { (clean(&document.pythons.join(", "))) } }
                }
            }
            nav id="items" aria-label="Items" {
                ol.cards { @for item in &document.items { li { (card(item)) } } }
            }
        }
    }
}

/// `2026-11-24T10:48:00Z` as `2026-11-24 10:48 UTC`.
fn date(stamp: &str) -> Markup {
    let said = stamp.split_once('T').map(|(day, time)| {
        let minutes: String = time.chars().take(5).collect();
        clean(&format!("{day} {minutes} UTC"))
    });
    html! { time datetime=(clean(stamp)) { (said.unwrap_or_else(|| clean(stamp))) } }
}

fn card(item: &Shown) -> Markup {
    let sum = Sum::of(&item.run.judgements);
    html! {
        a.card href={ "#item-" (item.number) } {
            span.picture-of { @if let Some(picture) = picture(item) { (picture) } }
            span.number { (item.number) }
            span.title { (clean(&item.title)) }
            span.sum { (sum.words()) }
        }
    }
}

/// The item's first picture; or its first step that has lanes.
fn picture(item: &Shown) -> Option<Markup> {
    let report = item.run.report.as_ref()?;
    let compared = |names: &[String]| -> Vec<&StepReport> {
        names.iter().filter_map(|name| report.step(name)).collect()
    };
    let palette = Palette::of(report);
    let mut pictures = report.pictures.iter().map(|picture| compared(&picture.steps));
    let first = pictures.find_map(|steps| thumbnail(&steps, &palette));
    first.or_else(|| report.steps.iter().find_map(|step| thumbnail(&[step], &palette)))
}
