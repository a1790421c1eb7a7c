//! The chapter's Python, under the `python3` of this machine, is held against the tables of the items.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use common::report::Report;
use serde_json::Value;
use testing::python_is_missing;
use xtask::expectations::items;
use xtask::judge::{Item, Load};
use xtask::verdict::Outcome;

/// Those of which the Python takes three seconds at most.
const QUICK: [u32; 6] = [55, 56, 58, 59, 62, 63];

fn script_of(item: &Item) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let folders = [root.join(item.package), root.join("item56-64-stubs").join(item.package)];
    let folder = folders.into_iter().find(|folder| folder.is_dir()).expect("a package");
    folder.join("in_python.py")
}

/// What fails in `report` of what it has, unless the table says what that means.
fn unexplained(item: &Item, report: &Report, explained: impl Fn(&str) -> bool) -> Vec<String> {
    let checks = item.checks.iter().filter(|check| check.is_in(report));
    let failed = checks.filter_map(|check| {
        let verdict = check.judge(report);
        let is_explained = check.in_python.is_some() && explained(check.step());
        (verdict.outcome == Outcome::Failed && !is_explained).then(|| {
            format!("{} {}: {}, not {}", item.number, check.claim, verdict.found, verdict.expected)
        })
    });
    failed.collect()
}

/// What `in_python.py` reports, and which of its claims fail though nobody expects it.
fn complaints(item: &Item) -> Vec<String> {
    let output = Command::new("python3").arg(script_of(item)).arg("--json").output();
    let output = output.expect("it runs");
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        return vec![format!("{}: {}: {stderr}", item.number, output.status)];
    }
    let mut json: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    let as_it_is: Report = serde_json::from_value(json.clone()).expect("a report");
    as_it_is.validate().expect("a sound report");

    // Once more with the mended steps in their places: of those there is nothing to explain.
    let steps = json["steps"].as_array_mut().expect("a list");
    let name = |step: &Value| step["name"].as_str().unwrap_or_default().to_owned();
    let mended: Vec<String> = steps
        .iter()
        .filter_map(|step| name(step).strip_suffix("_mended").map(str::to_owned))
        .collect();
    steps.retain(|step| !mended.contains(&name(step)));
    for step in steps {
        step["name"] = name(step).trim_end_matches("_mended").into();
    }
    let with_mended: Report = serde_json::from_value(json).expect("a report");
    let is_mended = |step: &str| mended.iter().any(|mended| mended == step);
    let mut complaints = unexplained(item, &as_it_is, |_| true);
    complaints.extend(unexplained(item, &with_mended, |step| !is_mended(step)));
    complaints
}

/// Those that compute one after the other, those that wait at the same time.
fn assert_explained(items: &[Item]) {
    if python_is_missing() {
        return;
    }
    let (waiting, computing): (Vec<&Item>, Vec<&Item>) =
        items.iter().partition(|item| item.load == Load::Waits);
    let mut found: Vec<String> = computing.into_iter().flat_map(complaints).collect();
    thread::scope(|scope| {
        let running: Vec<_> =
            waiting.into_iter().map(|item| scope.spawn(|| complaints(item))).collect();
        found.extend(running.into_iter().flat_map(|one| one.join().expect("it reports")));
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn it_does_what_the_tables_claim_or_they_say_why_it_does_not() {
    let mut items = items();
    items.retain(|item| QUICK.contains(&item.number));
    assert_explained(&items);
}

#[test]
#[ignore = "all of it takes half a minute: the gate asks for it"]
fn all_of_it_does_what_the_tables_claim_or_they_say_why_it_does_not() {
    assert_explained(&items());
}
