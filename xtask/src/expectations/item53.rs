//! Item 53: what its report must say.

use super::witness::{computing_at_once, in_threads};
use crate::judge::{Item, Load, Python, Step, at_least, check, is, its, ratio, step};

const ONE_THREAD: Step = step("one_thread");
const THREADS: Step = step("threads");
const RAYON: Step = step("rayon");
const SQUARE_ROOT: Step = step("square_root");
const IN_A_ROW: Step = step("in_a_row");
const AT_ONCE: Step = step("at_once");

const AT_ONCE_ON_LINUX: &str =
    "Linux takes the notes' fresh TCP socket for one that has hung up: select returns at once";

/// Five of these take as long as half of a call.
const SLOW_STARTS: &str = "to start a thread takes {}";

/// Half of the time that a call waits.
const HALF_A_CALL_S: f64 = 0.05;

pub fn item() -> Item {
    let factors = ONE_THREAD.fact("factors");
    let divisions = ONE_THREAD.fact("divisions");
    let thread_start = AT_ONCE.fact("thread_start_s");
    let in_pairs = ratio(divisions, SQUARE_ROOT.fact("divisions"), "times");
    let checks = vec![
        check("divisions = sum of the numbers", divisions, is(ONE_THREAD.fact("sum_of_numbers")))
            .because("each number n is divided by 1, 2, … n, which is n divisions"),
        check("threads find the same factors", THREADS.fact("factors"), is(factors))
            .because("the divisions are the same"),
        check("rayon finds the same factors", RAYON.fact("factors"), is(factors))
            .because("the divisions are the same"),
        check("up to the root: the same factors", SQUARE_ROOT.fact("factors"), is(factors))
            .because("factors come in pairs, and one of each pair is not above the root"),
        check("1000 times fewer divisions", in_pairs, at_least(1000))
            .because("n divided by its root is more than 1000 where n is above 1,000,000"),
        in_threads(THREADS),
        computing_at_once("rayon uses several cores", RAYON, "no global interpreter lock"),
        check("in a row: 1 call at a time", IN_A_ROW.overlap(), is(1))
            .because("each begins when the last has ended"),
        check(
            "in a row: 5 × 100 ms at least",
            IN_A_ROW.fact("elapsed_s"),
            at_least(its("sum_of_waits_s")),
        )
        .because("each call waits for 100 ms, and only then comes the next")
        .in_python(Python::ANY, AT_ONCE_ON_LINUX),
        check("in threads: 5 calls at once", AT_ONCE.overlap_of("wait"), is(its("calls")))
            .because("a thread that waits does not keep another one from waiting")
            .in_python(Python::ANY, AT_ONCE_ON_LINUX)
            .unless(thread_start, at_least(HALF_A_CALL_S / 5.0), SLOW_STARTS),
        check(
            "main computes while calls wait",
            AT_ONCE.fact("computations_meanwhile"),
            is(its("computed")),
        )
        .because("the main thread computes before it waits for the other threads")
        .in_python(Python::ANY, AT_ONCE_ON_LINUX)
        .unless(
            AT_ONCE.fact("computing_s"),
            at_least(HALF_A_CALL_S),
            "the machine is busy: the computations took {}",
        )
        .unless(thread_start, at_least(HALF_A_CALL_S / 5.0), SLOW_STARTS),
    ];
    Item::new(53, "item53-blocking-io", Load::TakesAll, checks)
        .headline(ONE_THREAD, "elapsed_s")
        .headline(THREADS, "elapsed_s")
        .headline(AT_ONCE, "elapsed_s")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::expectations::outcome;
    use crate::verdict::Outcome;

    #[test]
    fn only_a_main_thread_that_others_held_up_is_excused() {
        let outcome = |meanwhile: u32, computing_s: f64, thread_start_s: f64| {
            let facts = json!({ "computed": 5, "computations_meanwhile": meanwhile,
                                "computing_s": computing_s, "thread_start_s": thread_start_s });
            outcome(&item(), "main computes while calls wait", &facts)
        };
        assert_eq!(outcome(5, 0.0004, 0.0001), Outcome::Passed);
        assert_eq!(outcome(5, 0.09, 0.02), Outcome::Passed, "nothing to excuse");
        assert_eq!(outcome(0, 0.0004, 0.001), Outcome::Failed, "it waited first");
        let slow = "to start a thread takes 20 ms";
        assert_eq!(outcome(0, 0.0004, 0.02), Outcome::Skipped(slow.into()));
        let busy = "the machine is busy: the computations took 120 ms";
        assert_eq!(outcome(3, 0.12, 0.0001), Outcome::Skipped(busy.into()));
    }
}
