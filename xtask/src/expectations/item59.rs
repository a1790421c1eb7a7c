//! Item 59: what its report must say.

use crate::judge::{Item, Load, Step, at_least, at_most, check, grows, is, ratio, step};

const POOL: Step = step("pool");
const FAILURE: Step = step("failure");
const SIZES: Step = step("sizes");
const LARGE: Step = step("large");
const STARVED: Step = step("starved");

pub fn item() -> Item {
    let right = |claim, step: Step| {
        let plainly = "a plain computation, the other way round";
        check(claim, step.fact("digest"), is(step.fact("reference")), plainly)
    };
    let takes = |claim, name, turns: i32, why| {
        let latencies = ratio(SIZES.fact(name), SIZES.fact("latency_s"), "latencies");
        check(claim, latencies, at_least(turns), why)
    };
    let checks = vec![
        right("the grids are right", POOL).in_words("5 grids agree"),
        check(
            "no thread is made on demand",
            POOL.fact("threads_started"),
            at_most(POOL.fact("threads")),
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
        right("the same pool tries again", FAILURE).in_words("2 grids agree"),
        right("pools of any size: right grids", SIZES).in_words("5 grids agree"),
        takes("a pool of 1 takes 45 turns", "generation_with_1_s", 45, "one call at a time"),
        takes("a pool of 2 takes 23", "generation_with_2_s", 23, "two calls at a time"),
        takes("a pool of 5 takes 9", "generation_with_5_s", 9, "five calls at a time"),
        takes("a pool of 10 takes 5", "generation_with_10_s", 5, "ten calls at a time"),
        takes("a pool of 45 takes 1", "generation_with_45_s", 1, "no call ends before its time"),
        check(
            "a larger pool calls more at once",
            SIZES.fact("calls_at_once"),
            grows(),
            "as long as there are cells to decide",
        ),
        right("the large grid is right", LARGE).in_words("2 grids agree"),
        check(
            "waiting tasks starve computing",
            STARVED.fact("waits_ended_first"),
            at_least(1),
            "each thread is taken until its wait ends",
        ),
    ];
    Item::new(59, "item59-pool", Load::Waits, checks)
}
