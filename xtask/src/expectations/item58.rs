//! Item 58: what its report must say.

use super::street::{REFUSED, right};
use crate::judge::{Item, Load, Step, at_least, at_most, check, is, its, ratio, step};

const QUEUE: Step = step("queue");
const PHASED: Step = step("phased");
const MERGED: Step = step("merged");
const FAILURE: Step = step("failure");
const LARGE: Step = step("large");

pub fn item() -> Item {
    let latencies =
        |step: Step| ratio(step.fact("generation_s"), QUEUE.fact("latency_s"), "latencies");
    let checks = vec![
        right("the grids are right", QUEUE).in_words("5 grids agree"),
        check(
            "no thread is made on demand",
            QUEUE.fact("threads_started"),
            at_most(its("workers")),
        )
        .because("the workers outlive the generations"),
        check("five workers at once, no more", QUEUE.overlap(), at_most(its("workers")))
            .because("a worker makes one call at a time"),
        check("but more than one", QUEUE.overlap(), at_least(2))
            .because("a blocked worker holds up no other"),
        check("so 45 cells take nine turns", latencies(QUEUE), at_least(9))
            .because("45 cells, 5 workers; no call ends before its time"),
        right("in two phases: the same grids", PHASED).in_words("5 grids agree"),
        check("each cell makes two calls", PHASED.fact("calls"), is(360))
            .because("2 stages, 45 cells, 4 generations"),
        check("the phases overlap", PHASED.overlap(), at_least(6))
            .because("a stage alone has five workers"),
        check("ten workers at once, no more", PHASED.overlap(), at_most(its("workers")))
            .because("a worker makes one call at a time"),
        check("so that takes ten turns", latencies(PHASED), at_least(10))
            .because("nine turns of five; the second stage begins a turn later"),
        right("in one phase: the same grids", MERGED).in_words("5 grids agree"),
        check("and as many calls", MERGED.fact("calls"), is(360))
            .because("2 for each of 45 cells, 4 times"),
        check("of as many workers", MERGED.overlap(), at_most(its("workers")))
            .because("a worker makes one call at a time"),
        check("that takes ten turns, too", latencies(MERGED), at_least(10))
            .because("five turns of ten workers, of two calls each"),
        check("a failing cell gives a result", FAILURE.fact("results"), is(45))
            .because("a result for each cell, or it would hang"),
        check("which is an error", FAILURE.fact("error"), is(REFUSED))
            .because("results carry errors"),
        right("the same workers try again", FAILURE).in_words("2 grids agree"),
        right("the large grid is right", LARGE).in_words("2 grids agree"),
    ];
    Item::new(58, "item58-queue", Load::Waits, checks)
}
