//! The page of `cargo xtask report`: one HTML file that needs nothing else.
//!
//! - [`render`]: the frame, the contents, the machine, a card for each item.
//! - `chapter`: a README as a chapter; `code`: the code in it.
//! - `run`: what came of a run, in the place of the README's output; `verdict`: how that was judged.
//! - `lanes`: who ran when; `palette`: the colours of that.
//! - `words`: what the page says by itself; `text`: words of others.
//!
//! The page has no script. What a program reported is escaped by maud and cleaned by [`xtask::text::clean`];
//! besides, the page itself tells the browser to run no script and to fetch nothing.

mod chapter;
mod code;
mod lanes;
mod palette;
mod run;
mod text;
mod verdict;
mod words;

use std::cell::Cell;

use common::unit::show;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use xtask::document::{Chapter, Document, Made, Ran, Shown, Table, Text};
use xtask::text::clean;
use xtask::verdict::Sum;

use crate::chapter::{Links, Setting};
use crate::lanes::{pictures_of, thumbnail};
use crate::palette::Palette;
use crate::text::with_code;
use crate::verdict::{all_of, sum_of};
use crate::words::{Words, fill, words};

const STYLE: &str = include_str!("page.css");
const ICON: &str = include_str!("icon.svg");

/// What a browser may do with the page: show the icon and the style that stand in it. It runs no script
/// and fetches nothing.
const POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; \
                      form-action 'none'";

/// The page of `document`.
pub fn render(document: &Document) -> String {
    let page = Page { document, words: words(document.language), links: Links::of(document) };
    // What an address may not hold is encoded.
    let encoded = [('"', "%22"), ('#', "%23"), ('<', "%3C"), ('>', "%3E"), (' ', "%20")];
    let icon = encoded
        .iter()
        .fold(ICON.trim().to_owned(), |icon, (character, code)| icon.replace(*character, code));
    let icon = format!("data:image/svg+xml,{icon}");
    let html = html! {
        (DOCTYPE)
        html lang=(page.words.lang) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (clean(chapter::heading(&document.front))) }
                link rel="icon" href=(icon);
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip-to href="#contents" { (page.words.skip_to_contents) }
                (page.contents())
                main {
                    (page.beginning())
                    @for place in 0..document.chapters.len() { (page.chapter(place)) }
                    footer { p { (with_code(page.words.made_by)) } }
                }
            }
        }
    };
    html.into_string()
}

struct Page<'a> {
    document: &'a Document,
    words: &'static Words,
    links: Links<'a>,
}

impl Page<'_> {
    /// The chapters, as links that stay in sight where there is room.
    fn contents(&self) -> Markup {
        html! {
            nav.contents aria-label=(self.words.contents) {
                ol {
                    li { a href="#beginning" { (self.words.beginning) } }
                    @for chapter in &self.document.chapters {
                        li { a href={ "#" (chapter::name(chapter)) } { (title(chapter)) } }
                    }
                }
            }
        }
    }

    /// What this is, where and when it ran, and how it came out.
    fn beginning(&self) -> Markup {
        let Document { front, made, fan_out, .. } = self.document;
        html! {
            header.top id="beginning" {
                h1 { (clean(chapter::heading(front))) }
                (self.set(front, "beginning", &|_| None).opening())
                @if let Some(made) = made { (self.made(made)) } @else { p.key { (with_code(self.words.without_run)) } }
                nav id="contents" aria-label=(self.words.items) {
                    ol.cards {
                        @for chapter in &self.document.chapters {
                            @if let Some(item) = &chapter.item { li { (self.card(chapter, item)) } }
                        }
                    }
                }
                @if let Some(table) = fan_out {
                    h2 { (self.words.fan_out) }
                    (self::table(table, self.words.fan_out))
                }
                @if let Some(made) = made {
                    div.key {
                        (self.set_words(self.words.key))
                        @if made.rounds > 1 {
                            (self.set_words(&fill(self.words.rounds, &[&made.rounds.to_string()])))
                        }
                    }
                }
            }
        }
    }

    fn made(&self, made: &Made) -> Markup {
        let words = self.words;
        let runs = self.document.items().filter_map(|item| item.run.as_ref());
        let sum = Sum::of(runs.flat_map(|run| &run.judgements));
        let first = self.document.items().find(|item| has_failed(item));
        let first = first.map(|item| format!("#{}", run::failed_in(item)));
        let machine = &made.machine;
        html! {
            p.sum { (all_of(sum, first.as_deref(), words)) }
            @if let Some(program) = &made.program { p.program { (with_code(&fill(words.program, &[&clean(program)]))) } }
            dl.machine {
                div { dt { (words.when) } dd { (date(&made.date)) } }
                @if !machine.processor.is_empty() {
                    div { dt { (words.processor) } dd { (clean(&machine.processor)) } }
                }
                div { dt { (words.cores) } dd { (machine.cores) } }
                div { dt { (words.system) } dd { (clean(&machine.system)) } }
                div { dt { (words.compiler) } dd { (clean(&machine.rust)) } }
                @if !made.pythons.is_empty() {
                    div { dt { (words.beside) } dd { (clean(&made.pythons.join(", "))) } }
                }
            }
        }
    }

    fn card(&self, chapter: &Chapter, item: &Shown) -> Markup {
        html! {
            a.card href={ "#item-" (item.number) } {
                @if let Some(run) = &item.run {
                    span.picture-of { @if let Some(picture) = picture(run) { (picture) } }
                }
                span.number { (item.number) }
                span.title { (with_code(chapter::title(chapter))) }
                @if let Some(run) = &item.run { span.sum { (sum_of(Sum::of(&run.judgements), self.words)) } }
            }
        }
    }

    fn chapter(&self, place: usize) -> Markup {
        let chapter = &self.document.chapters[place];
        let name = chapter::name(chapter);
        let heading = format!("title-{name}");
        html! {
            article id=(name) class=[chapter.item.as_ref().map(|_| "item")] aria-labelledby=(heading) {
                @if let Some(item) = &chapter.item {
                    (self.item(chapter, item, &name, &heading))
                } @else {
                    header { h2 id=(heading) { (with_code(chapter::title(chapter))) } }
                    (self.set(&chapter.text, &name, &|command| self.comparison(command)).whole())
                }
                (self.turn(place))
            }
        }
    }

    /// An item: its README, in which what came of the run stands in the place of the output.
    fn item(&self, chapter: &Chapter, item: &Shown, name: &str, heading: &str) -> Markup {
        let words = self.words;
        let pythons = self.document.made.iter().flat_map(|made| &made.pythons);
        // Those that ran this item, with their names.
        let others: Vec<(&str, &Ran)> = pythons
            .zip(&item.pythons)
            .filter_map(|(name, ran)| Some((name.as_str(), ran.as_ref()?)))
            .collect();
        let steps = item.run.as_ref().and_then(|run| {
            let steps = run::steps(run.report.as_ref()?, &others, words);
            Some(html! { div.run { (steps) } })
        });
        let run_by = format!("cargo run -p {}", item.package);
        // It stands once, also where the README shows its output in parts.
        let is_shown = Cell::new(false);
        let instead = |command: &str| {
            let is_run = command.split(" | ").next() == Some(&run_by);
            let steps = steps.as_ref().filter(|_| is_run)?;
            Some(if is_shown.replace(true) {
                html! { p.aside { (words.above) } }
            } else {
                steps.clone()
            })
        };
        let text = self.set(&chapter.text, name, &instead).whole();
        html! {
            header {
                p.number aria-hidden="true" { (item.number) }
                div {
                    h2 id=(heading) {
                        span.unseen { (fill(words.item, &[&item.number.to_string()])) }
                        (with_code(chapter::title(chapter)))
                    }
                    @if let Some(run) = &item.run {
                        p.ran {
                            (sum_of(Sum::of(&run.judgements), words)) " · "
                            (fill(words.ran_for, &[&show("_s", &run.elapsed_s.into())])) " · "
                            code { (clean(&run_by)) }
                        }
                    }
                }
            }
            (text)
            @if !is_shown.get() && let Some(steps) = &steps { (steps) }
            @if let Some(run) = &item.run { (run::checks(item, run, &others, words)) }
            @if !item.files.is_empty() {
                details.folded {
                    summary { h3 { (words.files) } }
                    ul.files {
                        @for file in &item.files {
                            li {
                                a href=(self.links.file(&file.path)) { code { (clean(&file.path)) } }
                                @if !file.about.is_empty() { span.aside { " " (clean(&file.about)) } }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Items 56 to 60 beside each other, in the place of the command's output.
    fn comparison(&self, command: &str) -> Option<Markup> {
        let is_it = command.ends_with(" -- compare");
        self.document.fan_out.as_ref().filter(|_| is_it).map(|shapes| table(shapes, command))
    }

    /// The way to the chapters before and after.
    fn turn(&self, place: usize) -> Markup {
        let chapters = &self.document.chapters;
        let link = |place: Option<usize>, says: &str| {
            let chapter = chapters.get(place?)?;
            Some(html! { a href={ "#" (chapter::name(chapter)) } { (says) (title(chapter)) } })
        };
        html! {
            nav.turn aria-label={ (self.words.contents) " · " (place + 1) } {
                @if let Some(link) = link(place.checked_sub(1), self.words.previous) { (link) }
                a href="#contents" { (self.words.contents) }
                @if let Some(link) = link(Some(place + 1), self.words.next) { (link) }
            }
        }
    }

    fn set<'s>(
        &'s self,
        text: &'s Text,
        name: &'s str,
        instead: &'s dyn Fn(&str) -> Option<Markup>,
    ) -> Setting<'s> {
        Setting { text, name, links: &self.links, instead, language: self.document.language }
    }

    /// Words of the page itself.
    fn set_words(&self, words: &str) -> Markup {
        let text = Text { path: String::new(), markdown: words.to_owned() };
        self.set(&text, "", &|_| None).whole()
    }
}

/// The number of a chapter's item, and its title.
fn title(chapter: &Chapter) -> Markup {
    html! {
        @if let Some(item) = &chapter.item {
            span.number { (item.number) " " }
        }
        span { (with_code(chapter::title(chapter))) }
        @if chapter.item.as_ref().is_some_and(has_failed) { span.fail { " ✗" } }
    }
}

fn has_failed(item: &Shown) -> bool {
    item.run.as_ref().is_some_and(|run| Sum::of(&run.judgements).failed > 0)
}

fn table(table: &Table, name: &str) -> Markup {
    html! {
        div.wide role="region" aria-label=(name) tabindex="0" {
            table.shapes {
                thead { tr { @for column in &table.columns { th scope="col" { (clean(column)) } } } }
                tbody { @for row in &table.rows { tr { @for cell in row { td { (clean(cell)) } } } } }
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

/// The first picture of a run that has lanes.
fn picture(run: &Ran) -> Option<Markup> {
    let report = run.report.as_ref()?;
    let pictures = pictures_of(report);
    let palette = Palette::of(&pictures);
    pictures.iter().find_map(|(_, steps)| thumbnail(steps, &palette))
}
