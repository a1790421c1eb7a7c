//! What `verify` shows on a terminal: which item runs, what stands out, and beside each row what the
//! notes found, where that fits.

use std::process::Command;

use common::contract::on_terminal;
use serde_json::{Value, json};

fn verify(columns: u16, notes: &str, flags: &[&str]) -> String {
    let span = |thread: u32| json!({ "lane": thread.to_string(), "label": "count", "start_us": 0, "end_us": 9 });
    let spans: Vec<Value> = (0..5).map(span).collect();
    let report = json!({ "item": 9, "title": "Use Lock", "steps": [
        { "name": "machine", "facts": { "cores": 2 } },
        { "name": "race", "facts": { "found": 367 }, "notes": { "found": notes }, "spans": spans },
        { "name": "lock", "facts": { "found": 500, "cores_seen": 2 } },
    ] });
    let mut command = Command::new(env!("CARGO_BIN_EXE_own-table"));
    command
        .args(["verify", "9", "--program", env!("CARGO_BIN_EXE_misbehave")])
        .args(flags)
        .env("MISBEHAVE", "")
        .env("REPORT", report.to_string());
    on_terminal(&mut command, columns)
}

/// The row of the race, and the line below it.
fn race(columns: u16, notes: &str, flags: &[&str]) -> (String, String) {
    let shown = verify(columns, notes, flags);
    let mut lines = shown.lines().skip_while(|line| !line.contains("the race loses counts"));
    let mut line = || {
        let line = lines.next().expect("a line").to_owned();
        // Each comes after the line of progress has been erased.
        line.trim_start_matches("\r\u{1b}[K").replace("\u{1b}[0m", "")
    };
    (line(), line())
}

#[test]
fn what_the_notes_found_stands_beside_a_row_where_it_fits() {
    let fits = "x".repeat(120 - 80 - " notes: ".len());
    let row = "\u{1b}[32mpass  the race loses counts             367                 < 500";
    let beside = format!("{row}                \u{1b}[2mnotes: {fits}");
    assert_eq!(race(120, &fits, &[]).0, beside);
    let too_long = format!("{fits}x");
    let below = race(120, &too_long, &["--explain"]);
    assert_eq!(below, (row.into(), "      because no lock".into()));
    assert_eq!(race(119, &fits, &[]).0, row);
    assert_eq!(race(80, "1", &[]).0, row);
    // A narrow terminal breaks the lines itself.
    assert_eq!(race(40, "1", &[]).0, row);
}

#[test]
fn a_line_of_progress_says_what_runs_and_is_gone_when_it_has() {
    let shown = verify(80, "", &[]);
    let (progress, rest) = shown.split_once("\u{1b}[1mItem 9").expect("the title stands out");
    assert_eq!(progress, "\r\u{1b}[Krunning 9 ...\r\u{1b}[K");
    assert!(!rest.contains("running 9"), "{rest}");
    assert!(!verify(80, "", &["--json"]).contains('\u{1b}'), "nothing beside the JSON");
}
