//! The page of `cargo xtask report`: one HTML file that needs nothing else.
//!
//! - [`render`]: the frame, the machine, a card for each item.
//! - `item`: an item with its steps and checks; `verdict`: how those came out.
//! - `lanes`: who ran when; `palette`: the colours of that.
//! - `text`: words of others.
//!
//! The page has no script. What a program reported is escaped by maud and cleaned by [`xtask::text::clean`];
//! besides, the page itself tells the browser to run no script and to fetch nothing.

mod item;
mod lanes;
mod palette;
mod text;
mod verdict;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use xtask::document::{Document, Shown};
use xtask::text::clean;
use xtask::verdict::Sum;

use crate::lanes::{pictures_of, thumbnail};
use crate::palette::Palette;
use crate::verdict::{all_words, words};

const STYLE: &str = include_str!("page.css");
const ICON: &str = include_str!("icon.svg");

/// What a browser may do with the page: show the icon and the style that stand in it. It runs no script
/// and fetches nothing.
const POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; \
                      form-action 'none'";

/// The page of `document`.
pub fn render(document: &Document) -> String {
    // What an address may not hold is encoded.
    let encoded = [('"', "%22"), ('#', "%23"), ('<', "%3C"), ('>', "%3E"), (' ', "%20")];
    let icon = encoded
        .iter()
        .fold(ICON.trim().to_owned(), |icon, (character, code)| icon.replace(*character, code));
    let icon = format!("data:image/svg+xml,{icon}");
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
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
                    p.key {
                        "In bold: a fact, which " code { "cargo xtask verify" } " checks. In lighter \
                        type: a figure, which depends on the machine; it is shown with its unit and \
                        never checked. Settings are what the run was asked for. In the pictures each \
                        lane is a thread, a task or a child, and each bar a piece of its work; point at \
                        it to see which."
                    }
                    @for item in &document.items { (item::section(item, &document.pythons)) }
                }
                footer {
                    p { "Made by " code { "cargo xtask report" } "." }
                }
            }
        }
    };
    page.into_string()
}

/// What this is, where and when it ran, and how it came out.
fn top(document: &Document) -> Markup {
    let sum = Sum::of(document.items.iter().flat_map(|item| &item.run.judgements));
    let has_failed = |item: &&Shown| Sum::of(&item.run.judgements).failed > 0;
    let first = document.items.iter().find(has_failed);
    let first = first.map(|item| format!("#{}", item::failed_in(item)));
    let machine = &document.machine;
    html! {
        header.top {
            p.kicker { "Effective Python, chapter 7, in Rust" }
            h1 { "Concurrency and parallelism, as it ran here" }
            p.about {
                "Each item of the chapter is a small program that has run on this machine. Here is what it \
                 found, who ran when, and whether what the chapter claims was so."
            }
            p.sum { (all_words(sum, first.as_deref())) }
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
            span.sum { (words(sum)) }
        }
    }
}

/// The first picture of the item that has lanes.
fn picture(item: &Shown) -> Option<Markup> {
    let report = item.run.report.as_ref()?;
    let palette = Palette::of(report);
    pictures_of(report).iter().find_map(|(_, steps)| thumbnail(steps, &palette))
}
