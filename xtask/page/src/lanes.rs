//! Who ran when, as a figure: lanes in SVG, on one scale for the steps that are compared.
//!
//! All of it is there without a script: what a mark stands for is a line of text in the mark, shown
//! while that is pointed at or has the focus. The spans themselves follow as data, from which
//! `page.js` draws a part of the time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use common::report::{Report, StepReport};
use common::timeline::{MOST_LANES, by_lane};
use maud::{Markup, PreEscaped, html};
use serde::Serialize;

use crate::marks::{Bar, COLUMNS, Cells, Mark, Row, cells, marks, scale};
use crate::text::{exact, exact_in, short, unit_of, with_code};
use crate::ticks;

/// So many labels have a colour of their own; those that took the least time share another.
const COLOURS: usize = 6;

/// Below so many thousandths of a percent of the width, a span is drawn a little wider than it is.
const THIN: u64 = 500;

/// The colours of an item's labels: the same in all its pictures, and different in each of them.
#[derive(Debug, Default)]
pub struct Palette(BTreeMap<String, usize>);

impl Palette {
    /// In the order in which they first appear, labels get the first colour that none beside them
    /// has. If a picture has more labels than there are colours, those that took the least time go
    /// without.
    pub fn of(report: &Report) -> Self {
        let mut first: BTreeMap<&str, usize> = BTreeMap::new();
        let mut took: BTreeMap<&str, u64> = BTreeMap::new();
        for span in report.steps.iter().flat_map(|step| &step.spans) {
            let place = first.len();
            first.entry(&span.label).or_insert(place);
            let sum = took.entry(&span.label).or_default();
            *sum = sum.saturating_add(span.end_us.saturating_sub(span.start_us));
        }
        let mut pictures: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for (picture, steps) in pictures_of(report).into_iter().enumerate() {
            for span in steps.iter().flat_map(|step| &step.spans) {
                pictures.entry(&span.label).or_default().insert(picture);
            }
        }
        let mut labels: Vec<&str> = first.keys().copied().collect();
        labels.sort_by_key(|label| (Reverse(took[label]), first[label]));
        let coloured = colours(&labels, &pictures);
        labels.retain(|label| coloured.contains_key(label));
        labels.sort_by_key(|label| first[label]);
        let coloured = colours(&labels, &pictures).into_iter();
        Self(coloured.map(|(label, colour)| (label.to_owned(), colour)).collect())
    }

    fn colour(&self, label: &str) -> usize {
        self.0.get(label).copied().unwrap_or(COLOURS)
    }
}

/// The steps of each picture that an item has on the page: those that it compares itself, and each
/// that stands in none of those.
fn pictures_of(report: &Report) -> Vec<Vec<&StepReport>> {
    let named = report.pictures.iter().map(|picture| &picture.steps);
    let compared =
        named.clone().map(|names| names.iter().filter_map(|name| report.step(name)).collect());
    let alone =
        report.steps.iter().filter(|step| !named.clone().any(|names| names.contains(&step.name)));
    compared.chain(alone.map(|step| vec![step])).collect()
}

/// For each of `labels`, in this order, the first colour that no other has in any of its pictures.
fn colours<'a>(
    labels: &[&'a str],
    pictures: &BTreeMap<&str, BTreeSet<usize>>,
) -> BTreeMap<&'a str, usize> {
    let mut colours = BTreeMap::new();
    let mut taken: BTreeSet<(usize, usize)> = BTreeSet::new();
    for label in labels {
        let pictures = || pictures.get(label).into_iter().flatten().copied();
        let is_free =
            |colour: &usize| !pictures().any(|picture| taken.contains(&(picture, *colour)));
        if let Some(free) = (0..COLOURS).find(is_free) {
            taken.extend(pictures().map(|picture| (picture, free)));
            colours.insert(*label, free);
        }
    }
    colours
}

/// Steps on one scale.
struct Picture {
    groups: Vec<Group>,
    labels: Vec<Label>,
    /// Of the longest step, in microseconds.
    length: u64,
}

#[derive(Debug, Serialize)]
struct Label {
    name: String,
    colour: usize,
}

/// The lanes of a step.
struct Group {
    step: String,
    length: u64,
    rows: Vec<Row>,
}

impl Picture {
    /// Of those of `steps` that have spans.
    fn of(steps: &[&StepReport], palette: &Palette) -> Option<Self> {
        let mut labels = Vec::new();
        let mut known = BTreeMap::new();
        let mut label_of = |label: &str| {
            *known.entry(label.to_owned()).or_insert_with(|| {
                labels.push(Label { name: short(label), colour: palette.colour(label) });
                labels.len() - 1
            })
        };
        let groups = steps.iter().filter_map(|step| Group::of(step, &mut label_of));
        let groups: Vec<Group> = groups.collect();
        let length = groups.iter().map(|group| group.length).max()?.max(1);
        Some(Self { groups, labels, length })
    }

    /// Whether there are so many lanes that they have to be lower.
    fn is_dense(&self) -> bool {
        self.groups.iter().any(|group| group.rows.len() > 12)
    }

    /// How high a lane is: `--bar` of the style, which does not reach an inner `<svg>`.
    fn bar(&self) -> &'static str {
        if self.is_dense() { "0.6875rem" } else { "0.875rem" }
    }
}

impl Group {
    fn of(step: &StepReport, label_of: &mut impl FnMut(&str) -> usize) -> Option<Self> {
        let begin = step.spans.iter().map(|span| span.start_us).min()?;
        // A report that was not looked at may hold a span that ends before it begins.
        let end = step.spans.iter().map(|span| span.end_us.max(span.start_us)).max()?;
        let mut rows: Vec<Row> = Vec::new();
        for (lane, spans) in by_lane(&step.spans) {
            let bars = spans.into_iter().map(|span| Bar {
                start: span.start_us - begin,
                end: span.end_us.max(span.start_us) - begin,
                label: label_of(&span.label),
            });
            match rows.get_mut(MOST_LANES) {
                Some(rest) => {
                    rest.bars.extend(bars);
                    rest.of += 1;
                }
                None => rows.push(Row { name: short(lane), bars: bars.collect(), of: 1 }),
            }
        }
        if let Some(rest) = rows.get_mut(MOST_LANES)
            && rest.of > 1
        {
            rest.name = format!("{} more lanes", rest.of);
        }
        for row in &mut rows {
            row.bars.sort_by_key(|bar| (bar.start, Reverse(bar.end)));
        }
        Some(Self { step: short(&step.name), length: end - begin, rows })
    }
}

/// The figure of `steps`, under the words that say what to look at. Nothing if there are no spans.
pub fn figure(look: &str, steps: &[&StepReport], palette: &Palette) -> Option<Markup> {
    let picture = Picture::of(steps, palette)?;
    Some(html! {
        figure class={ "picture" @if picture.is_dense() { " dense" } } {
            figcaption {
                @if !look.is_empty() { p.look { (with_code(look)) } }
                (legend(&picture.labels))
                p.scripted hidden {
                    span.hint {
                        "Drag over the lanes to zoom"
                        span.keys {
                            "; or focus a span: arrows move, " kbd { "+" } " and " kbd { "−" }
                            " zoom, " kbd { "0" } " shows all"
                        }
                        "."
                    }
                    span.range aria-live="polite" {}
                    button.back type="button" hidden { "Show all" }
                }
            }
            div.groups {
                (axis(&picture))
                @for group in &picture.groups { (lanes(group, &picture)) }
            }
            (table(&picture))
            script.spans type="application/json" { (PreEscaped(data(&picture))) }
        }
    })
}

fn legend(labels: &[Label]) -> Markup {
    let coloured = labels.iter().filter(|label| label.colour < COLOURS);
    let others = labels.iter().filter(|label| label.colour >= COLOURS).count();
    html! {
        ul.legend aria-label="Labels" {
            @for Label { name, colour } in coloured {
                li { span class={ "swatch c" (colour) } {} (name) }
            }
            @if others > 0 {
                li { span class={ "swatch c" (COLOURS) } {} (others) " other labels" }
            }
        }
    }
}

/// Microseconds as a share of the width.
fn percent(us: u64, length: u64) -> String {
    format!("{}%", scale(us, 100_000, length) as f64 / 1_000.0)
}

fn lanes(group: &Group, picture: &Picture) -> Markup {
    let length = picture.length;
    html! {
        div.group style={ "--n:" (group.rows.len()) } {
            p.step { b { (group.step) } " " span { (exact(group.length)) } }
            div.names aria-hidden="true" {
                @for row in &group.rows { span title=(row.name) { (row.name) } }
            }
            div.track {
                svg role="listbox" aria-label={ "Who ran when in " (group.step) } {
                    @for tick in ticks::of_time(0, length) {
                        @let x = percent(tick, length);
                        line.tick x1=(x) x2=(x) y1="0" y2="100%" {}
                    }
                    @for (index, row) in group.rows.iter().enumerate() {
                        g.lane role="group" aria-label=(row.name) style={ "--i:" (index) } {
                            (drawn(row, picture))
                        }
                    }
                }
            }
        }
    }
}

fn drawn(row: &Row, picture: &Picture) -> Markup {
    let (marks, cells) = marks(row, picture.length);
    html! {
        @if !cells.is_empty() {
            svg.cells aria-hidden="true" viewBox={ "0 0 " (COLUMNS) " 1" }
                preserveAspectRatio="none" width="100%" height=(picture.bar()) {
                @for (class, path) in paths(&cells, &picture.labels) {
                    path class=(class) d=(path) {}
                }
            }
        }
        @for mark in &marks {
            @let x = percent(mark.start(), picture.length);
            @let length = scale(mark.end(), 100_000, picture.length)
                - scale(mark.start(), 100_000, picture.length);
            // What has no width is not drawn at all.
            @let width = format!("{}%", length.max(50) as f64 / 1_000.0);
            @let thin = if length < THIN { " thin" } else { "" };
            g.m role="option" tabindex="0" {
                @match mark {
                    Mark::One(bar) => {
                        rect class={ "c" (picture.labels[bar.label].colour) (thin) } x=(x) width=(width) {}
                    }
                    _ => rect.many x=(x) width=(width) {}
                }
                text { (words(mark, &row.name, &picture.labels)) }
            }
        }
    }
}

/// What a mark stands for.
fn words(mark: &Mark, lane: &str, labels: &[Label]) -> String {
    match mark {
        Mark::One(Bar { start, end, label }) => {
            let label = &labels[*label].name;
            format!("{lane} · {label} · from {} · {} long", exact(*start), exact(end - start))
        }
        Mark::Many { start, end, counts, busy } => {
            let counts: Vec<String> = counts
                .iter()
                .map(|(label, count)| format!("{count} × {}", labels[*label].name))
                .collect();
            let counts = counts.join(", ");
            format!("{lane} · {counts} · from {} to {} · {busy} % busy", exact(*start), exact(*end))
        }
        Mark::Part { start, end, busy } => {
            format!("{lane} · from {} to {} · {busy} % busy", exact(*start), exact(*end))
        }
    }
}

/// A path for each colour and shade: a stroke as high as the lane for each run of cells.
fn paths(cells: &[Cells], labels: &[Label]) -> BTreeMap<String, String> {
    let mut paths: BTreeMap<String, String> = BTreeMap::new();
    for Cells { column, columns, label, shade } in cells {
        let class = format!("c{} s{shade}", labels.get(*label).map_or(0, |label| label.colour));
        let path = paths.entry(class).or_default();
        let _ = write!(path, "M{column} .5h{columns}");
    }
    paths
}

fn axis(picture: &Picture) -> Markup {
    let unit = unit_of(picture.length);
    html! {
        div.axis aria-hidden="true" {
            div {
                @for tick in ticks::of_time(0, picture.length) {
                    // Near the right end the words stand to the left of their tick.
                    @let class = match scale(tick, 100, picture.length) {
                        0 => "first",
                        1..=90 => "",
                        _ => "last",
                    };
                    span class=(class) style={ "left:" (percent(tick, picture.length)) } {
                        @if tick == 0 { "0" } @else { (exact_in(tick, unit)) }
                    }
                }
            }
        }
    }
}

/// The same in words: for a screen reader, and for whoever wants to know it exactly.
fn table(picture: &Picture) -> Markup {
    html! {
        details {
            summary { "The lanes as a table" }
            div.wide {
                table.plain {
                    thead { tr {
                        th scope="col" { "step" } th scope="col" { "lane" }
                        th scope="col" { "spans" } th scope="col" { "begins" }
                        th scope="col" { "ends" } th scope="col" { "inside spans" }
                    } }
                    @for group in &picture.groups {
                        tbody {
                            @for row in &group.rows {
                                @let sum = row.bars.iter().map(|bar| bar.end - bar.start)
                                    .fold(0, u64::saturating_add);
                                tr {
                                    td { (group.step) } th scope="row" { (row.name) }
                                    td { (row.bars.len()) }
                                    td { (exact(row.bars.first().map_or(0, |bar| bar.start))) }
                                    td { (exact(row.bars.iter().map(|bar| bar.end).max().unwrap_or(0))) }
                                    td { (exact(sum)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What the script draws from.
#[derive(Serialize)]
struct Data<'a> {
    length: u64,
    labels: &'a [Label],
    groups: Vec<Vec<DataRow<'a>>>,
}

#[derive(Serialize)]
struct DataRow<'a> {
    name: &'a str,
    of: usize,
    /// For each span its beginning after that of the one before, its length, and its label.
    spans: Vec<u64>,
}

fn data(picture: &Picture) -> String {
    let row = |row: &'_ Row| {
        let mut before = 0;
        let mut spans = Vec::with_capacity(3 * row.bars.len());
        for bar in &row.bars {
            spans.extend([bar.start - before, bar.end - bar.start, bar.label as u64]);
            before = bar.start;
        }
        spans
    };
    let groups = picture.groups.iter().map(|group| {
        let rows = group.rows.iter();
        rows.map(|of| DataRow { name: &of.name, of: of.of, spans: row(of) }).collect()
    });
    let data = Data { length: picture.length, labels: &picture.labels, groups: groups.collect() };
    for_script(&data)
}

/// JSON that can stand in a `<script>`: nothing in it can end that.
fn for_script(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default().replace('<', "\\u003c")
}

/// A small picture of the same without words, for a card.
pub fn thumbnail(steps: &[&StepReport], palette: &Palette) -> Option<Markup> {
    /// Rows, and cells of each.
    const ROWS: usize = 12;
    const CELLS: usize = 96;
    let picture = Picture::of(steps, palette)?;
    let rows = picture.groups.iter().map(|group| group.rows.len()).sum::<usize>();
    // Of many lanes every second, third ... is enough to tell a staircase from a block.
    let every = rows.div_ceil(ROWS);
    let mut place = 0_usize;
    let mut drawn = Vec::new();
    for group in &picture.groups {
        for row in group.rows.iter().step_by(every) {
            drawn.push((place, cells(&row.bars, row.of, picture.length, CELLS)));
            place += 2;
        }
        // A gap between steps.
        place += 2;
    }
    Some(html! {
        svg.thumbnail viewBox={ "0 0 " (CELLS) " " (place.saturating_sub(2).max(8)) }
            preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            @for (place, cells) in &drawn {
                @for (class, path) in paths(cells, &picture.labels) {
                    path class=(class) transform={ "translate(0 " (place) ")" } d=(path) {}
                }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use super::*;

    fn step(spans: &[(&str, &str, u64, u64)]) -> StepReport {
        let span = |&(lane, label, start, end): &(&str, &str, u64, u64)| json!({ "lane": lane, "label": label, "start_us": start, "end_us": end });
        let spans: Vec<_> = spans.iter().map(span).collect();
        from_value(json!({ "name": "s", "spans": spans })).unwrap()
    }

    /// A report of one step that none of its pictures names, and of two that one compares.
    fn report(alone: StepReport, compared: [StepReport; 2]) -> Report {
        let names = ["alone", "first", "second"];
        let [first, second] = compared;
        let mut report: Report = from_value(json!({
            "item": 54, "title": "T", "steps": [],
            "pictures": [{ "look": "", "steps": names[1..] }],
        }))
        .unwrap();
        report.steps = vec![alone, first, second];
        for (step, name) in report.steps.iter_mut().zip(names) {
            step.name = name.into();
        }
        report
    }

    #[test]
    fn a_label_has_one_colour_and_no_other_label_of_its_pictures_has_it() {
        let labels = |labels: &[&str]| {
            step(&labels.iter().map(|label| ("lane", *label, 0, 9)).collect::<Vec<_>>())
        };
        let alone = labels(&["put", "get"]);
        let compared = [labels(&["load", "get"]), labels(&["resize", "store"])];
        let palette = Palette::of(&report(alone, compared));
        let colours = ["put", "get", "load", "resize", "store"].map(|label| palette.colour(label));
        assert_eq!(colours, [0, 1, 0, 2, 3]);
    }

    #[test]
    fn the_labels_that_take_most_time_have_colours_in_their_order() {
        let names: Vec<String> = (0..9).map(|n| format!("label {n}")).collect();
        let spans: Vec<_> = names
            .iter()
            .zip([1, 9, 2, 8, 7, 3, 6, 5, 4])
            .map(|(name, length)| ("lane", name.as_str(), 0, length))
            .collect();
        let palette = Palette::of(&report(step(&spans), [step(&[]), step(&[])]));
        let colours: Vec<usize> = names.iter().map(|name| palette.colour(name)).collect();
        assert_eq!(colours, [6, 0, 6, 1, 2, 6, 3, 4, 5]);
    }

    #[test]
    fn lanes_beyond_the_most_share_a_row() {
        let names: Vec<String> = (0..30).map(|n| format!("lane {n}")).collect();
        let spans: Vec<_> = names.iter().map(|name| (name.as_str(), "work", 0, 10)).collect();
        let step = step(&spans);
        let picture = Picture::of(&[&step], &Palette::default()).unwrap();
        let rows = &picture.groups[0].rows;
        assert_eq!(rows.len(), MOST_LANES + 1);
        assert_eq!((&*rows[MOST_LANES].name, rows[MOST_LANES].of), ("6 more lanes", 6));
    }

    /// A quarter of the time for one label, three for the other.
    fn quarters() -> (StepReport, Palette) {
        let step = step(&[("lane", "read", 100, 150), ("lane", "write", 150, 300)]);
        let palette = Palette::of(&report(step.clone(), [step.clone(), step.clone()]));
        (step, palette)
    }

    #[test]
    fn a_figure_names_the_labels_and_holds_the_spans_as_marks_and_as_data() {
        let (step, palette) = quarters();
        let figure = figure("", &[&step], &palette).unwrap().into_string();
        for words in [
            r#"<li><span class="swatch c0"></span>read</li><li><span class="swatch c1"></span>write</li></ul>"#,
            r#"<rect class="c0" x="0%" width="25%">"#,
            r#"<rect class="c1" x="25%" width="75%">"#,
            r#"{"length":200,"labels":[{"name":"read","colour":0},{"name":"write","colour":1}],"groups":[[{"name":"lane","of":1,"spans":[0,50,0,50,150,1]}]]}"#,
        ] {
            assert!(figure.contains(words), "{words}:\n{figure}");
        }
    }

    #[test]
    fn labels_without_a_colour_of_their_own_are_counted() {
        let labels: Vec<String> = (0..COLOURS + 3).map(|n| format!("label {n}")).collect();
        let spans: Vec<_> = labels.iter().map(|label| ("lane", label.as_str(), 0, 9)).collect();
        let step = step(&spans);
        let palette = Palette::of(&report(step.clone(), [step.clone(), step.clone()]));
        let figure = figure("", &[&step], &palette).unwrap().into_string();
        assert!(figure.contains(r#"<span class="swatch c6"></span>3 other labels</li></ul>"#));
    }

    #[test]
    fn a_thumbnail_has_the_lanes_of_all_steps_one_below_the_other() {
        let (step, palette) = quarters();
        let thumbnail = thumbnail(&[&step, &step], &palette).unwrap().into_string();
        assert!(thumbnail.contains(r#"viewBox="0 0 96 8""#), "{thumbnail}");
        for place in [0, 4] {
            for (class, path) in [("c0 s4", "M0 .5h24"), ("c1 s4", "M24 .5h72")] {
                let path = format!(
                    r#"<path class="{class}" transform="translate(0 {place})" d="{path}">"#
                );
                assert!(thumbnail.contains(&path), "{path}:\n{thumbnail}");
            }
        }
    }

    #[test]
    fn nothing_in_the_data_ends_the_script() {
        assert_eq!(for_script(&"</script><!--"), r#""\u003c/script>\u003c!--""#);
    }
}
