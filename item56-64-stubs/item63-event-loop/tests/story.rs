//! The program as its users run it. A loop that is blocked can't beat, and one that is not, does:
//! whatever else the machine has to do.

use testing::{assert_kept, assert_wrong_usage, facts};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item63-event-loop");

#[test]
fn the_program_keeps_the_contract() {
    assert_eq!(assert_kept(PROGRAM, &["--write", "50ms", "--beat", "5ms"]).item, 63);
}

#[test]
fn a_write_on_the_loop_stops_the_heart_and_a_write_in_a_thread_does_not() {
    let facts = facts(PROGRAM, &["--write", "300ms", "--beat", "10ms"]);
    let number = |key: &str| facts[key].as_f64().unwrap();
    assert_eq!(facts["direct.beats_during_write"], 0);
    assert!(number("direct.longest_gap_s") >= number("direct.write_s"));
    assert!(number("thread.beats_during_write") >= 3.0);
    assert!(number("thread.longest_gap_s") < number("direct.longest_gap_s") / 1.5);
}

/// The figure is measured, not the flag repeated: the system wakes nobody too early, nor on the dot.
#[test]
fn a_write_takes_longer_than_it_was_told_to() {
    let facts = facts(PROGRAM, &["--write", "30ms", "--beat", "1ms"]);
    for step in ["direct", "thread"] {
        let took = facts[&format!("{step}.write_s")].as_f64().unwrap();
        assert!(took > 0.03, "{step}: {took}");
    }
}

#[test]
fn both_versions_write_the_same() {
    let facts = facts(PROGRAM, &["--write", "10ms", "--beat", "1ms"]);
    assert_eq!(facts["direct.file_holds"], "a line of the log");
    assert_eq!(facts["thread.file_holds"], facts["direct.file_holds"]);
}

/// A beat is a moment, drawn in a lane of its own; what the write takes is in the writer's.
#[test]
fn the_lanes_show_the_beats_and_the_write() {
    let report = assert_kept(PROGRAM, &["--write", "20ms", "--beat", "2ms"]);
    for step in ["direct", "thread"] {
        let spans = &report.step(step).unwrap().spans;
        let of = |lane: &str| spans.iter().filter(|span| span.lane == lane).count();
        assert_eq!(of("writer"), 1, "{step}");
        // Three before the write, and three after it.
        assert!(of("heart") >= 6, "{step}");
    }
}

#[test]
fn bad_values_are_refused() {
    for flags in [
        &["--beat", "0ms"][..],
        &["--beat", "2s"],
        &["--beat", "-1ms"],
        &["--write", "11s"],
        &["--write", "5 parsecs"],
        &["--write", "1000y"],
        &["--no-such-flag"],
    ] {
        assert_wrong_usage(PROGRAM, flags, flags[0]);
    }
}

/// What only Linux limits in this way.
#[cfg(target_os = "linux")]
mod limits {
    use testing::{assert_refused, report, run_limited};

    use super::PROGRAM;

    const QUICKLY: [&str; 5] = ["--json", "--write", "20ms", "--beat", "2ms"];

    /// The runtime has the clock's driver alone, which needs no file: two are enough, for the written
    /// file and the slow system call's socket, beside the three standard streams.
    #[test]
    fn two_files_are_enough_and_one_is_told() {
        let too_few = run_limited("ulimit -n 4", PROGRAM, &QUICKLY);
        assert_refused(&too_few, 1, "cannot open a socket for the slow system call");
        report(&run_limited("ulimit -n 5", PROGRAM, &QUICKLY));
    }

    #[test]
    fn a_thread_that_the_system_refuses_is_told_in_one_line() {
        let limit = "export RUST_MIN_STACK=900000000; ulimit -v 500000";
        let output = run_limited(limit, PROGRAM, &QUICKLY);
        assert_refused(&output, 1, "cannot start the thread that writes");
    }
}
