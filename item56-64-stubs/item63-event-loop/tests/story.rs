//! The program as its users run it.

use testing::{assert_kept, assert_wrong_usage};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item63-event-loop");

#[test]
fn the_program_keeps_the_contract_and_shows_the_beats_and_the_write() {
    let report = assert_kept(PROGRAM, &["--write", "20ms", "--beat", "2ms"]);
    assert_eq!(report.item, 63);
    for step in ["direct", "thread"].map(|step| report.step(step).unwrap()) {
        let of = |lane: &str| step.spans.iter().filter(|span| span.lane == lane).count();
        assert_eq!(of("writer"), 1, "{}", step.name);
        // A beat is a moment, in a lane of its own: three before the write, and three after it.
        assert!(of("heart") >= 6, "{}", step.name);
        // It is measured, not the flag repeated: the system wakes nobody too early, nor on the dot.
        let took = step.value("write_s").unwrap().as_f64().unwrap();
        assert!(took > 0.02, "{}: {took}", step.name);
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
        assert_refused(&output, 1, "cannot start the thread \"");
    }
}
