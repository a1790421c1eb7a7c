//! `--watch`, as somebody meets it who saves one thing after the other, in a copy of the workspace.

// Linux tells which processes are whose children.
#![cfg(target_os = "linux")]

mod copied;

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use copied::{Copied, LIMIT};
use exercise::exercises::exercises;
use exercise::source::{bodies, replaced};
use rustix::process::Signal;
use testing::{Running, assert_ended, children_of, eventually};

/// All lines up to the first that begins so.
#[track_caller]
fn until(begin: &str, lines: &Receiver<String>) -> String {
    let mut all = String::new();
    loop {
        let Ok(line) = lines.recv_timeout(Duration::from_secs(300)) else {
            panic!("no line begins with {begin:?} after this: {all}")
        };
        all.push_str(&line);
        all.push('\n');
        if line.starts_with(begin) {
            return all;
        }
    }
}

#[test]
fn what_is_saved_is_judged_until_it_is_solved_and_ctrl_c_leaves_no_process_and_the_file_as_it_is() {
    // One that no test is about: that would be built of what was saved meanwhile.
    let exercise = exercises().find(|exercise| exercise.name == "53-calls").unwrap();
    let copied = Copied::make();
    let (file, original) = copied.begin(exercise);
    let right = format!("{original}// Mine.\n");
    let wrong = exercise.wrong[1].of(&original).unwrap();
    let broken = original.replace("pub fn", "pub fun");
    // Right, too, but the item does not end before the test has made a file.
    let go_on = copied.root.join(".exercise").join("go-on");
    let _ = fs::remove_file(&go_on);
    let body = bodies(&original, &["at_once"]).unwrap();
    let waits = format!(
        "{{ let pause = std::time::Duration::from_millis(1); while \
         !std::path::Path::new({go_on:?}).exists() {{ std::thread::sleep(pause); }} {}",
        original[body[0].clone()].trim_start_matches('{')
    );
    let waits = replaced(&original, &body, &[waits]);
    let watch = || Running::start(&mut copied.exercise(LIMIT, &[exercise.name, "--watch"]));

    // Some editors have removed the file for a moment.
    let cut = fs::read_to_string(&file).unwrap();
    fs::remove_file(&file).unwrap();
    let mut watching = watch();
    let lines = watching.lines();
    assert!(until("Waiting", &lines).contains("cannot read src/calls.rs"));
    fs::write(&file, &cut).unwrap();
    assert!(until("Waiting", &lines).contains("still to do: at_once"));

    // Others write another file, and rename it.
    let other = file.with_extension("new");
    fs::write(&other, wrong).unwrap();
    fs::rename(&other, &file).unwrap();
    let verdict = until("Waiting", &lines);
    assert!(verdict.contains("pass  it compiles") && verdict.contains("FAIL"), "{verdict}");

    fs::write(&file, &broken).unwrap();
    until("FAIL  it compiles", &lines);

    // Solved, but it is not what is in the file any more.
    until("Waiting", &lines);
    fs::write(&file, &waits).unwrap();
    until("pass  it is written", &lines);
    fs::write(&file, &broken).unwrap();
    fs::write(&go_on, "").unwrap();
    let verdict = until("It has changed", &lines);
    assert!(verdict.contains("Solved"), "{verdict}");
    until("FAIL  it compiles", &lines);
    until("Waiting", &lines);

    // Ctrl-C while the item runs.
    fs::remove_file(&go_on).unwrap();
    fs::write(&file, &waits).unwrap();
    until("pass  it is written", &lines);
    let item = eventually("the item runs", || children_of(watching.pid()).pop());
    watching.signal(Signal::INT);
    assert_eq!(watching.wait().status.signal(), Some(2));
    assert_ended(item);
    assert_eq!(fs::read_to_string(&file).unwrap(), waits);

    fs::write(&file, right).unwrap();
    let output = watch().wait();
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8(output.stdout).unwrap().contains("\nSolved"));
}
