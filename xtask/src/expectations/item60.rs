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
const HANDLES: Step = step("handles_dropped");
const SET: Step = step("set_dropped");

pub fn item() -> Item {
    let latencies =
        |step: Step| ratio(step.fact("generation_s"), step.fact("latency_s"), "latencies");
    let (threads, reserved, resident) = (
        HUGE.fact("threads_of_process"),
        HUGE.fact("reserved_bytes_each"),
        HUGE.fact("resident_bytes_each"),
    );
    let begun = |claim, step: Step| {
        check(claim, step.fact("calls_begun"), is(45))
            .because("each of 45 tasks has begun its call")
    };
    let checks = vec![
        right("awaited in turn: 2 right grids", IN_TURN).in_words("2 grids agree"),
        check("in turn: calls open at once", IN_TURN.overlap(), is(1))
            .because("each call is awaited before the next one begins"),
        check("in turn: 45 latencies of waiting", latencies(IN_TURN), at_least(45))
            .because("no call ends before its time"),
        right("every cell of 5 grids is right", TASKS).in_words("5 grids agree"),
        check("tasks in a call at once", TASKS.overlap(), at_least(2))
            .because("a task that waits gives its thread to the others"),
        check("threads that run these tasks", TASKS.fact("threads"), is(1))
            .because("the runtime has this one thread"),
        right("every cell of the large grid", LARGE).in_words("2 grids agree"),
        check("tasks alive at the same time", HUGE.fact("tasks_alive"), is(100_000))
            .because("no task ends before all have made their calls"),
        check("calls made by then", HUGE.fact("calls_made"), is(100_000))
            .because("the tasks meet after their calls"),
        check("threads of the process then", threads, is(1))
            .because("the tasks share one thread")
            .unless(threads, is_text(), "{}"),
        right("every cell of the huge grid", HUGE).in_words("2 grids agree"),
        check("100,000 calls wait a latency", latencies(HUGE), at_least(1))
            .because("no call ends before its time"),
        check("100,000 calls do not add up", latencies(HUGE), below(1000))
            .because("one after the other they would take 100,000"),
        check("memory in use for each task", resident, below(4096))
            .because("a task keeps its variables and needs no stack: less than a page")
            .in_python(Python::ANY, "a coroutine, its frame and its task take a page or more")
            .unless(resident, is_text(), "{}"),
        check("memory reserved for each task", reserved, below(16_384))
            .because("less than the smallest stack of a thread, 16 KiB")
            .unless(reserved, is_text(), "{}"),
        check("the error that ends a generation", FAILURE.fact("error"), is(REFUSED))
            .because("`join_next` returns what the task returned"),
        check("calls open at that moment", FAILURE.fact("calls_open_then"), is(44))
            .because("45 calls of a minute have begun, and one was refused"),
        check("tasks cancelled after it", FAILURE.fact("tasks_cancelled"), is(44))
            .because("all that are left, each at the `await` where it waits"),
        check("calls open after that", FAILURE.fact("calls_open_after"), is(0))
            .because("a cancelled task drops what it holds, such as its call"),
        check(
            "the end comes before the minute",
            FAILURE.fact("elapsed_s"),
            below(its("latency_s")),
        )
        .because("a call ends with its task"),
        begun("handles dropped: calls begun", HANDLES),
        check("handles dropped: answers", HANDLES.fact("answers_after"), is(45))
            .because("a task without a handle is detached, and goes on"),
        begun("set dropped: calls begun", SET),
        check("set dropped: answers", SET.fact("answers_after"), is(0))
            .because("a set that is dropped cancels its tasks")
            .in_python(
                Python::ANY,
                "no object of Python owns tasks: the event loop goes on with them",
            ),
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
            ("threads of the process then", "threads_of_process"),
            ("memory in use for each task", "resident_bytes_each"),
            ("memory reserved for each task", "reserved_bytes_each"),
        ] {
            assert_eq!(outcome(&item(), claim, &json!({ name: 1 })), Outcome::Passed);
            assert_eq!(outcome(&item(), claim, &json!({ name: 20_000 })), Outcome::Failed);
            let told = outcome(&item(), claim, &json!({ name: unknown }));
            assert_eq!(told, Outcome::Skipped(unknown.into()));
        }
    }
}
