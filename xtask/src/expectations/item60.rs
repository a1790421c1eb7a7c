//! Item 60: what its report must say.

use crate::judge::{Item, Load, Step, at_least, below, check, is, ratio, step};

const TASKS: Step = step("tasks");
const LARGE: Step = step("large");
const LARGE_AT_ONCE: Step = step("large_at_once");
const HUGE_AT_ONCE: Step = step("huge_at_once");
const FAILURE: Step = step("failure");

pub fn item() -> Item {
    let checks = vec![
        check(
            "the grids are right",
            TASKS.fact("digest"),
            is(TASKS.fact("reference")),
            "a plain computation, the other way round",
        ),
        check(
            "all 45 calls at once",
            TASKS.overlap(),
            is(45),
            "every task begins before a timer fires",
        ),
        check(
            "the large grid is right",
            LARGE.fact("digest"),
            is(LARGE.fact("reference")),
            "a plain computation, the other way round",
        ),
        check(
            "10000 tasks alive at once",
            LARGE_AT_ONCE.fact("tasks_alive"),
            is(10_000),
            "none may end before all have called",
        ),
        check(
            "100000 tasks alive at once",
            HUGE_AT_ONCE.fact("tasks_alive"),
            is(100_000),
            "none may end before all have called",
        ),
        check(
            "on a single thread",
            HUGE_AT_ONCE.fact("threads_of_process"),
            is(1),
            "a task is no thread",
        ), // TODO excuse: memory_unknown
        check(
            "whose grid is right",
            HUGE_AT_ONCE.fact("digest"),
            is(HUGE_AT_ONCE.fact("reference")),
            "a plain computation, the other way round",
        ),
        check(
            "their waits last the latency",
            ratio(HUGE_AT_ONCE.fact("generation_s"), HUGE_AT_ONCE.fact("latency_s"), "times"),
            at_least(1),
            "no call ends before its time",
        ),
        check(
            "and do not add up",
            ratio(HUGE_AT_ONCE.fact("generation_s"), HUGE_AT_ONCE.fact("latency_s"), "times"),
            below(1000),
            "in a row they take 100000 latencies",
        ),
        check(
            "a task takes less than a page",
            HUGE_AT_ONCE.fact("resident_kib_each"),
            below(4),
            "it keeps its variables, not a stack",
        ), // TODO excuse: memory_unknown
        check(
            "a failing cell's error arrives",
            FAILURE.fact("error"),
            is("the call of cell 4,8 failed: connection refused"),
            "join_next returns what the task returned",
        ),
        check(
            "while the others wait",
            FAILURE.fact("calls_open_then"),
            is(44),
            "their calls take a minute",
        ),
        check(
            "they are all cancelled",
            FAILURE.fact("tasks_cancelled"),
            is(44),
            "at the await where they wait",
        ),
        check(
            "cleanly: no call stays open",
            FAILURE.fact("calls_open_after"),
            is(0),
            "a cancelled task drops what it holds",
        ),
        check(
            "nobody waits for the minute",
            FAILURE.fact("elapsed_s"),
            below(FAILURE.fact("latency_s")),
            "the calls end when their tasks do",
        ),
    ];
    Item::new(60, "item60-coroutines", Load::Waits, checks)
}
