//! `verify` must notice whatever an item does wrong, name it, and leave nothing running.
//!
//! Each test hands it a program that stands in for an item and misbehaves in one way. Its table has four
//! checks, beside the three that every item gets.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, Output};

use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;
use testing::{Running, assert_refused, assert_wrong_usage, on_terminal, python_is_missing};

use crate::helpers::{
    Control, MISBEHAVE, XTASK, assert_all_ended, good_report, misbehaving, run, stdout,
};

/// A good report with `value` at the place that a JSON pointer names.
fn report_with(place: &str, value: Value) -> Value {
    let mut report = good_report();
    *report.pointer_mut(place).expect("there is such a place") = value;
    report
}

fn verify(report: &Value) -> Output {
    run(&mut misbehaving("verify", "", report))
}

/// The rows that failed.
fn failures(output: &Output) -> usize {
    stdout(output).lines().filter(|line| line.starts_with("FAIL")).count()
}

#[track_caller]
fn assert_one_failure(output: &Output, words: &[&str]) {
    let stdout = stdout(output);
    assert_eq!((output.status.code(), failures(output)), (Some(1), 1), "{stdout}");
    for word in words {
        assert!(stdout.contains(word), "{word:?} is not in:\n{stdout}");
    }
    assert!(stdout.trim_end().ends_with(", 1 failed"), "{stdout}");
}

#[test]
fn a_good_report_passes() {
    let output = verify(&good_report());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(stdout(&output).lines().last(), Some("7 passed, 0 failed"));
}

#[test]
fn what_a_report_has_wrong_is_one_failure_that_says_what() {
    let forged = "500\n9 passed, 0 failed\x1b[2J";
    let one_after_the_other: Vec<Value> = (0..5)
        .map(|n| {
            json!({ "lane": n.to_string(), "label": "", "start_us": n * 9, "end_us": n * 9 + 9 })
        })
        .collect();
    let one_thread = vec![json!({ "lane": "a", "label": "", "start_us": 0, "end_us": 9 }); 5];
    for (place, value, words) in [
        ("/steps/2/facts/found", json!(499), ["found 499", "because mutual exclusion"]),
        ("/steps/2/facts/found", json!("500"), ["the lock loses nothing", "not a number"]),
        ("/steps/2/facts/found", json!(forged), ["500\\n9 passed, 0 failed\\u{1b}[2J", ""]),
        ("/steps/1/facts/found", json!(500), ["the race loses counts", "expected < 500"]),
        ("/steps/1/facts/found", json!(-5), ["the race loses counts", "found -5"]),
        ("/steps/1/facts", json!({}), ["the race loses counts", "no fact race.found"]),
        ("/steps/1/spans", json!(one_after_the_other), ["count at once", "found 1 at once"]),
        ("/steps/1/spans", json!(one_thread), ["count at once", "found 1 at once"]),
        (
            "/steps/0/facts",
            json!({ "cores": 2, "lost": 0 }),
            ["every fact has a check", "found not machine.lost"],
        ),
        ("/item", json!(55), ["reported item 55, not 9", ""]),
        ("/steps/1/spans/0/start_us", json!(101), ["a span of thread 0 in race ends before", ""]),
        ("/steps/1/spans/0/start_us", json!(0.5), ["printed no report", "0.5"]),
        (
            "/steps/1/facts/found",
            json!({ "of": 1 }),
            ["printed no sound report: race.found is no", ""],
        ),
        ("/steps/1/facts/found", json!([[1]]), ["printed no sound report: race.found is no", ""]),
        ("/steps/2/name", json!("race"), ["the step race is reported twice", ""]),
    ] {
        assert_one_failure(&verify(&report_with(place, value)), &words);
    }
    let twice = good_report().to_string().replace(r#""cores":2"#, r#""cores":1,"cores":2"#);
    let output = run(misbehaving("verify", "", &Value::Null).env("REPORT", twice));
    assert_one_failure(&output, &["printed no report", "cores is reported twice"]);
}

#[test]
fn a_missing_step_fails_and_is_named() {
    let output = verify(&report_with("/steps/1/name", json!("racee")));
    // The two checks that name it, and the one that finds its facts unjudged.
    assert_eq!(failures(&output), 3, "{output:?}");
    assert!(stdout(&output).contains("no step race"), "{output:?}");
}

#[test]
fn what_this_machine_cannot_show_is_skipped_with_the_reason() {
    let mut report = report_with("/steps/2/facts/cores_seen", json!(1));
    assert_one_failure(&verify(&report), &["several cores compute"]);
    report["steps"][0]["facts"]["cores"] = json!(1);
    let output = verify(&report);
    let stdout = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{stdout}");
    for words in ["skip  several cores compute", "only 1 core", "\n1 skipped: this machine can't "]
    {
        assert!(stdout.contains(words), "{stdout}");
    }
    assert_eq!(stdout.lines().last(), Some("6 passed, 0 failed"));
}

#[test]
fn megabytes_of_text_are_shown_in_part() {
    // Through the title, for an environment holds no such variable twice.
    let output = verify(&report_with("/title", json!("x".repeat(100_000))));
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stdout.len() < 4_000, "{} bytes", output.stdout.len());
}

#[test]
fn a_program_that_gives_no_report_is_one_failure_that_says_why() {
    for (how, words) in [
        ("crash", &["crashed by signal 6"][..]),
        ("exit with 3", &["exit status: 3", "no more threads"]),
        ("print half", &["printed no report"]),
        ("print twice", &["printed no report"]),
        ("print nothing", &["printed no report"]),
        ("print noise", &["printed more than 16 MiB"]),
    ] {
        assert_one_failure(&run(&mut misbehaving("verify", how, &good_report())), words);
    }
    let output = run(Command::new(XTASK).args(["verify", "9", "--program", "/no/such/program"]));
    assert_one_failure(&output, &["cannot run /no/such/program"]);
}

/// A script of that `text`, which can be run.
fn script(folder: &TempDir, text: &str) -> PathBuf {
    let path = folder.path().join("script");
    fs::write(&path, text).expect("it can be written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it can be run");
    path
}

#[test]
fn a_script_whose_first_line_ends_in_cr_is_told_as_that() {
    let folder = tempfile::tempdir().expect("a folder");
    // The system finds no such program; `env` says so itself.
    for interpreter in ["/bin/sh", "/usr/bin/env sh"] {
        let program = script(&folder, &format!("#!{interpreter}\r\nexit\r\n"));
        let output = run(Command::new(XTASK).args(["verify", "9", "--program"]).arg(program));
        assert_one_failure(&output, &["its first line ends in CR LF"]);
    }
}

#[test]
fn a_build_that_makes_no_program_is_one_line() {
    // What it takes for cargo answers whatever it is asked with this.
    let metadata = json!({ "packages": [], "workspace_root": ".", "target_directory": "." });
    let mut command = Command::new(XTASK);
    command.args(["verify", "9"]).env("CARGO", MISBEHAVE).env("REPORT", metadata.to_string());
    assert_refused(&run(&mut command), 1, "cargo build made no program misbehave");
}

/// `verify`, with an item that can tell the test that it runs.
fn controlled(how: &str) -> (Control, Command) {
    let (control, mut command) = (Control::listen(), misbehaving("verify", how, &good_report()));
    control.tell(&mut command);
    (control, command)
}

#[test]
fn a_hanging_item_is_ended_together_with_its_children() {
    let (control, mut command) = controlled("hang");
    // Both the item and its child connect before the time limit can matter.
    let output = run(command.args(["--time-limit", "2s"]));
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(stdout(&output).contains("ended after its time limit, 2 s"), "{output:?}");
    assert_all_ended(control.running(2));
}

#[test]
fn a_child_that_is_left_behind_fails_and_is_ended() {
    let mut how = vec!["leave a child"];
    // Only Linux can tell who started a process that has left its group.
    how.extend(cfg!(target_os = "linux").then_some("leave a child in a session of its own"));
    for how in how {
        let (_control, mut command) = controlled(how);
        let output = run(&mut command);
        assert_one_failure(&output, &["it leaves nothing running", "found a child"]);
    }
}

/// Nor can anybody tell where one comes from that has left everything behind, but its output shows it.
#[test]
fn a_child_that_cannot_be_found_and_keeps_the_output_open_fails_in_words_of_its_own() {
    let (_control, mut command) = controlled("leave a child that cannot be found");
    let output = run(&mut command);
    assert_eq!(failures(&output), 2, "{output:?}");
    for words in ["found left a process that keeps its output open", "found a child"] {
        assert!(stdout(&output).contains(words), "{words:?}: {output:?}");
    }
}

#[test]
fn an_item_that_outlives_its_time_may_clean_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("removed when asked to end, not when killed");
    let (_control, mut command) = controlled("hang, but clean up when asked");
    let output = run(command.args(["--time-limit", "2s"]).env("FILE", &file));
    assert_one_failure(&output, &["ended after its time limit"]);
    assert!(!file.exists());
}

#[test]
fn when_verify_is_told_to_end_its_items_clean_up_and_end_too() {
    let folder = tempfile::tempdir().expect("a folder");
    for signal in [Signal::INT, Signal::TERM, Signal::HUP, Signal::QUIT] {
        let file = folder.path().join(format!("{signal:?}"));
        let (control, mut command) = controlled("hang, but clean up when asked");
        let verify = Running::start(command.env("FILE", &file));
        // It connects when it has made its file.
        let item = control.running(1);
        assert!(fs::exists(&file).expect("it can be told"));
        verify.signal_group(signal);
        let output = verify.wait();
        assert_eq!(output.status.signal(), Some(signal.as_raw()), "{output:?}");
        assert!(!file.exists(), "{signal:?}");
        assert_all_ended(item);
    }
}

#[test]
fn whoever_ends_a_repetition_is_told_the_sum_so_far() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = script(
        &folder,
        &format!(
            "#!/bin/sh\n[ -e \"$FILE\" ] && exec {MISBEHAVE}\n: > \"$FILE\"; echo \"$REPORT\"\n"
        ),
    );
    let (control, mut command) = (Control::listen(), Command::new(XTASK));
    command.args(["verify", "9", "--repeat", "1000", "--program"]).arg(program);
    command.env("FILE", folder.path().join("ran")).env("REPORT", good_report().to_string());
    control.tell(command.env("MISBEHAVE", "linger"));
    let verify = Running::start(&mut command);
    let _item = control.running(1);
    verify.signal_group(Signal::INT);
    let output = verify.wait();
    assert_eq!(output.status.signal(), Some(Signal::INT.as_raw()), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "so far: 7 passed, 0 failed\n");
}

#[test]
fn json_holds_every_check_and_the_sum() {
    let report = report_with("/steps/2/facts/found", json!(499));
    let output = run(misbehaving("verify", "", &report).arg("--json"));
    assert_eq!(output.status.code(), Some(1));
    let json: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    assert_eq!((&json["passed"], &json["failed"]), (&json!(6), &json!(1)));
    let checks = json["checks"].as_array().expect("a list");
    assert_eq!(checks.len(), 7);
    assert!(checks.contains(&json!({
        "item": 9, "step": "lock", "fact": "lock.found", "check": "the lock loses nothing", "expected": "500",
        "found": "499", "source": "mutual exclusion", "passed": false,
    })));
    let fact_of = |claim: &str| {
        let check = checks.iter().find(|check| check["check"] == claim).expect("it is there");
        (&check["fact"], &check["besides"])
    };
    assert_eq!(fact_of("the threads count at once"), (&json!("race.spans"), &Value::Null));
    let cores = (&json!("lock.cores_seen"), &json!(["machine.cores"]));
    assert_eq!(fact_of("several cores compute"), cores);
    assert_eq!(fact_of("it runs and reports"), (&Value::Null, &Value::Null));
}

/// All rows but the item's title, which says how long it took.
fn rows_of(report: &Value, flags: &[&str]) -> String {
    let output = run(misbehaving("verify", "", report).args(flags));
    stdout(&output)
        .lines()
        .filter(|line| !line.starts_with("Item 9"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn a_row_says_what_was_found_what_it_must_be_and_when_asked_its_fact_the_reason_and_the_notes() {
    let mut report = good_report();
    report["steps"][1]["notes"] = json!({ "found": "367540" });
    let rows = "      claim                             found               expected
pass  it runs and reports               a report
pass  it leaves nothing running         nothing
pass  the race loses counts             367                 < 500
pass  the threads count at once         5 at once
pass  the lock loses nothing            500
pass  several cores compute             2                   >= 2
pass  every fact has a check            every fact

7 passed, 0 failed";
    assert_eq!(rows_of(&report, &[]), rows);
    let explained = rows_of(&report, &["--explain"]);
    let of_the_race = "\
pass  the race loses counts             367                 < 500
      of race.found
      because no lock
      notes: 367540
pass  the threads count at once         5 at once
      of race.spans
      because they meet
pass";
    assert!(explained.contains(of_the_race), "{explained}");
    assert!(explained.contains("      of lock.cores_seen, machine.cores\n"), "{explained}");
}

#[test]
fn a_failure_is_shown_in_full_broken_where_eighty_columns_end() {
    // The first line is full; the second would be, by one character too many, with the last word.
    let words = "one two three four five six seven eight nine ten eleven twelve yyyyy \
                 fourteen fifteen sixteen seventeen eighteen nineteen twenty twenty-one xxxx";
    let rows = rows_of(&report_with("/steps/2/facts/found", json!(words)), &[]);
    let failure = "\
FAIL  the lock loses nothing            one two three fou.. 500
      expected 500
      found one two three four five six seven eight nine ten eleven twelve yyyyy
      fourteen fifteen sixteen seventeen eighteen nineteen twenty twenty-one
      xxxx (not a number)
      because mutual exclusion
";
    assert!(rows.contains(failure), "{rows}");
}

#[test]
fn rows_fit_eighty_columns() {
    let output = run(misbehaving("verify", "", &good_report()).arg("--explain"));
    let stdout = stdout(&output);
    assert!(stdout.lines().all(|line| line.chars().count() <= 80), "{stdout}");
    assert!(!stdout.contains('\x1b') && output.stderr.is_empty(), "no progress into a pipe");
}

/// What a terminal of so many `columns` shows, where the notes say so about the race.
fn on_terminal_of(columns: u16, notes: &str, flags: &[&str]) -> String {
    let mut report = good_report();
    report["steps"][1]["notes"] = json!({ "found": notes });
    on_terminal(misbehaving("verify", "", &report).args(flags), columns)
}

/// The row of the race, and the line below it.
fn race(columns: u16, notes: &str, flags: &[&str]) -> (String, String) {
    let shown = on_terminal_of(columns, notes, flags);
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
    assert_eq!(below, (row.into(), "      of race.found".into()));
    assert_eq!(race(119, &fits, &[]).0, row);
    assert_eq!(race(80, "1", &[]).0, row);
    // A narrow terminal breaks the lines itself.
    assert_eq!(race(40, "1", &[]).0, row);
}

#[test]
fn a_line_of_progress_says_what_runs_and_is_gone_when_it_has() {
    let shown = on_terminal_of(80, "", &[]);
    let (progress, rest) = shown.split_once("\u{1b}[1mItem 9").expect("the title stands out");
    assert!(progress.starts_with("\r\u{1b}[Krunning 9 ...\r\u{1b}[K"), "{progress:?}");
    assert!(!rest.contains("running 9"), "{rest}");
    let narrow = on_terminal_of(10, "", &[]);
    assert!(narrow.starts_with("\r\u{1b}[Krunning 9\r\u{1b}[K"), "it does not wrap: {narrow:?}");
    assert!(!on_terminal_of(80, "", &["--json"]).contains('\u{1b}'), "nothing beside the JSON");
}

#[test]
fn repeating_judges_every_round() {
    let output = run(misbehaving("verify", "", &good_report()).args(["--repeat", "3"]));
    let stdout = stdout(&output);
    assert_eq!(stdout.lines().last(), Some("21 passed, 0 failed"));
    for round in ["Round 1 of 3", "Round 2 of 3", "Round 3 of 3"] {
        assert!(stdout.contains(round), "{stdout}");
    }
}

#[test]
fn wrong_usage_is_one_line_and_exit_code_2() {
    for (arguments, words) in [
        (&["verify", "99"][..], "the items are 52, "),
        (&["verify", "fifty-four"], "'fifty-four'"),
        (&["verify", "--no-such-flag"], "--no-such-flag"),
        (&["verify", "--repeat", "0"], "'0'"),
        (&["verify", "--time-limit", "5 parsecs"], "parsecs"),
        (&["verify", "54", "53", "--program", "x"], "--program goes with one ITEM"),
        (&["readme", "9"], "the items are 52, "),
        (&["judge"], "judge"),
        (&[], "subcommand"),
    ] {
        assert_wrong_usage(env!("CARGO_BIN_EXE_xtask"), arguments, words);
    }
}

/// CONTRIBUTING.md shows it as the way to write an item in another language.
#[test]
fn someone_elses_program_in_another_language_passes() {
    if python_is_missing() {
        return;
    }
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/item54.py");
    let verify = ["verify", "54", "--program", program];
    let output = run(Command::new(env!("CARGO_BIN_EXE_xtask")).args(verify));
    let stdout = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{stdout}");
}
