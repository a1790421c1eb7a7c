//! The page as a text: what is in it whatever a report holds, and how large it is; and in a browser.

mod browser;
mod colours;
mod devtools;
mod fixture;

use std::io::Write;
use std::process::{Command, Stdio};

use common::report::StepReport;
use page::render;
use serde_json::json;
use testing::{assert_refused, assert_wrong_usage};
use xtask::verdict::{Judgement, Outcome};

use fixture::{document, entries, hostile, item, judgement, span, step, usual};

#[test]
fn the_page_of_all_items_is_smaller_than_a_megabyte() {
    let page = render(&usual());
    assert!(page.len() < 1_000_000, "{} bytes", page.len());
}

#[test]
fn everything_a_report_says_is_on_the_page() {
    let page = render(&usual());
    for words in [
        "367540",
        "12.5 ms",
        "0.085 s",
        "≈ 5 threads × 2.5 ms",
        "an increment is a read and a write",
        "one after the other is a staircase",
        "all five have read 0 before one writes",
        "1 core",
        "CPython 3.9.18",
        "not since CPython 3.10",
        "<code>count += 1</code>",
        "call 0 · wait · from 0 · 990 µs long",
        "download 0 · download · from 0 to ",
        "mostly busy",
        "… and 976 more",
        "cargo xtask trace 61",
        "A Processor With a Long Name",
        "2026-11-24 10:48 UTC",
        "../src/main.rs",
    ] {
        assert!(page.contains(words), "{words:?} is not there");
    }
}

/// Where `words` stand on `page`.
#[track_caller]
fn place(page: &str, words: &str) -> usize {
    page.find(words).unwrap_or_else(|| panic!("{words} is not there"))
}

#[test]
fn settings_stand_before_facts_before_figures_and_beside_nobodys() {
    let step = step("race", Vec::new());
    let theirs = StepReport { settings: entries(&[("latency_s", json!(0.3))]), ..step.clone() };
    let mut ours = item(54, vec![step]);
    ours.pythons = vec![Some(fixture::ran(item(54, vec![theirs]).run.report.expect("a report")))];
    let mut document = document(vec![ours]);
    document.pythons = vec!["CPython 3.13.1".into()];
    let page = render(&document);
    assert!(place(&page, "100 ms") < place(&page, "500000"));
    assert!(place(&page, "500000") < place(&page, "12.5 ms"));
    assert!(
        !page.contains("300 ms") && page.contains("× 1.0"),
        "only what was measured is compared"
    );
}

#[test]
fn of_a_claim_that_stands_twice_each_step_has_a_verdict_of_its_own() {
    let of = |step: &str, outcome| {
        let found = format!("found in {step}");
        Judgement { step: Some(step.into()), found, ..judgement("no line is torn", outcome) }
    };
    let mut item = item(62, vec![step("threads", Vec::new()), step("tasks", Vec::new())]);
    item.run.judgements = vec![of("threads", Outcome::Passed), of("tasks", Outcome::Passed)];
    let mut theirs = item.run.clone();
    theirs.judgements = vec![of("threads", Outcome::Passed), of("tasks", Outcome::Failed)];
    item.pythons = vec![Some(theirs)];
    let mut document = document(vec![item]);
    document.pythons = vec!["CPython 3.13.1".into()];
    let page = render(&document);
    let row =
        page.split("<tr>").find(|row| row.contains("no line is torn") && row.contains(">tasks<"));
    let row = row.expect("a row that names its step");
    assert!(
        row.contains("✓ pass") && row.contains("✗ fail") && !row.contains("in threads"),
        "{row}"
    );
}

#[test]
fn the_sum_leads_to_the_first_check_that_failed() {
    let mut document = usual();
    document.items[0].run.judgements.retain(|check| check.outcome != Outcome::Failed);
    let page = render(&document);
    assert!(page.contains("href=\"#failed-53\""));
    let row = &page[place(&page, "id=\"failed-53\"")..];
    assert!(row[..place(row, "</tr>")].contains("✗ fail"), "the row that failed");
    document.items.iter_mut().for_each(|item| item.run.judgements.clear());
    let page = render(&document);
    assert!(!page.contains("#failed-"), "nothing failed, nothing to lead to");
    assert!(!page.contains("class=\"folded\" open"), "and nothing to unfold");
}

#[test]
fn a_page_begins_with_nothing_from_elsewhere() {
    let page = render(&usual());
    for elsewhere in ["http://", "https://", "src=", "@import", "url("] {
        // The names of the SVG and HTML spaces are no addresses.
        let page = page.replace("http://www.w3.org/", "");
        assert!(!page.contains(elsewhere), "{elsewhere}");
    }
}

#[test]
fn what_a_program_reports_is_never_markup() {
    let page = render(&hostile());
    assert!(!page.contains("<img"), "in a text");
    assert!(!page.contains("onclick=\""), "in an attribute");
    assert!(!page.contains("\u{202e}"), "turned around");
    assert!(!page.contains("<script"), "the page has none of its own");
}

#[test]
fn what_is_long_is_cut() {
    let mut document = hostile();
    // Twenty thousand spans take their room; ten kilobytes in each of thirty places should not.
    document.items.retain(|item| ![2, 9].contains(&item.number));
    let page = render(&document);
    assert!(page.len() < 150_000, "{} bytes", page.len());
    assert!(page.contains(".. and more"));
}

#[test]
fn an_empty_document_makes_a_page() {
    assert!(render(&document(Vec::new())).contains("✓ 0 passed"));
}

#[test]
fn a_picture_stands_below_the_last_step_that_it_compares() {
    let steps = ["first", "second", "third"].map(|name| step(name, vec![span("a", "b", 0, 9)]));
    let mut item = item(54, steps.into());
    let report = item.run.report.as_mut().expect("a report");
    report.pictures[0].steps = vec!["first".into(), "second".into()];
    let page = render(&document(vec![item]));
    let [second, picture, third] =
        ["<h3>second</h3>", "one after the other is a staircase", "<h3>third</h3>"]
            .map(|words| place(&page, words));
    assert!(second < picture && picture < third);
    assert_eq!(page.matches("<figure").count(), 2, "the third has one of its own");
}

#[test]
fn the_program_reads_a_document_and_writes_a_page() {
    const PROGRAM: &str = env!("CARGO_BIN_EXE_page");
    let make = |input: &[u8]| {
        let mut command = Command::new(PROGRAM);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        child.stdin.take().expect("a pipe").write_all(input).expect("it reads");
        child.wait_with_output().expect("it ends")
    };
    let output = make(&serde_json::to_vec(&usual()).expect("JSON"));
    assert!(output.status.success() && output.stdout.starts_with(b"<!DOCTYPE html>"));
    assert_refused(&make(b"{}"), 1, "this is no report");
    assert_wrong_usage(PROGRAM, &["--no-such-flag"], "--no-such-flag");
}
