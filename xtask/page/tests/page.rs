//! The page as a text: what is in it whatever a report holds, and how large it is.

mod fixture;

use std::io::Write;
use std::process::{Command, Stdio};

use fixture::{NONCE, document, hostile, item, span, step, usual};
use page::render;
use testing::{assert_refused, assert_wrong_usage};

#[test]
fn the_page_of_all_items_is_smaller_than_a_megabyte() {
    let document = usual();
    let reports = document.items.iter().filter_map(|item| item.run.report.as_ref());
    let spans: usize = reports.flat_map(|report| &report.steps).map(|step| step.spans.len()).sum();
    assert!(spans > 7_000, "{spans}");
    let page = render(&document, NONCE);
    assert!(page.len() < 1_000_000, "{} bytes", page.len());
}

#[test]
fn everything_a_report_says_is_on_the_page() {
    let page = render(&usual(), NONCE);
    for words in [
        "367540",
        "12.5 ms",
        "0.085 s",
        "an increment is a read and a write",
        "one after the other is a staircase",
        "all five have read 0 before one writes",
        "1 core",
        "CPython 3.9.18",
        "not since CPython 3.10",
        "<code>count += 1</code>",
        "call 0 · wait · from 0 µs · 990 µs long",
        "976 more lanes · from ",
        "A Processor With a Long Name",
        "2026-11-24 10:48 UTC",
        "../src/main.rs",
        "generation with n",
        r#"<svg class="thumbnail""#,
    ] {
        assert!(page.contains(words), "{words:?} is not there");
    }
}

#[test]
fn a_page_begins_with_nothing_from_elsewhere() {
    let page = render(&usual(), NONCE);
    assert!(page.contains("default-src 'none'"));
    for elsewhere in ["http://", "https://", "src=", "@import", "url("] {
        // The names of the SVG and HTML spaces are no addresses.
        let page = page.replace("http://www.w3.org/", "");
        assert!(!page.contains(elsewhere), "{elsewhere}");
    }
}

#[test]
fn what_a_program_reports_is_never_markup() {
    let page = render(&hostile(), NONCE);
    assert!(!page.contains("<script>window"), "in a text");
    assert!(!page.contains("<img"), "in a text");
    assert!(!page.contains("onclick=\""), "in an attribute");
    assert!(!page.contains("\u{202e}"), "turned around");
    assert_eq!(page.matches("</script>").count(), page.matches("<script").count(), "in the data");
}

#[test]
fn what_is_long_is_cut() {
    let mut document = hostile();
    // A hundred thousand spans take their room; ten kilobytes in each of thirty places should not.
    document.items.retain(|item| ![2, 9].contains(&item.number));
    let page = render(&document, NONCE);
    assert!(page.len() < 150_000, "{} bytes", page.len());
    assert!(page.contains(".. and more"));
}

#[test]
fn the_same_document_makes_the_same_page() {
    assert_eq!(render(&usual(), NONCE), render(&usual(), NONCE));
    assert_ne!(render(&usual(), NONCE), render(&usual(), NONCE + 1));
}

#[test]
fn an_empty_document_makes_a_page() {
    assert!(render(&document(Vec::new()), NONCE).contains("✓ 0 passed"));
}

#[test]
fn a_picture_stands_below_the_last_step_that_it_compares() {
    let steps = ["first", "second", "third"].map(|name| step(name, vec![span("a", "b", 0, 9)]));
    let mut item = item(54, steps.into());
    let report = item.run.report.as_mut().expect("a report");
    report.pictures[0].steps = vec!["first".into(), "second".into()];
    let page = render(&document(vec![item]), NONCE);
    let place = |words: &str| page.find(words).unwrap_or_else(|| panic!("{words}"));
    assert!(place("<h3>second</h3>") < place("one after the other is a staircase"));
    assert!(place("one after the other is a staircase") < place("<h3>third</h3>"));
    assert_eq!(
        page.matches("<figure class=\"picture\">").count(),
        2,
        "the third has one of its own"
    );
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
