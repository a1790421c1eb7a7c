//! `report` and `trace`: what they write is whole and true to the report, and nothing else is left.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Output};
use std::{env, fs};

use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;
use testing::{Running, assert_refused, assert_wrong_usage};

use crate::helpers::{Control, MISBEHAVE, XTASK, good_report, misbehaving, stdout};

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("an entry").file_name();
    entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect()
}

/// `task`, which writes `out`, with an item that misbehaves as `how` says. Its report has names that are
/// markup, and fails a check.
fn run(task: &str, how: &str, out: &Path) -> Command {
    let mut report = good_report();
    report["title"] = json!("Use <b>Lock</b>");
    report["steps"][1]["spans"][0]["lane"] = json!("thread 0</script>");
    report["steps"][2]["facts"]["found"] = json!(499);
    let mut command = misbehaving(task, how, &report);
    command.arg("--out").arg(out);
    command
}

fn output(command: &mut Command) -> Output {
    command.output().expect("it runs")
}

#[test]
fn a_trace_holds_what_its_format_asks_for() {
    let folder = folder();
    let file = folder.path().join("trace.json");
    let output = output(&mut run("trace", "", &file));
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(names(folder.path()), ["trace.json"]);

    assert!(stdout(&output).contains(": 5 spans; "), "{output:?}");
    let trace: Value = serde_json::from_slice(&fs::read(file).expect("a file")).expect("JSON");
    let events = trace["traceEvents"].as_array().expect("a list");
    let of_phase = |phase: &'static str| events.iter().filter(move |event| event["ph"] == phase);
    assert_eq!(of_phase("X").count(), 5);
    for event in of_phase("X") {
        let named = |what: &str, id: &str| {
            of_phase("M").any(|meta| meta["name"] == what && meta[id] == event[id])
        };
        assert!(named("process_name", "pid") && named("thread_name", "tid"), "{event}");
    }
}

#[test]
fn a_trace_goes_to_stdout_where_a_dash_stands_for_its_file() {
    let folder = folder();
    let output = output(run("trace", "", Path::new("-")).current_dir(folder.path()));
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let trace: Value = serde_json::from_slice(&output.stdout).expect("JSON, and nothing beside it");
    assert!(trace["traceEvents"].is_array(), "{trace}");
    assert!(names(folder.path()).is_empty());
}

#[test]
fn a_trace_is_of_all_items_where_none_is_named() {
    let folder = folder();
    let file = folder.path().join("trace.json");
    let mut command = Command::new(XTASK);
    command.args(["trace", "--program", MISBEHAVE, "--out"]).arg(&file);
    let output = output(command.env("REPORT", good_report().to_string()));
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(stdout(&output).contains(": 5 spans; "), "{output:?}");
}

#[test]
fn there_is_no_trace_of_an_item_that_did_not_run() {
    let folder = folder();
    let output = output(&mut run("trace", "crash", &folder.path().join("trace.json")));
    assert_refused(&output, 1, "item 9: crashed by signal");
    assert!(names(folder.path()).is_empty());
}

#[test]
fn a_page_shows_what_was_found_and_how_it_was_judged() {
    let folder = folder();
    let file = folder.path().join("page.html");
    let output = output(&mut run("report", "", &file));
    assert_eq!(output.status.code(), Some(0), "it is no gate: {output:?}");
    assert_eq!(stdout(&output).lines().last(), Some("6 passed, 1 failed"));
    assert_eq!(names(folder.path()), ["page.html"]);
    let page = fs::read_to_string(file).expect("a page");
    for words in
        ["Use &lt;b&gt;Lock&lt;/b&gt;", "the lock loses nothing", "✗ 1 failed", "✓ 6 passed"]
    {
        assert!(page.contains(words), "{words}");
    }
    assert!(page.contains("thread 0&lt;/script&gt;") && !page.contains("thread 0</script>"));
}

#[test]
fn a_page_says_why_an_item_did_not_run() {
    let folder = folder();
    let file = folder.path().join("page.html");
    let output = output(&mut run("report", "exit with 3", &file));
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let page = fs::read_to_string(file).expect("a page");
    assert!(page.contains("exit status: 3: error: no more threads"));
}

#[test]
fn without_a_run_the_page_has_the_texts_alone_and_leads_to_the_files_where_they_are_said_to_be() {
    let folder = folder();
    let file = folder.path().join("page.html");
    let mut command = Command::new(XTASK);
    // Item 9 has no package: it could not run.
    command.args(["report", "--no-run", "--lang", "en", "--sources", "https://example.com/main/"]);
    let output = output(command.arg("--out").arg(&file));
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(stdout(&output).trim_end(), file.to_string_lossy(), "and no sum");
    let page = fs::read_to_string(file).expect("a page");
    for words in ["<html lang=\"en\">", "Glossary</h2>", "href=\"https://example.com/main/README"] {
        assert!(page.contains(words), "{words}");
    }
}

#[test]
fn what_cannot_be_written_is_told_before_anything_runs() {
    for task in ["report", "trace"] {
        // An item that ran would hang.
        let missing = Path::new("/no/such/folder/page.html");
        assert_refused(&output(&mut run(task, "linger", missing)), 1, "cannot write /no/such");
        let output = output(&mut run(task, "linger", Path::new("/dev/null")));
        assert_refused(&output, 1, "/dev/null: it is no ordinary file");
    }
}

#[test]
fn a_signal_leaves_nothing_half_written() {
    let folder = folder();
    let control = Control::listen();
    let mut command = run("trace", "linger", &folder.path().join("trace.json"));
    control.tell(&mut command);
    let running = Running::start(&mut command);
    let _item = control.running(1);
    assert_eq!(names(folder.path()).len(), 1, "under another name");
    running.signal(Signal::TERM);
    assert_eq!(running.wait().status.signal(), Some(Signal::TERM.as_raw()));
    assert!(names(folder.path()).is_empty());
}

#[test]
fn a_python_that_is_missing_is_one_line() {
    let folder = folder();
    let mut command = run("report", "", &folder.path().join("page.html"));
    let output = output(command.args(["--python", "/no/such/python"]));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let about = stderr.lines().filter(|line| line.contains("not shown: /no/such/python")).count();
    assert_eq!(about, 1, "{stderr}");
}

/// With an opener of its own in front of the `PATH`.
#[test]
#[cfg(target_os = "linux")]
fn the_page_is_opened_by_the_opener_of_the_system() {
    use std::os::unix::fs::PermissionsExt;

    let folder = folder();
    let (opener, shown) = (folder.path().join("xdg-open"), folder.path().join("shown"));
    let page = folder.path().join("page.html");
    let path = env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", folder.path().display());
    for (script, code) in [("printf '%s' \"$1\" > \"$SHOWN\"", 0), ("exit 3", 1)] {
        fs::write(&opener, format!("#!/bin/sh\n{script}\n")).expect("written");
        fs::set_permissions(&opener, fs::Permissions::from_mode(0o755)).expect("executable");
        let mut command = run("report", "", &page);
        let output = output(command.arg("--open").env("PATH", &path).env("SHOWN", &shown));
        assert_eq!(output.status.code(), Some(code), "{output:?}");
    }
    assert_eq!(fs::read_to_string(shown).expect("a file"), page.to_string_lossy());
}

#[test]
fn wrong_usage_is_one_line_and_exit_code_2() {
    for (arguments, words) in [
        (&["report", "99"][..], "the items are 9"),
        (&["trace", "99"], "the items are 9"),
        (&["trace", "9", "--out"], "--out"),
        (&["report", "9", "--python"], "--python"),
        (&["report", "--no-run", "--repeat", "2"], "--no-run"),
        (&["report", "--no-run", "--program", "x"], "--no-run"),
        (&["report", "--lang", "fr"], "possible values: en, ko"),
    ] {
        assert_wrong_usage(XTASK, arguments, words);
    }
}
