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
        right("every cell of 5 grids is right", QUEUE).in_words("5 grids agree"),
        check(
            "threads for all 4 generations",
            QUEUE.fact("threads_started"),
            at_most(its("workers")),
        )
        .because("the five workers decide all generations"),
        check("most workers in a call at once", QUEUE.overlap(), at_most(its("workers")))
            .because("a worker makes one call at a time"),
        check("more than one in a call at once", QUEUE.overlap(), at_least(2))
            .because("a worker that waits stops no other"),
        check("a generation: 9 latencies or more", latencies(QUEUE), at_least(9))
            .because("45 cells ÷ 5 workers = 9 rounds, none shorter than the latency"),
        right("two stages: 5 grids are right", PHASED).in_words("5 grids agree"),
        check("two stages: calls made", PHASED.fact("calls"), is(360))
            .because("2 for each of 45 cells × 4 generations"),
        check("two stages: workers at once", PHASED.overlap(), at_least(6))
            .because("six or more are of both stages, for a stage has five workers"),
        check("two stages: workers at most", PHASED.overlap(), at_most(its("workers")))
            .because("a worker makes one call at a time"),
        check("two stages: 10 latencies or more", latencies(PHASED), at_least(10))
            .because("9 rounds of the first stage; the second begins one round later"),
        right("one stage: 5 grids are right", MERGED).in_words("5 grids agree"),
        check("one stage: calls made", MERGED.fact("calls"), is(360))
            .because("2 for each of 45 cells × 4 generations, as in two stages"),
        check("one stage: workers at most", MERGED.overlap(), at_most(its("workers")))
            .because("a worker makes one call at a time"),
        check("one stage: 10 latencies or more", latencies(MERGED), at_least(10))
            .because("45 cells ÷ 10 workers = 5 rounds of 2 calls"),
        check("results, one call refused", FAILURE.fact("results"), is(45))
            .because("one for each of 45 cells; whoever collects waits for all"),
        check("the refused cell's result", FAILURE.fact("error"), is(REFUSED))
            .because("a worker has no caller, so it sends the error as a result"),
        right("the same workers: a second try", FAILURE).in_words("2 grids agree"),
        right("every cell of the large grid", LARGE).in_words("2 grids agree"),
    ];
    Item::new(58, "item58-queue", Load::Waits, checks)
}
