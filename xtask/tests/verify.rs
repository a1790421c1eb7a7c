//! `verify` must notice whatever an item does wrong, name it, and leave nothing running.
//!
//! Each test hands it a program that stands in for an item and misbehaves in one way. The table is
//! that of `fixtures/own_table.rs`: four checks, beside the three that every item gets.

use std::io::Read;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::{env, fs, process};

use rustix::process::Signal;
use serde_json::{Value, json};
use testing::{Running, assert_refused, assert_wrong_usage, on_terminal, python_is_missing};

const VERIFY: &str = env!("CARGO_BIN_EXE_own-table");

/// What the item reports when all is well: five threads that count at the same time.
fn good_report() -> Value {
    let span = |thread| {
        json!({ "lane": format!("thread {thread}"), "label": "count",
                "start_us": thread, "end_us": 100 })
    };
    let spans: Vec<Value> = (0..5).map(span).collect();
    json!({ "item": 9, "title": "Use Lock", "steps": [
        { "name": "machine", "facts": { "cores": 2 } },
        { "name": "race", "facts": { "found": 367 }, "spans": spans },
        { "name": "lock", "facts": { "found": 500, "cores_seen": 2 } },
    ] })
}

/// The same with `value` at the place that a JSON pointer names.
fn report_with(place: &str, value: Value) -> Value {
    let mut report = good_report();
    *report.pointer_mut(place).expect("there is such a place") = value;
    report
}

fn verify_misbehaving(how: &str, report: &Value) -> Command {
    let mut command = Command::new(VERIFY);
    command
        .args(["verify", "9", "--program", env!("CARGO_BIN_EXE_misbehave")])
        .env("MISBEHAVE", how)
        .env("REPORT", report.to_string())
        .stdin(Stdio::null());
    command
}

fn verify(report: &Value) -> Output {
    run(&mut verify_misbehaving("", report))
}

fn run(command: &mut Command) -> Output {
    command.output().expect("xtask runs")
}

/// The rows that failed.
fn failures(output: &Output) -> Vec<String> {
    let stdout = String::from_utf8_lossy(&output.stdout);
    stdout.lines().filter(|line| line.starts_with("FAIL")).map(str::to_owned).collect()
}

#[track_caller]
fn assert_one_failure(output: &Output, words: &[&str]) {
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{stdout}");
    assert_eq!(failures(output).len(), 1, "{stdout}");
    for word in words {
        assert!(stdout.contains(word), "{word:?} is not in:\n{stdout}");
    }
    assert!(stdout.trim_end().ends_with(", 1 failed"), "{stdout}");
}

#[test]
fn a_good_report_passes() {
    let output = verify(&good_report());
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{stdout}");
    assert_eq!(stdout.lines().last(), Some("7 passed, 0 failed"));
}

#[test]
fn a_count_that_is_off_by_one_fails() {
    let output = verify(&report_with("/steps/2/facts/found", json!(499)));
    assert_one_failure(
        &output,
        &["the lock loses nothing", "expected 500", "found 499", "because mutual exclusion"],
    );
}

#[test]
fn a_race_that_loses_nothing_fails() {
    let output = verify(&report_with("/steps/1/facts/found", json!(500)));
    assert_one_failure(&output, &["the race loses counts", "expected < 500"]);
}

#[test]
fn a_count_below_nought_fails() {
    let output = verify(&report_with("/steps/1/facts/found", json!(-5)));
    assert_one_failure(&output, &["the race loses counts", "found -5"]);
}

#[test]
fn threads_that_ran_one_after_the_other_fail() {
    let mut report = good_report();
    for thread in 0..5_usize {
        let span = &mut report["steps"][1]["spans"][thread];
        span["start_us"] = json!(thread * 100);
        span["end_us"] = json!(thread * 100 + 100);
    }
    assert_one_failure(&verify(&report), &["the threads count at once", "found 1 at once"]);
}

#[test]
fn five_spans_of_one_thread_are_no_overlap() {
    let mut report = good_report();
    for thread in 0..5 {
        report["steps"][1]["spans"][thread]["lane"] = json!("thread 0");
    }
    assert_one_failure(&verify(&report), &["the threads count at once", "found 1 at once"]);
}

#[test]
fn a_missing_fact_fails_and_is_named() {
    let mut report = good_report();
    report["steps"][1]["facts"] = json!({});
    assert_one_failure(&verify(&report), &["the race loses counts", "no fact race.found"]);
}

#[test]
fn a_missing_step_fails_and_is_named() {
    let output = verify(&report_with("/steps/1/name", json!("racee")));
    let stdout = String::from_utf8_lossy(&output.stdout);
    // The two checks that name it, and the one that finds its facts unjudged.
    assert_eq!(failures(&output).len(), 3, "{stdout}");
    assert!(stdout.contains("no step race"), "{stdout}");
}

#[test]
fn a_fact_that_no_check_names_fails() {
    let mut report = good_report();
    report["steps"][2]["facts"]["lost"] = json!(0);
    assert_one_failure(&verify(&report), &["each of its facts is judged", "found lock.lost"]);
}

#[test]
fn a_fact_of_the_wrong_type_fails() {
    let output = verify(&report_with("/steps/2/facts/found", json!("500")));
    assert_one_failure(&output, &["the lock loses nothing", "not a number"]);
}

#[test]
fn what_this_machine_cannot_show_is_skipped_with_the_reason() {
    let mut report = report_with("/steps/2/facts/cores_seen", json!(1));
    assert_one_failure(&verify(&report), &["several cores compute"]);
    report["steps"][0]["facts"]["cores"] = json!(1);
    let output = verify(&report);
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{stdout}");
    assert!(stdout.contains("skip  several cores compute"), "{stdout}");
    assert!(stdout.contains("only 1 core"), "{stdout}");
    assert!(stdout.contains("\n1 skipped: this machine can't show them now\n"), "{stdout}");
    assert_eq!(stdout.lines().last(), Some("6 passed, 0 failed"));
}

#[test]
fn the_report_of_another_item_fails() {
    let output = verify(&report_with("/item", json!(55)));
    assert_one_failure(&output, &["reported item 55, not 9"]);
}

#[test]
fn a_report_that_cannot_be_fails() {
    let ends_early = report_with("/steps/1/spans/0/start_us", json!(101));
    assert_one_failure(&verify(&ends_early), &["a span of thread 0 in race ends before"]);
    let fraction = report_with("/steps/1/spans/0/start_us", json!(0.5));
    assert_one_failure(&verify(&fraction), &["printed no report", "0.5"]);
    let mut twice = good_report();
    twice["steps"][2]["name"] = json!("race");
    assert_one_failure(&verify(&twice), &["the step race is reported twice"]);
}

#[test]
fn a_key_that_stands_twice_fails() {
    let twice = good_report().to_string().replace(r#""cores":2"#, r#""cores":1,"cores":2"#);
    let output = run(verify_misbehaving("", &Value::Null).env("REPORT", twice));
    assert_one_failure(&output, &["printed no report", "cores is reported twice"]);
}

#[test]
fn what_a_program_reports_cannot_pass_for_a_line_of_ours() {
    let forged = "500\n9 passed, 0 failed\x1b[2J";
    let output = verify(&report_with("/steps/2/facts/found", json!(forged)));
    assert_one_failure(&output, &["500\\n9 passed, 0 failed\\u{1b}[2J"]);
    let output = run(&mut verify_misbehaving("exit with 3", &good_report()));
    assert_one_failure(&output, &["exit status: 3", "no more threads"]);
}

#[test]
fn megabytes_of_text_are_shown_in_part() {
    let noise = "x".repeat(1 << 20);
    // Through the title, for an environment holds no such variable twice.
    let report = report_with("/title", json!(noise[..100_000]));
    let output = verify(&report);
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stdout.len() < 4_000, "{} bytes", output.stdout.len());
}

#[test]
fn a_crash_fails_and_names_the_signal() {
    let output = run(&mut verify_misbehaving("crash", &good_report()));
    assert_one_failure(&output, &["crashed by signal 6"]);
}

#[test]
fn anything_but_one_whole_report_fails() {
    for how in ["print half", "print twice", "print nothing"] {
        let output = run(&mut verify_misbehaving(how, &good_report()));
        assert_one_failure(&output, &["printed no report"]);
    }
}

#[test]
fn megabytes_of_noise_fail_as_such() {
    let output = run(&mut verify_misbehaving("print noise", &good_report()));
    assert_one_failure(&output, &["printed more than 16 MiB"]);
}

#[test]
fn a_program_that_is_not_there_fails() {
    let output = run(Command::new(VERIFY).args(["verify", "9", "--program", "/no/such/program"]));
    assert_one_failure(&output, &["cannot run /no/such/program"]);
}

#[test]
fn a_build_that_makes_no_program_is_one_line() {
    // What it takes for cargo is well, and says nothing.
    let mut command = Command::new(VERIFY);
    let output = run(command.args(["verify", "9"]).env("CARGO", env!("CARGO_BIN_EXE_misbehave")));
    assert_refused(&output, 1, "cargo build made no program misbehave");
}

/// A process that holds a connection to the test for as long as it lives.
struct Control(TcpListener);

impl Control {
    fn listen() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").expect("a free port"))
    }

    fn address(&self) -> String {
        self.0.local_addr().expect("bound").to_string()
    }

    /// So many have connected, or will; each has ended: reading finds the end.
    fn assert_all_ended(&self, processes: usize) {
        for _ in 0..processes {
            let (mut connection, _) = self.0.accept().expect("a process connected");
            assert_eq!(connection.read(&mut [0]).expect("its other end is closed"), 0);
        }
    }
}

#[test]
fn a_hanging_item_is_ended_together_with_its_children() {
    // Both the item and its child connect before the time limit can matter.
    let control = Control::listen();
    let output = run(verify_misbehaving("hang", &good_report())
        .args(["--time-limit", "2s"])
        .env("CONTROL", control.address()));
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{stdout}");
    assert!(stdout.contains("ended after its time limit, 2 s"), "{stdout}");
    control.assert_all_ended(2);
}

#[test]
fn a_child_that_is_left_behind_fails_and_is_ended() {
    let control = Control::listen();
    let output =
        run(verify_misbehaving("leave a child", &good_report()).env("CONTROL", control.address()));
    assert_one_failure(&output, &["it leaves nothing running", "found a child"]);
}

/// Only Linux can tell who started a process that has left its group.
#[test]
#[cfg(target_os = "linux")]
fn a_child_that_left_its_session_is_found_and_ended_too() {
    let control = Control::listen();
    let how = "leave a child in a session of its own";
    let output = run(verify_misbehaving(how, &good_report()).env("CONTROL", control.address()));
    assert_one_failure(&output, &["it leaves nothing running", "found a child"]);
}

/// Nor can anybody tell where one comes from that has left everything behind, but its output shows it.
#[test]
fn a_child_that_cannot_be_found_and_keeps_the_output_open_fails_in_words_of_its_own() {
    let control = Control::listen();
    let how = "leave a child that cannot be found";
    let output = run(verify_misbehaving(how, &good_report()).env("CONTROL", control.address()));
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(failures(&output).len(), 2, "{stdout}");
    for words in ["found left a process that keeps its output open", "found a child"] {
        assert!(stdout.contains(words), "{words:?} is not in:\n{stdout}");
    }
}

/// A file that a program removes when it is asked to end, and not when it is killed.
fn file_to_clean_up(test: &str) -> PathBuf {
    let file = env::temp_dir().join(format!("xtask-{test}-{}", process::id()));
    let _ = fs::remove_file(&file);
    file
}

#[test]
fn an_item_that_outlives_its_time_may_clean_up() {
    let (control, file) = (Control::listen(), file_to_clean_up("time-limit"));
    let output = run(verify_misbehaving("hang, but clean up when asked", &good_report())
        .args(["--time-limit", "2s"])
        .env("FILE", &file)
        .env("CONTROL", control.address()));
    assert_one_failure(&output, &["ended after its time limit"]);
    assert!(!file.exists());
}

#[test]
fn when_verify_is_told_to_end_its_items_clean_up_and_end_too() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP, Signal::QUIT] {
        let (control, file) = (Control::listen(), file_to_clean_up(&format!("{signal:?}")));
        let verify = Running::start(
            verify_misbehaving("hang, but clean up when asked", &good_report())
                .env("FILE", &file)
                .env("CONTROL", control.address()),
        );
        // It connects when it has made its file.
        let (mut connection, _) = control.0.accept().expect("the item connects");
        assert!(file.exists());
        verify.signal_group(signal);
        let output = verify.wait();
        let ended_by = std::os::unix::process::ExitStatusExt::signal(&output.status);
        assert_eq!(ended_by, Some(signal.as_raw()), "{output:?}");
        assert!(!file.exists(), "{signal:?}");
        assert_eq!(connection.read(&mut [0]).expect("its other end is closed"), 0);
    }
}

#[test]
fn json_holds_every_check_and_the_sum() {
    let report = report_with("/steps/2/facts/found", json!(499));
    let output = run(verify_misbehaving("", &report).arg("--json"));
    assert_eq!(output.status.code(), Some(1));
    let json: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    assert_eq!((&json["passed"], &json["failed"]), (&json!(6), &json!(1)));
    let checks = json["checks"].as_array().expect("a list");
    assert_eq!(checks.len(), 7);
    assert!(checks.contains(&json!({
        "item": 9, "step": "lock", "check": "the lock loses nothing", "expected": "500", "found": "499",
        "source": "mutual exclusion", "passed": false,
    })));
}

#[test]
fn explained_each_row_says_why_it_must_hold() {
    let output = run(verify_misbehaving("", &good_report()).arg("--explain"));
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(stdout.lines().filter(|line| line.contains("because ")).count(), 7, "{stdout}");
}

/// All rows but the item's title, which says how long it took.
fn rows_of(report: &Value, flags: &[&str]) -> String {
    let output = run(verify_misbehaving("", report).args(flags));
    let stdout = String::from_utf8_lossy(&output.stdout);
    stdout.lines().filter(|line| !line.starts_with("Item 9")).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_row_says_what_was_found_what_it_must_be_and_when_asked_why_and_what_the_notes_found() {
    let mut report = good_report();
    report["steps"][1]["notes"] = json!({ "found": "367540" });
    let rows = "\
pass  it runs and reports               a report
pass  it leaves nothing running         nothing
pass  the race loses counts             367                 < 500
pass  the threads count at once         5 at once
pass  the lock loses nothing            500
pass  several cores compute             2                   >= 2
pass  each of its facts is judged       none unjudged

7 passed, 0 failed";
    assert_eq!(rows_of(&report, &[]), rows);
    let explained = rows_of(&report, &["--explain"]);
    let of_the_race = "\
pass  the race loses counts             367                 < 500
      because no lock
      notes: 367540
pass  the threads count at once         5 at once
      because they meet
pass";
    assert!(explained.contains(of_the_race), "{explained}");
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
    let output = run(verify_misbehaving("", &good_report()).arg("--explain"));
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(stdout.lines().all(|line| line.chars().count() <= 80), "{stdout}");
    assert!(!stdout.contains('\x1b') && output.stderr.is_empty(), "no progress into a pipe");
}

/// What a terminal of so many `columns` shows, where the notes say so about the race.
fn on_terminal_of(columns: u16, notes: &str, flags: &[&str]) -> String {
    let mut report = good_report();
    report["steps"][1]["notes"] = json!({ "found": notes });
    on_terminal(verify_misbehaving("", &report).args(flags), columns)
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
    assert_eq!(below, (row.into(), "      because no lock".into()));
    assert_eq!(race(119, &fits, &[]).0, row);
    assert_eq!(race(80, "1", &[]).0, row);
    // A narrow terminal breaks the lines itself.
    assert_eq!(race(40, "1", &[]).0, row);
}

#[test]
fn a_line_of_progress_says_what_runs_and_is_gone_when_it_has() {
    let shown = on_terminal_of(80, "", &[]);
    let (progress, rest) = shown.split_once("\u{1b}[1mItem 9").expect("the title stands out");
    assert_eq!(progress, "\r\u{1b}[Krunning 9 ...\r\u{1b}[K");
    assert!(!rest.contains("running 9"), "{rest}");
    assert!(!on_terminal_of(80, "", &["--json"]).contains('\u{1b}'), "nothing beside the JSON");
}

#[test]
fn repeating_judges_every_round() {
    let output = run(verify_misbehaving("", &good_report()).args(["--repeat", "3"]));
    let stdout = String::from_utf8_lossy(&output.stdout);
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
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{stdout}");
}
