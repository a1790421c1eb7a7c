//! Item 59: what its report must say.

use super::street::{REFUSED, right};
use crate::judge::{
    Item, Load, Python, Step, at_least, at_most, check, grows, in_order, is, its, ratio, step,
};

const POOL: Step = step("pool");
const FAILURE: Step = step("failure");
const SIZES: Step = step("sizes");
const LARGE: Step = step("large");
const STARVED: Step = step("starved");
const NESTED: Step = step("nested");

/// The other job runs only after the one that waits for it has given up.
const BLOCKED: &[(&str, &str)] =
    &[("the job waits", "the job gives up"), ("the job gives up", "the other runs")];
/// It runs while that one waits.
const SCOPED: &[(&str, &str)] =
    &[("the job waits", "the other runs"), ("the other runs", "the job goes on")];

pub fn item() -> Item {
    let latencies = |name| ratio(SIZES.fact(name), SIZES.fact("latency_s"), "latencies");
    let takes =
        |claim, name, turns: i32, why| check(claim, latencies(name), at_least(turns)).because(why);
    let busy = "the machine is busy: a generation took {}";
    let checks = vec![
        right("every cell of 5 grids is right", POOL).in_words("5 grids agree"),
        check(
            "threads for all 4 generations",
            POOL.fact("threads_started"),
            at_most(its("threads")),
        )
        .because("a pool starts its threads once"),
        check("most threads in a call at once", POOL.overlap(), at_most(its("threads")))
            .because("the pool has five threads, and each makes one call at a time"),
        check("more than one in a call at once", POOL.overlap(), at_least(2))
            .because("a thread that waits stops no other"),
        check("`step` returns the call's error", FAILURE.fact("error"), is(REFUSED))
            .because("`install` returns what the jobs have returned"),
        right("the same pool: a second try", FAILURE).in_words("2 grids agree"),
        right("pools of 5 sizes: right grids", SIZES).in_words("5 grids agree"),
        takes(
            "a pool of 1 waits 45 latencies",
            "generation_with_1_s",
            45,
            "45 cells ÷ 1 = 45 rounds",
        ),
        takes(
            "a pool of 2 waits 23 latencies",
            "generation_with_2_s",
            23,
            "45 cells ÷ 2: 23 rounds",
        ),
        takes("a pool of 5 waits 9 latencies", "generation_with_5_s", 9, "45 cells ÷ 5 = 9 rounds"),
        takes(
            "a pool of 10 waits 5 latencies",
            "generation_with_10_s",
            5,
            "45 cells ÷ 10: 5 rounds",
        ),
        takes("a pool of 45 waits 1 latency", "generation_with_45_s", 1, "45 cells ÷ 45 = 1 round"),
        // An excuse is a time in which the smaller pool would have made its calls, too.
        check("calls at once in pools of 5 sizes", SIZES.fact("calls_at_once"), grows())
            .because(
                "a pool makes 45 calls faster than a smaller one could only by making more at once",
            )
            .unless(latencies("generation_with_2_s"), at_least(45), busy)
            .unless(latencies("generation_with_5_s"), at_least(22.5), busy)
            .unless(latencies("generation_with_10_s"), at_least(9), busy)
            .unless(latencies("generation_with_45_s"), at_least(4.5), busy),
        right("every cell of the large grid", LARGE).in_words("2 grids agree"),
        check("waits over before the computing", STARVED.fact("waits_ended_first"), at_least(1))
            .because("every thread of the pool waits, so the work can begin when a wait ends"),
        check("a job blocks on another one", NESTED.fact("order"), in_order(BLOCKED))
            .because("it keeps the one thread that the other job needs")
            .in_words("gives up first"),
        check("a job waits in a scope", step("scoped").fact("order"), in_order(SCOPED))
            .because("a thread that waits at the end of a scope does the other job meanwhile")
            .in_words("done meanwhile")
            .in_python(
                Python::ANY,
                "an executor has no such wait: whoever is outside it has to wait",
            ),
    ];
    Item::new(59, "item59-pool", Load::Waits, checks)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::expectations::outcome;
    use crate::verdict::Outcome;

    #[test]
    fn a_large_pool_that_was_kept_waiting_is_excused_only_if_it_took_that_long() {
        let outcome = |calls_at_once: [u32; 5], with_45_s: f64| {
            let facts = json!({
                "latency_s": 0.002,
                "generation_with_2_s": 0.048,
                "generation_with_5_s": 0.019,
                "generation_with_10_s": 0.011,
                "generation_with_45_s": with_45_s,
                "calls_at_once": calls_at_once,
            });
            outcome(&item(), "calls at once in pools of 5 sizes", &facts)
        };
        assert_eq!(outcome([1, 2, 5, 10, 45], 0.003), Outcome::Passed);
        assert_eq!(outcome([1, 2, 5, 10, 9], 0.008), Outcome::Failed);
        let reason = "the machine is busy: a generation took 41.5 latencies";
        assert_eq!(outcome([1, 2, 5, 10, 9], 0.083), Outcome::Skipped(reason.into()));
        assert_eq!(outcome([1, 2, 5, 10, 45], 0.083), Outcome::Passed);
    }
}
