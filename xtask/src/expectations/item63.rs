//! Item 63: what its report must say.

use crate::judge::{Item, Load, Step, at_least, check, is, its, ratio, step};

const DIRECT: Step = step("direct");
const THREAD: Step = step("thread");

/// A thread that sleeps for a beat each time wakes after one, unless the machine stands still.
const TWO_BEATS_S: f64 = 0.1;
const STOOD_STILL: &str = "the machine stood still, in each round: for {} in the last";

pub fn item() -> Item {
    let stood_still = THREAD.fact("stood_still_s");
    let the_line = is("a line of the log");
    let gaps = ratio(THREAD.fact("write_s"), THREAD.fact("longest_gap_s"), "times");
    let checks = vec![
        check("the write takes its 500 ms", DIRECT.fact("write_s"), at_least(0.5))
            .because("the slow system call returns no earlier"),
        check("a write on the loop: no beat", DIRECT.fact("beats_during_write"), is(0))
            .because("the loop has one thread, and the write keeps it"),
        check(
            "the gap is as long as the write",
            DIRECT.fact("longest_gap_s"),
            at_least(its("write_s")),
        )
        .because("the heart can't beat before the write has ended"),
        check("a thread writes no faster", THREAD.fact("write_s"), at_least(0.5))
            .because("the thread makes the same call"),
        check("a write in a thread: beats go on", THREAD.fact("beats_during_write"), at_least(3))
            .because(
                "500 ms are ten beats of 50 ms, and nothing blocks the loop; a round in which the \
                 machine kept the loop from the processor is repeated, up to twenty times",
            )
            .unless(stood_still, at_least(TWO_BEATS_S), STOOD_STILL),
        check("no gap is half of the write", gaps, at_least(2))
            .because(
                "one round suffices, for a write that blocks the loop leaves a gap of its own \
                 length in every round; rounds are repeated as above",
            )
            .unless(stood_still, at_least(TWO_BEATS_S), STOOD_STILL),
        check("the line is in the file", DIRECT.fact("file_holds"), the_line)
            .because("the program looked after the write had ended"),
        check(
            "the thread writes the same",
            THREAD.fact("file_holds"),
            is(DIRECT.fact("file_holds")),
        )
        .because("the thread and the task call the same function"),
    ];
    Item::new(63, "item63-event-loop", Load::Waits, checks)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::expectations::outcome;
    use crate::verdict::Outcome;

    #[test]
    fn a_loop_that_stops_is_excused_where_a_thread_that_only_sleeps_was_held_up_as_well() {
        for (claim, beats, gap) in
            [("a write in a thread: beats go on", 0, 0.1), ("no gap is half of the write", 9, 0.5)]
        {
            let outcome = |stood_still_s: f64| {
                let facts = json!({ "write_s": 0.5, "beats_during_write": beats,
                                    "longest_gap_s": gap, "stood_still_s": stood_still_s });
                outcome(&item(), claim, &facts)
            };
            assert_eq!(outcome(0.06), Outcome::Failed, "{claim}: the write blocks the loop");
            assert!(matches!(outcome(0.55), Outcome::Skipped(_)), "{claim}");
        }
    }
}
