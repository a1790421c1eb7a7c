//! Item 53: what its report must say.

use super::witness::computing_at_once;
use crate::judge::{Item, Load, Step, at_least, check, is, ratio, step};

const ONE_THREAD: Step = step("one_thread");
const THREADS: Step = step("threads");
const RAYON: Step = step("rayon");
const SQUARE_ROOT: Step = step("square_root");
const IN_A_ROW: Step = step("in_a_row");
const AT_ONCE: Step = step("at_once");

const AT_ONCE_ON_LINUX: &str =
    "Linux takes the notes' fresh TCP socket for one that has hung up: select returns at once";

pub fn item() -> Item {
    let factors = ONE_THREAD.fact("factors");
    let divisions = ONE_THREAD.fact("divisions");
    let checks = vec![
        check(
            "1..=n is tried for each number",
            divisions,
            is(ONE_THREAD.fact("sum_of_numbers")),
            "trial division over 1..=n divides n times",
        ),
        check(
            "threads find the same factors",
            THREADS.fact("factors"),
            is(factors),
            "the work is the same",
        ),
        check(
            "rayon finds the same factors",
            RAYON.fact("factors"),
            is(factors),
            "the work is the same",
        ),
        check(
            "so does the better algorithm",
            SQUARE_ROOT.fact("factors"),
            is(factors),
            "divisors come in pairs around the root",
        ),
        check(
            "which divides far less",
            ratio(divisions, SQUARE_ROOT.fact("divisions"), "times"),
            at_least(1000),
            "n / root n is more than 1000 for n > 1000000",
        ),
        computing_at_once("threads use several cores", THREADS, "no global interpreter lock"),
        computing_at_once("rayon uses several cores", RAYON, "no global interpreter lock"),
        check(
            "in a row, no calls overlap",
            IN_A_ROW.overlap(),
            is(1),
            "each begins when the last has ended",
        ),
        check(
            "their waits add up",
            IN_A_ROW.fact("elapsed_s"),
            at_least(IN_A_ROW.fact("sum_of_waits_s")),
            "five waits one after the other",
        )
        .in_python(AT_ONCE_ON_LINUX),
        check(
            "in threads, all overlap",
            AT_ONCE.overlap_of("wait"),
            is(AT_ONCE.fact("calls")),
            "a blocked thread holds up no other",
        )
        .in_python(AT_ONCE_ON_LINUX),
        check(
            "main computes meanwhile",
            AT_ONCE.fact("computed_meanwhile"),
            at_least(1),
            "computing needs no answer to the calls; a busy machine may leave room for fewer than five",
        )
        .in_python(AT_ONCE_ON_LINUX),
    ];
    Item::new(53, "item53-blocking-io", Load::Computes, checks)
        .headline(ONE_THREAD, "elapsed_s")
        .headline(THREADS, "elapsed_s")
        .headline(AT_ONCE, "elapsed_s")
}
