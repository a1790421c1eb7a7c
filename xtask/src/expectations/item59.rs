//! Item 59: what its report must say.

use super::street::{REFUSED, right};
use crate::judge::{Item, Load, Step, at_least, at_most, check, grows, is, its, ratio, step};

const POOL: Step = step("pool");
const FAILURE: Step = step("failure");
const SIZES: Step = step("sizes");
const LARGE: Step = step("large");
const STARVED: Step = step("starved");

pub fn item() -> Item {
    let latencies = |name| ratio(SIZES.fact(name), SIZES.fact("latency_s"), "latencies");
    let takes =
        |claim, name, turns: i32, why| check(claim, latencies(name), at_least(turns)).because(why);
    let busy = "the machine is busy: a generation took {}";
    let checks = vec![
        right("the grids are right", POOL).in_words("5 grids agree"),
        check("no thread is made on demand", POOL.fact("threads_started"), at_most(its("threads")))
            .because("a pool starts its threads once"),
        check("five calls at once, no more", POOL.overlap(), at_most(its("threads")))
            .because("the pool's size is the cap"),
        check("but more than one", POOL.overlap(), at_least(2))
            .because("a blocked thread holds up no other"),
        check("an error is a value", FAILURE.fact("error"), is(REFUSED))
            .because("install returns what the jobs return"),
        right("the same pool tries again", FAILURE).in_words("2 grids agree"),
        right("pools of any size: right grids", SIZES).in_words("5 grids agree"),
        takes("a pool of 1 takes 45 turns", "generation_with_1_s", 45, "one call at a time"),
        takes("a pool of 2 takes 23", "generation_with_2_s", 23, "two calls at a time"),
        takes("a pool of 5 takes 9", "generation_with_5_s", 9, "five calls at a time"),
        takes("a pool of 10 takes 5", "generation_with_10_s", 5, "ten calls at a time"),
        takes("a pool of 45 takes 1", "generation_with_45_s", 1, "no call ends before its time"),
        // An excuse is a time in which the smaller pool would have made its calls, too.
        check("a larger pool calls more at once", SIZES.fact("calls_at_once"), grows())
            .because("45 calls in less time than the smaller pool needs for them, so more at once")
            .unless(latencies("generation_with_2_s"), at_least(45), busy)
            .unless(latencies("generation_with_5_s"), at_least(22.5), busy)
            .unless(latencies("generation_with_10_s"), at_least(9), busy)
            .unless(latencies("generation_with_45_s"), at_least(4.5), busy),
        right("the large grid is right", LARGE).in_words("2 grids agree"),
        check("waiting tasks starve computing", STARVED.fact("waits_ended_first"), at_least(1))
            .because("each thread is taken until its wait ends"),
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
            outcome(&item(), "a larger pool calls more at once", &facts)
        };
        assert_eq!(outcome([1, 2, 5, 10, 45], 0.003), Outcome::Passed);
        assert_eq!(outcome([1, 2, 5, 10, 9], 0.008), Outcome::Failed);
        let reason = "the machine is busy: a generation took 41.5 latencies";
        assert_eq!(outcome([1, 2, 5, 10, 9], 0.083), Outcome::Skipped(reason.into()));
        assert_eq!(outcome([1, 2, 5, 10, 45], 0.083), Outcome::Passed);
    }
}
