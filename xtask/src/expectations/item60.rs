//! Item 60: what its report must say.

use super::street::{REFUSED, right};
use crate::judge::{
    Item, Load, Python, Step, at_least, below, check, is, is_text, its, ratio, step,
};

const IN_TURN: Step = step("in_turn");
const TASKS: Step = step("tasks");
const LARGE: Step = step("large");
const HUGE: Step = step("huge_at_once");
const FAILURE: Step = step("failure");

pub fn item() -> Item {
    let latencies =
        |step: Step| ratio(step.fact("generation_s"), step.fact("latency_s"), "latencies");
    let (threads, reserved, resident) = (
        HUGE.fact("threads_of_process"),
        HUGE.fact("reserved_bytes_each"),
        HUGE.fact("resident_bytes_each"),
    );
    let checks = vec![
        right("awaited in turn: the same grids", IN_TURN).in_words("2 grids agree"),
        check("one call at a time", IN_TURN.overlap(), is(1))
            .because("each is awaited before the next"),
        check("so 45 waits add up", latencies(IN_TURN), at_least(45))
            .because("no call ends before its time"),
        right("the grids are right", TASKS).in_words("5 grids agree"),
        check("the calls overlap", TASKS.overlap(), at_least(2))
            .because("a waiting task holds up no other"),
        check("in tasks of one thread", TASKS.fact("threads"), is(1))
            .because("the runtime has no other"),
        right("the large grid is right", LARGE).in_words("2 grids agree"),
        check("100000 tasks alive at once", HUGE.fact("tasks_alive"), is(100_000))
            .because("none may end before all have called"),
        check("when all have made their calls", HUGE.fact("calls_made"), is(100_000))
            .because("they meet after their calls"),
        check("on a single thread", threads, is(1)).because("a task is no thread").unless(
            threads,
            is_text(),
            "{}",
        ),
        right("whose grid is right", HUGE).in_words("2 grids agree"),
        check("their waits last the latency", latencies(HUGE), at_least(1))
            .because("no call ends before its time"),
        check("and do not add up", latencies(HUGE), below(1000))
            .because("in a row they take 100000 latencies"),
        check("a task takes less than a page", resident, below(4096))
            .because("it keeps its variables, not a stack")
            .in_python(Python::ANY, "a coroutine, its frame and its task take a page or more")
            .unless(resident, is_text(), "{}"),
        check("and reserves no stack", reserved, below(16_384))
            .because("the smallest stack has 16 KiB")
            .unless(reserved, is_text(), "{}"),
        check("a failing cell's error arrives", FAILURE.fact("error"), is(REFUSED))
            .because("join_next returns what the task returned"),
        check("while the 44 others wait", FAILURE.fact("calls_open_then"), is(44))
            .because("all have begun calls of a minute"),
        check("they are all cancelled", FAILURE.fact("tasks_cancelled"), is(44))
            .because("at the await where they wait"),
        check("cleanly: no call stays open", FAILURE.fact("calls_open_after"), is(0))
            .because("a cancelled task drops what it holds"),
        check("nobody waits for the minute", FAILURE.fact("elapsed_s"), below(its("latency_s")))
            .because("the calls end when their tasks do"),
    ];
    Item::new(60, "item60-coroutines", Load::Waits, checks)
        .headline(TASKS, "generation_s")
        .headline(LARGE, "generation_s")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::expectations::outcome;
    use crate::verdict::Outcome;

    #[test]
    fn what_only_linux_knows_is_excused_elsewhere_and_nowhere_else() {
        let unknown = "known on Linux only";
        for (claim, name) in [
            ("on a single thread", "threads_of_process"),
            ("a task takes less than a page", "resident_bytes_each"),
            ("and reserves no stack", "reserved_bytes_each"),
        ] {
            assert_eq!(outcome(&item(), claim, &json!({ name: 1 })), Outcome::Passed);
            assert_eq!(outcome(&item(), claim, &json!({ name: 20_000 })), Outcome::Failed);
            let told = outcome(&item(), claim, &json!({ name: unknown }));
            assert_eq!(told, Outcome::Skipped(unknown.into()));
        }
    }
}
