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
        check("the write is slow", DIRECT.fact("write_s"), at_least(0.5))
            .because("it waits that long"),
        check("a write on the loop stops it", DIRECT.fact("beats_during_write"), is(0))
            .because("one thread can't do two things"),
        check(
            "for as long as the write takes",
            DIRECT.fact("longest_gap_s"),
            at_least(its("write_s")),
        )
        .because("no beat before the write has ended"),
        check("it is as slow in a thread", THREAD.fact("write_s"), at_least(0.5))
            .because("it waits that long"),
        check("the loop goes on beside a thread", THREAD.fact("beats_during_write"), at_least(3))
            .because(
                "the write is ten beats long, and nothing on the loop blocks; a round in which \
                 the machine kept the loop from the processor is repeated, up to twenty times",
            )
            .unless(stood_still, at_least(TWO_BEATS_S), STOOD_STILL),
        check("its longest gap is far shorter", gaps, at_least(2))
            .because(
                "as above; where the write blocks the loop there is no gap shorter than it, in \
                 any round",
            )
            .unless(stood_still, at_least(TWO_BEATS_S), STOOD_STILL),
        check("what is written is there", DIRECT.fact("file_holds"), the_line)
            .because("it was awaited"),
        check("both write the same", THREAD.fact("file_holds"), is(DIRECT.fact("file_holds")))
            .because("who writes does not matter"),
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
        for (claim, beats, gap) in [
            ("the loop goes on beside a thread", 0, 0.1),
            ("its longest gap is far shorter", 9, 0.5),
        ] {
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
