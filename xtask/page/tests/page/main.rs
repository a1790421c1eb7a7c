//! The page as a text: what is in it whatever a report holds, and how large it is; and in a browser.

mod browser;
mod colours;
mod devtools;
mod fixture;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use common::report::{Report, StepReport};
use page::render;
use serde_json::json;
use testing::{assert_refused, assert_wrong_usage};
use xtask::document::{Chapter, Document, Language, Shown, Text};
use xtask::verdict::{Judgement, Outcome};

use fixture::{document, entries, hostile, item, judgement, made, run_of, span, step, usual};

#[test]
fn the_page_of_all_items_is_smaller_than_one_and_a_half_megabytes() {
    let page = render(&usual());
    assert!(page.len() < 1_500_000, "{} bytes", page.len());
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
        "one thread in turn",
        "3 times each",
        "call 0 · wait · from 0 · 990 µs long",
        "download 0 · download · from 0 to ",
        "mostly busy",
        "… and 976 more",
        "cargo xtask trace 61",
        "A Processor With a Long Name",
        "2026-11-24 10:48 UTC",
        "../item/src/main.rs",
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
fn what_is_told_stands_in_its_order_and_proofs_are_folded_away() {
    let mut step = step("race", Vec::new());
    // The figure first; the digest is not told.
    step.told = entries(&[
        ("elapsed_s", json!("12.5 ms (best of 5)")),
        ("latency_s", json!("100 ms")),
        ("found", json!("367,540")),
        ("expected", json!("500,000")),
        ("statuses", json!("0")),
        ("speed_up", json!("1.73")),
    ]);
    step.remarks = vec!["Look for `fetch_add`.".into()];
    let page = render(&document(vec![item(54, vec![step])]));
    let told = ["12.5 ms (best of 5)", "100 ms", "367,540", "500,000", "Look for <code>fetch_add"];
    let places = told.map(|words| place(&page, words));
    assert!(places.is_sorted(), "{places:?}");
    let proofs = place(&page, "<details class=\"proofs\">");
    assert!(places[4] < proofs && proofs < place(&page, "8156ab6ca266fc9a"));
}

#[test]
fn only_what_was_measured_is_compared_and_what_mends_a_step_stands_beside_it() {
    let step = step("race", Vec::new());
    let settings = entries(&[("latency_s", json!(0.3))]);
    let facts = entries(&[("digest", json!("a text of theirs")), ("statuses", json!([7, 7]))]);
    let theirs = StepReport { settings, facts, ..step.clone() };
    let mended = StepReport {
        name: "race_mended".into(),
        figures: entries(&[("elapsed_s", json!(0.0375))]),
        ..StepReport::default()
    };
    let mut ours = item(54, vec![step]);
    let mut python = fixture::ran(Report { steps: vec![theirs, mended], ..report_of(&ours) });
    python.judgements[1].outcome = Outcome::Failed;
    python.mended = vec![Judgement { found: "272253".into(), ..python.judgements[0].clone() }];
    ours.pythons = vec![Some(python)];
    let mut document = document(vec![ours]);
    made(&mut document).pythons = vec!["CPython 3.13.1".into()];
    let page = render(&document);
    let setting = &page[place(&page, "<tr class=\"setting\">")..];
    let setting = &setting[..place(setting, "</tr>")];
    assert!(setting.contains("300 ms") && !setting.contains("×"), "{setting}");
    assert!(page.contains("× 1.0"), "a figure that is the same");
    assert!(page.contains("a text of theirs") && page.contains("7, 7"), "what is no number, too");
    assert!(page.contains("mended: <span class=\"exact\"") && page.contains("× 3.0"));
    assert!(page.contains("mended: <span class=\"pass\">✓ pass</span> <span class=\"why\">272253"));
}

fn report_of(item: &Shown) -> Report {
    item.run.as_ref().and_then(|run| run.report.clone()).expect("a report")
}

#[test]
fn a_readme_is_a_chapter_in_which_the_run_stands_in_the_place_of_the_output() {
    let page = render(&document(vec![item(54, vec![step("race", Vec::new())])]));
    assert!(!page.contains("what it printed long ago") && !page.contains("a part of that"));
    assert_eq!(page.matches("It stands in the run above.").count(), 1, "of a second part");
    let order =
        ["Run it</h3>", "<h4>race</h4>", "What to see in it</h3>", "Try it</h3>", "Checks</h3>"];
    let places = order.map(|words| place(&page, words));
    assert!(places.is_sorted(), "{places:?}");
    for words in [
        "<p class=\"other\" lang=\"ko\">한국어: <a href=\"../item54/README.ko.md\">항목 54: 제목</a></p>",
        "A <code>Title</code>",
        "<strong>The advice.</strong> <code>count += 1</code>",
        "<a href=\"#glossary-a-word\">Words</a>",
        "<a href=\"../item54/src/main.rs\">the story</a>",
        "<a href=\"https://example.com/x\">elsewhere</a>",
        "<a href=\"../item54/in_python.py\">in_python.py</a>",
        "<span class=\"word\">with</span>",
        "<summary>Answer</summary>",
        "Nothing &lt;b&gt;bold&lt;/b&gt;.",
        "id=\"glossary-a-word\"",
        "What this is.",
    ] {
        assert!(page.contains(words), "{words} is not there");
    }
    assert!(!page.contains("Not on the page."), "the front has only the opening");
}

#[test]
fn without_a_run_the_page_shows_the_texts_and_their_outputs() {
    let mut document = document(vec![item(54, vec![step("race", Vec::new())])]);
    document.made = None;
    document.chapters[0].item.as_mut().expect("an item").run = None;
    let page = render(&document);
    assert!(page.contains("what it printed long ago") && page.contains("a part of that"));
    assert!(!page.contains("<h4>race</h4>") && !page.contains("Checks</h3>"));
}

#[test]
fn in_korean_the_page_says_nothing_of_its_own_in_english() {
    let mut document = usual();
    document.language = Language::Ko;
    made(&mut document).program = Some("p".into());
    let page = render(&document);
    assert!(page.contains("<html lang=\"ko\">"));
    for words in [
        "차례",
        "통과",
        "건너뜀",
        "읽는 법",
        "이 컴퓨터에서는 보여 줄 수 없다: 1 core",
        "0부터 · 990 µs 동안",
    ] {
        assert!(page.contains(words), "{words} is not there");
    }
    for words in
        [" passed", ">Contents<", ">Checks<", "How to read", "\"Items\"", "The lanes", " long<"]
    {
        assert!(!page.contains(words), "{words}");
    }
}

#[test]
fn a_program_that_ran_instead_is_named() {
    let mut document = document(vec![item(54, Vec::new())]);
    made(&mut document).program = Some("/a/program.py".into());
    assert!(render(&document).contains("ran <code>/a/program.py</code>"));
}

/// The READMEs of this workspace, none of which has run.
fn texts_of_this_workspace(ending: &str) -> Document {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |path: &str| {
        let path = format!("{path}{ending}");
        let markdown = fs::read_to_string(root.join(&path)).expect("a text");
        Text { path, markdown }
    };
    let mut folders = vec![String::new()];
    let mut chapters = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&folder)).expect("a folder") {
            let name = entry.expect("an entry").file_name().into_string().expect("a name");
            let path = format!("{folder}{name}");
            if name.starts_with("item") && root.join(&path).join("Cargo.toml").is_file() {
                folders.push(format!("{path}/"));
                chapters.push(Chapter { text: read(&format!("{path}/README")), item: None });
            }
        }
    }
    let others = ["common/GLOSSARY", "common/PATTERNS"].map(read);
    chapters.extend(others.map(|text| Chapter { text, item: None }));
    assert_eq!(chapters.len(), 16, "thirteen items, the street's, two more");
    let root = format!("{}/", root.display());
    let language = if ending == ".ko.md" { Language::Ko } else { Language::En };
    Document { language, front: read("README"), chapters, root, made: None, ..document(Vec::new()) }
}

#[test]
fn every_link_of_the_texts_leads_to_a_place_on_the_page_or_to_a_file() {
    for ending in [".md", ".ko.md"] {
        assert_links_lead_somewhere(&render(&texts_of_this_workspace(ending)));
    }
}

#[track_caller]
fn assert_links_lead_somewhere(page: &str) {
    let mut inside = 0;
    for link in page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        if let Some(name) = link.strip_prefix('#') {
            assert!(page.contains(&format!("id=\"{}\"", decoded(name))), "{link}");
            inside += 1;
        } else if !link.starts_with("data:") && !link.starts_with("https://") {
            let file = link.split('#').next().unwrap_or_default();
            assert!(Path::new(file).exists(), "{link}");
        }
    }
    assert!(inside > 60, "{inside}");
}

/// `%ED%95%AD` as `항` (RFC 3986, 2.1).
fn decoded(address: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = address.bytes();
    while let Some(byte) = rest.next() {
        let digits = [byte, rest.clone().next().unwrap_or(0), rest.clone().nth(1).unwrap_or(0)];
        match str::from_utf8(&digits[1..]).ok().and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(decoded) if byte == b'%' => {
                bytes.push(decoded);
                rest.nth(1);
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}

#[test]
fn of_a_claim_that_stands_twice_each_step_has_a_verdict_of_its_own() {
    let of = |step: &str, outcome| {
        let found = format!("found in {step}");
        Judgement { step: Some(step.into()), found, ..judgement("no line is torn", outcome) }
    };
    let mut item = item(62, vec![step("threads", Vec::new()), step("tasks", Vec::new())]);
    run_of(&mut item).judgements =
        vec![of("threads", Outcome::Passed), of("tasks", Outcome::Passed)];
    let mut theirs = run_of(&mut item).clone();
    theirs.judgements = vec![of("threads", Outcome::Passed), of("tasks", Outcome::Failed)];
    item.pythons = vec![Some(theirs)];
    let mut document = document(vec![item]);
    made(&mut document).pythons = vec!["CPython 3.13.1".into()];
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
    let first = document.items_mut().next().expect("an item");
    run_of(first).judgements.retain(|check| check.outcome != Outcome::Failed);
    let page = render(&document);
    assert!(page.contains("href=\"#failed-53\""));
    let row = &page[place(&page, "id=\"failed-53\"")..];
    assert!(row[..place(row, "</tr>")].contains("✗ fail"), "the row that failed");
    document.items_mut().for_each(|item| run_of(item).judgements.clear());
    let page = render(&document);
    assert!(!page.contains("#failed-"), "nothing failed, nothing to lead to");
    assert!(!page.contains("class=\"folded\" open"), "and nothing to unfold");
}

#[test]
fn a_page_begins_with_nothing_from_elsewhere() {
    let page = render(&usual());
    for elsewhere in ["<link rel=\"style", "src=", "@import", "url("] {
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
    let is_short = |item: &Shown| ![2, 9].contains(&item.number);
    document.chapters.retain(|chapter| chapter.item.as_ref().is_some_and(is_short));
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
    let report = run_of(&mut item).report.as_mut().expect("a report");
    report.pictures[0].steps = vec!["first".into(), "second".into()];
    let page = render(&document(vec![item]));
    let [second, picture, third] =
        ["<h4>second</h4>", "one after the other is a staircase", "<h4>third</h4>"]
            .map(|words| place(&page, words));
    assert!(second < picture && picture < third);
    assert_eq!(page.matches("<figure class=\"picture").count(), 2, "the third has one of its own");
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
