//! Who ran when, as a figure: lanes in SVG, on one scale for the steps that are compared.
//!
//! What a mark stands for is its title, which a browser shows while the mouse is over it. A table below
//! the lanes says the same in words, for whoever has no mouse or does not see the picture.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use common::picture::{Group, MOST_LANES, Picture, Row};
use common::report::{Report, StepReport};
use common::timeline::Span;
use common::unit::show_time;
use maud::{Markup, html};

use crate::palette::{COLOURS, Palette};
use crate::text::{short, with_code};
use crate::words::{Words, fill};

/// Up to so many spans of a lane are drawn one by one.
const FEW: usize = 64;
/// A lane with more of them is drawn as so many cells, each shaded by how much of its time was inside
/// spans.
const COLUMNS: usize = 240;
/// A span is drawn at least as wide as one of so many parts of the picture: what has no width can't be
/// seen.
const FINEST: u64 = 500;

/// The pictures of an item, each with the words that say what to look at: those that it draws itself, and
/// each step that stands in none of those by itself.
pub fn pictures_of(report: &Report) -> Vec<(&str, Vec<&StepReport>)> {
    let compared = report.pictures.iter().map(|picture| {
        let steps = picture.steps.iter().filter_map(|name| report.step(name));
        (&*picture.look, steps.collect())
    });
    let is_alone = |step: &&StepReport| {
        !report.pictures.iter().any(|picture| picture.steps.contains(&step.name))
    };
    let alone = report.steps.iter().filter(is_alone).map(|step| ("", vec![step]));
    compared.chain(alone).collect()
}

/// The figure of `steps`, under the words that say what to look at. Nothing if there are no spans.
pub fn figure(
    item: u32,
    look: &str,
    steps: &[&StepReport],
    palette: &Palette,
    words: &Words,
) -> Option<Markup> {
    let picture = picture_of(steps)?;
    let is_dense = picture.groups.iter().any(|group| group.rows.len() > 12);
    Some(html! {
        figure class={ "picture" @if is_dense { " dense" } } {
            figcaption {
                @if !look.is_empty() { p.look { (with_code(look)) } }
                (legend(&picture, palette, words))
            }
            (axis(&picture))
            @for group in &picture.groups { (lanes(group, &picture, palette, words)) }
            div.below {
                (table(item, &picture, words))
                p.aside { (with_code(&fill(words.zoom, &[&item.to_string()]))) }
            }
        }
    })
}

fn picture_of<'a>(steps: &[&'a StepReport]) -> Option<Picture<'a>> {
    let steps: Vec<(&str, &[Span])> =
        steps.iter().map(|step| (&*step.name, &*step.spans)).collect();
    Picture::of(&steps, MOST_LANES)
}

fn legend(picture: &Picture, palette: &Palette, words: &Words) -> Markup {
    let rows = picture.groups.iter().flat_map(|group| &group.rows);
    let labels = labels_of(rows.flat_map(|row| row.spans.iter().copied()));
    let (coloured, others): (Vec<_>, Vec<_>) =
        labels.into_iter().partition(|(label, _)| palette.colour(label) < COLOURS);
    html! {
        ul.legend aria-label=(words.labels) {
            @for (label, _) in coloured {
                li { span class={ "swatch c" (palette.colour(label)) } {} (short(label)) }
            }
            @if !others.is_empty() {
                li { span class={ "swatch c" (COLOURS) } {} (others.len()) (words.other_labels) }
            }
        }
    }
}

/// The labels of `spans` in the order in which they first appear, and how often each does.
fn labels_of<'a>(spans: impl Iterator<Item = &'a Span>) -> Vec<(&'a str, usize)> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut labels: Vec<(&str, usize)> = Vec::new();
    for span in spans {
        let place = *places.entry(&span.label).or_insert(labels.len());
        match labels.get_mut(place) {
            Some((_, count)) => *count += 1,
            None => labels.push((&span.label, 1)),
        }
    }
    labels
}

/// The times at which the picture is marked.
fn axis(picture: &Picture) -> Markup {
    let ticks = picture.ticks();
    html! {
        div.axis aria-hidden="true" {
            div {
                @for tick in ticks {
                    @let percent = tick as f64 * 100.0 / picture.length_us as f64;
                    // Near the right end the words stand to the left of their tick.
                    @let class = if tick == 0 { "first" } else if percent > 90.0 { "last" } else { "" };
                    span class=(class) style={ "left:" (format!("{percent:.2}")) "%" } {
                        (time(tick))
                    }
                }
            }
        }
    }
}

/// A step's lanes: their names, and beside them all that was recorded, a row for each. The picture is as
/// wide as it has microseconds.
fn lanes(group: &Group, picture: &Picture, palette: &Palette, words: &Words) -> Markup {
    let rows = group.rows.len();
    html! {
        div.group style={ "--n:" (rows) } {
            p.step { b { (short(group.step)) } " " (time(group.length_us)) }
            div.names aria-hidden="true" {
                @for row in &group.rows { span title=(short(row.lane)) { (short(row.lane)) } }
            }
            svg.lanes role="img" aria-label=(fill(words.who_ran_when, &[&short(group.step)]))
                viewBox={ "0 0 " (picture.length_us) " " (rows) } preserveAspectRatio="none" paint-order="stroke" {
                @for tick in picture.ticks() { path.tick vector-effect="non-scaling-stroke" d={ "M" (tick) " 0v" (rows) } {} }
                @for (place, row) in group.rows.iter().enumerate() {
                    @if row.spans.len() <= FEW {
                        (spans(row, (place, picture.length_us), palette, words))
                    } @else {
                        (cells(row, (place, picture.length_us), palette, words))
                    }
                }
            }
            @if group.hidden > 0 { p.step { (fill(words.more_lanes, &[&group.hidden.to_string()])) } }
        }
    }
}

/// A mark for each span.
fn spans(row: &Row, (place, length_us): (usize, u64), palette: &Palette, words: &Words) -> Markup {
    // The outer one of two first, so that it does not hide the inner one.
    let mut spans = row.spans.clone();
    spans.sort_by_key(|span| (span.start_us, Reverse(span.end_us)));
    html! {
        @for span in spans {
            @let start = span.start_us - row.begin_us;
            @let took = span.end_us.saturating_sub(span.start_us);
            rect class={ "c" (palette.colour(&span.label)) } vector-effect="non-scaling-stroke"
                x=(start) y={ (place) ".18" } width=(took.max(length_us / FINEST)) height=".64" {
                title {
                    (fill(words.span, &[&short(row.lane), &short(&span.label), &time(start), &time(took)]))
                }
            }
        }
    }
}

/// A mark for each run of cells that look alike.
fn cells(row: &Row, (place, length_us): (usize, u64), palette: &Palette, words: &Words) -> Markup {
    let at = |column: usize| {
        let us = u128::from(length_us) * column as u128 / COLUMNS as u128;
        u64::try_from(us).unwrap_or(u64::MAX)
    };
    html! {
        @for run in row.cells(length_us, COLUMNS) {
            @let (start, end) = (at(run.column), at(run.column + run.columns));
            rect class={ "cell c" (palette.colour(run.label)) " s" (run.shade) }
                x=(start) y={ (place) ".18" } width=(end - start) height=".64" {
                title {
                    (fill(words.cells, &[&short(row.lane), &short(run.label), &time(start), &time(end),
                        words.shades[run.shade - 1]]))
                }
            }
        }
    }
}

/// The same in words.
fn table(item: u32, picture: &Picture, words: &Words) -> Markup {
    let steps: Vec<String> = picture.groups.iter().map(|group| short(group.step)).collect();
    html! {
        details {
            summary { (words.as_table) }
            div.wide role="region" tabindex="0"
                aria-label={ (words.as_table) " · " (item) " " (steps.join(", ")) } {
                table {
                    thead { tr {
                        @for head in words.lane_heads {
                            th scope="col" { (head) }
                        }
                    } }
                    @for group in &picture.groups {
                        tbody { @for row in &group.rows { (row_in_words(group.step, row)) } }
                    }
                }
            }
        }
    }
}

fn row_in_words(step: &str, row: &Row) -> Markup {
    /// More kinds of spans than this are no longer listed.
    const MOST_LABELS: usize = 6;
    let labels = labels_of(row.spans.iter().copied());
    let counted = labels.iter().take(MOST_LABELS);
    let counted: Vec<String> =
        counted.map(|(label, count)| format!("{count} × {}", short(label))).collect();
    let begins = row.spans.iter().map(|span| span.start_us).min().unwrap_or(row.begin_us);
    let ends = row.spans.iter().map(|span| span.end_us).max().unwrap_or(begins);
    let inside = row.spans.iter().map(|span| span.end_us.saturating_sub(span.start_us));
    html! {
        tr {
            td { (short(step)) }
            th scope="row" { (short(row.lane)) }
            td { (counted.join(", ")) @if labels.len() > MOST_LABELS { ", …" } }
            td { (time(begins - row.begin_us)) }
            td { (time(ends.saturating_sub(row.begin_us))) }
            td { (time(inside.fold(0, u64::saturating_add))) }
        }
    }
}

fn time(us: u64) -> String {
    if us == 0 { "0".into() } else { show_time(Duration::from_micros(us)) }
}

/// A small picture of the same without words, for a card.
pub fn thumbnail(steps: &[&StepReport], palette: &Palette) -> Option<Markup> {
    /// Rows, and cells of each.
    const ROWS: usize = 12;
    const CELLS: usize = 96;
    let picture = picture_of(steps)?;
    let count: usize = picture.groups.iter().map(|group| group.rows.len()).sum();
    // Of many lanes every second, third ... is enough to tell a staircase from a block.
    let every = count.div_ceil(ROWS);
    let mut drawn = Vec::new();
    let mut place = 0_usize;
    for group in &picture.groups {
        for row in group.rows.iter().step_by(every) {
            drawn.push((place, row.cells(picture.length_us, CELLS)));
            place += 2;
        }
        // A gap between steps.
        place += 2;
    }
    Some(html! {
        svg.thumbnail viewBox={ "0 0 " (CELLS) " " (place.saturating_sub(2).max(8)) }
            preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            @for (place, cells) in &drawn {
                @for run in cells {
                    rect class={ "c" (palette.colour(run.label)) " s" (run.shade) }
                        x=(run.column) y=(place) width=(run.columns) height="1" {}
                }
            }
        }
    })
}
