//! Item 63 from outside.

use common::contract::{assert_kept, assert_wrong_usage, facts};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item63-event-loop");

#[test]
fn the_program_keeps_the_contract() {
    assert_eq!(assert_kept(PROGRAM, &["--write", "50ms"]).item, 63);
}

/// Whatever else the machine does: a loop that is blocked can't beat, and a loop that is not, does.
#[test]
fn a_write_on_the_loop_stops_the_heart_and_a_write_in_a_thread_does_not() {
    let facts = facts(PROGRAM, &["--write", "300ms"]);
    let number = |key: &str| facts[key].as_f64().unwrap();
    assert_eq!(facts["direct.beats_during_write"], 0);
    assert!(number("direct.longest_gap_s") >= 0.3);
    assert!(number("thread.beats_during_write") >= 3.0);
    assert!(number("thread.longest_gap_s") < number("direct.longest_gap_s") / 1.5);
}

#[test]
fn both_versions_write_the_same() {
    let facts = facts(PROGRAM, &["--write", "10ms", "--beat", "1ms"]);
    assert_eq!(facts["direct.file_holds"], "a line of the log");
    assert_eq!(facts["thread.file_holds"], facts["direct.file_holds"]);
}

#[test]
fn bad_values_are_refused() {
    for flags in [
        &["--beat", "0ms"][..],
        &["--beat", "-1ms"],
        &["--write", "5 parsecs"],
        &["--write", "1000y"],
        &["--no-such-flag"],
    ] {
        assert_wrong_usage(PROGRAM, flags, flags[0]);
    }
}
