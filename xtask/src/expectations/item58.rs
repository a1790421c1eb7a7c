//! Item 58: what its report must say.

use crate::judge::{Item, Load, Step, at_least, at_most, check, is, ratio, step};

const QUEUE: Step = step("queue");
const PHASED: Step = step("phased");
const FAILURE: Step = step("failure");
const LARGE: Step = step("large");

pub fn item() -> Item {
    let checks = vec![
        check(
            "the grids are right",
            QUEUE.fact("digest"),
            is(QUEUE.fact("reference")),
            "a plain computation, the other way round",
        ),
        check(
            "five workers at once, no more",
            QUEUE.overlap(),
            at_most(QUEUE.fact("workers")),
            "a worker makes one call at a time",
        ),
        check(
            "but more than one",
            QUEUE.overlap(),
            at_least(2),
            "a blocked worker holds up no other",
        ),
        check(
            "so 45 cells take nine turns",
            ratio(QUEUE.fact("generation_s"), QUEUE.fact("latency_s"), "times"),
            at_least(9),
            "45 cells, 5 workers",
        ),
        check(
            "in two phases: the same grids",
            PHASED.fact("digest"),
            is(PHASED.fact("reference")),
            "a plain computation, the other way round",
        ),
        check(
            "each cell makes two calls",
            PHASED.fact("calls"),
            is(360),
            "2 stages, 45 cells, 4 generations",
        ),
        check(
            "the phases overlap",
            PHASED.overlap(),
            at_least(6),
            "a stage alone has five workers",
        ),
        check(
            "a failing cell gives a result",
            FAILURE.fact("results"),
            is(45),
            "a result for each cell, or it would hang",
        ),
        check(
            "which is an error",
            FAILURE.fact("error"),
            is("the call of cell 2,3 failed: connection refused"),
            "results carry errors",
        ),
        check(
            "the same workers try again",
            FAILURE.fact("digest_of_retry"),
            is(FAILURE.fact("reference")),
            "an error ends no worker",
        ),
        check(
            "the large grid is right",
            LARGE.fact("digest"),
            is(LARGE.fact("reference")),
            "a plain computation, the other way round",
        ),
    ];
    Item::new(58, "item58-queue", Load::Waits, checks)
}
