//! Item 57: what its report must say.

use crate::judge::{Item, Load, Step, at_least, below, check, is, ratio, step};

const THREADS: Step = step("threads");
const LARGE: Step = step("large");
const FAILURE: Step = step("failure");

pub fn item() -> Item {
    let checks = vec![
        check(
            "the grids are right",
            THREADS.fact("digest"),
            is(THREADS.fact("reference")),
            "a plain computation, the other way round",
        ),
        check(
            "a new thread for each cell",
            THREADS.fact("threads_started"),
            is(180),
            "45 cells, 4 generations",
        ),
        check(
            "the calls overlap",
            THREADS.overlap(),
            at_least(2),
            "a blocked thread holds up no other",
        ),
        check(
            "10000 cells get 10000 threads",
            LARGE.fact("threads_started"),
            is(LARGE.fact("threads_wanted")),
            "or the system's refusal is told",
        ), // TODO excuse: threads_refused
        check(
            "whose grid is right",
            LARGE.fact("digest"),
            is(LARGE.fact("reference")),
            "a plain computation, the other way round",
        ), // TODO excuse: threads_refused
        check(
            "all alive at the same time",
            LARGE.fact("threads_of_process"),
            at_least(LARGE.fact("threads_started")),
            "none may end before all have begun",
        ), // TODO excuse: memory_unknown
        check(
            "each reserves a stack",
            LARGE.fact("reserved_kib_each"),
            at_least(1024),
            "std asks for 2 MiB, some of it reused",
        ), // TODO excuse: memory_unknown
        check(
            "and uses little of it",
            ratio(LARGE.fact("resident_kib_each"), LARGE.fact("reserved_kib_each"), "times"),
            below(0.1),
            "a page nobody writes to costs nothing",
        ), // TODO excuse: memory_unknown
        check(
            "a failing cell loses no thread",
            FAILURE.fact("threads_joined"),
            is(45),
            "the scope joins all of them",
        ),
        check(
            "and no other cell",
            FAILURE.fact("cells_decided"),
            is(44),
            "the others know nothing of it",
        ),
        check(
            "its error comes out of join",
            FAILURE.fact("error"),
            is("the call of cell 2,3 failed: connection refused"),
            "join returns what the thread returned",
        ),
    ];
    Item::new(57, "item57-fan-out", Load::Computes, checks)
}
