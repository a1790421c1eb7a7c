//! The list of the nine items, and the table of five, as their readers run them.

use std::process::Command;

use testing::assert_wrong_usage;

const PROGRAM: &str = env!("CARGO_BIN_EXE_item56-64-stubs");

fn lines_of(arguments: &[&str]) -> Vec<String> {
    let output = Command::new(PROGRAM).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().map(str::to_owned).collect()
}

#[test]
fn without_arguments_it_lists_nine_items_and_their_commands() {
    let lines = lines_of(&[]);
    assert_eq!(lines.len(), 18);
    assert_eq!(lines[0], "56  Know How to Recognize When Concurrency Is Necessary");
    assert_eq!(lines[17], "    cargo run -p item64-parallelism");
}

// It runs the five programs; cargo builds those that have not been built.
#[test]
fn the_table_has_a_row_for_each_of_five_items_within_80_columns() {
    let lines = lines_of(&["compare"]);
    assert!(lines.iter().all(|line| line.chars().count() <= 80), "{lines:#?}");
    let items: Vec<&str> = lines.iter().map(|line| line[..2].trim()).collect();
    assert_eq!(items, ["", "", "56", "57", "58", "59", "60"]);
    assert!(lines[2].contains(">= 2 s"), "{}", lines[2]);
}

#[test]
fn a_word_that_is_no_task_is_refused() {
    assert_wrong_usage(PROGRAM, &["contrast"], "contrast");
}

// Only Linux tells whose children a process has.
#[cfg(target_os = "linux")]
#[test]
fn a_signal_ends_it_together_with_the_program_that_it_runs() {
    use std::os::unix::process::ExitStatusExt;
    use testing::{Running, assert_ended, children_of, eventually};

    let program = Running::start(Command::new(PROGRAM).arg("compare"));
    let child = eventually("a child", || children_of(program.pid()).first().copied());
    program.signal(rustix::process::Signal::TERM);
    assert_eq!(program.wait().status.signal(), Some(15));
    assert_ended(child);
}
