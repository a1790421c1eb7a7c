//! Item 59: what its report must say.

use crate::judge::{Item, Load, Step, at_least, at_most, check, grows, is, ratio, step};

const POOL: Step = step("pool");
const FAILURE: Step = step("failure");
const SIZES: Step = step("sizes");
const LARGE: Step = step("large");
const STARVED: Step = step("starved");

pub fn item() -> Item {
    let checks = vec![
        check(
            "the grids are right",
            POOL.fact("digest"),
            is(POOL.fact("reference")),
            "a plain computation, the other way round",
        ),
        check(
            "no thread is made on demand",
            POOL.fact("threads_started"),
            is(POOL.fact("threads")),
            "a pool starts its threads once",
        ),
        check(
            "five calls at once, no more",
            POOL.overlap(),
            at_most(POOL.fact("threads")),
            "the pool's size is the cap",
        ),
        check(
            "but more than one",
            POOL.overlap(),
            at_least(2),
            "a blocked thread holds up no other",
        ),
        check(
            "an error is a value",
            FAILURE.fact("error"),
            is("the call of cell 2,3 failed: connection refused"),
            "install returns what the jobs return",
        ),
        check(
            "the same pool tries again",
            FAILURE.fact("digest_of_retry"),
            is(FAILURE.fact("reference")),
            "an error ends no thread",
        ),
        check(
            "pools of any size: right grids",
            SIZES.fact("digest"),
            is(SIZES.fact("reference")),
            "a plain computation, the other way round",
        ),
        check(
            "a pool of 1 takes 45 turns",
            ratio(SIZES.fact("generation_with_1_s"), SIZES.fact("latency_s"), "times"),
            at_least(45),
            "one call at a time",
        ),
        check(
            "a pool of 2 takes 23",
            ratio(SIZES.fact("generation_with_2_s"), SIZES.fact("latency_s"), "times"),
            at_least(23),
            "two calls at a time",
        ),
        check(
            "a pool of 5 takes 9",
            ratio(SIZES.fact("generation_with_5_s"), SIZES.fact("latency_s"), "times"),
            at_least(9),
            "five calls at a time",
        ),
        check(
            "a pool of 10 takes 5",
            ratio(SIZES.fact("generation_with_10_s"), SIZES.fact("latency_s"), "times"),
            at_least(5),
            "ten calls at a time",
        ),
        check(
            "a larger pool calls more at once",
            SIZES.fact("calls_at_once"),
            grows(),
            "as long as there are cells to decide",
        ),
        check(
            "the large grid is right",
            LARGE.fact("digest"),
            is(LARGE.fact("reference")),
            "a plain computation, the other way round",
        ),
        check(
            "waiting tasks starve computing",
            STARVED.fact("waits_ended_first"),
            at_least(1),
            "each thread is taken until its wait ends",
        ),
    ];
    Item::new(59, "item59-pool", Load::Waits, checks)
}
