//! Item 62: what its report must say.

use crate::judge::{Item, Load, Step, at_least, check, is, step};

const THREADS: Step = step("threads");
const SPAWN_BLOCKING: Step = step("spawn_blocking");
const TASKS: Step = step("tasks");

pub fn item() -> Item {
    let checks = vec![
        check(
            "threads merge every line",
            THREADS.fact("merged"),
            is(THREADS.fact("written")),
            "a file keeps all that is appended",
        ),
        check(
            "none is missing",
            THREADS.fact("missing"),
            is(0),
            "a follower reads on where it stopped",
        ),
        check("none is torn", THREADS.fact("torn"), is(0), "half a line waits for its newline"),
        check(
            "though halves were met",
            THREADS.fact("half_lines_seen"),
            at_least(1),
            "each line is written in two parts",
        ),
        check(
            "each file keeps its order",
            THREADS.fact("out_of_order"),
            is(0),
            "one follower for each file",
        ),
        check(
            "pool threads merge every line",
            SPAWN_BLOCKING.fact("merged"),
            is(SPAWN_BLOCKING.fact("written")),
            "a file keeps all that is appended",
        ),
        check(
            "none is missing",
            SPAWN_BLOCKING.fact("missing"),
            is(0),
            "a follower reads on where it stopped",
        ),
        check(
            "none is torn",
            SPAWN_BLOCKING.fact("torn"),
            is(0),
            "half a line waits for its newline",
        ),
        check(
            "though halves were met",
            SPAWN_BLOCKING.fact("half_lines_seen"),
            at_least(1),
            "each line is written in two parts",
        ),
        check(
            "each file keeps its order",
            SPAWN_BLOCKING.fact("out_of_order"),
            is(0),
            "one follower for each file",
        ),
        check(
            "tasks merge every line",
            TASKS.fact("merged"),
            is(TASKS.fact("written")),
            "a file keeps all that is appended",
        ),
        check(
            "none is missing",
            TASKS.fact("missing"),
            is(0),
            "a follower reads on where it stopped",
        ),
        check("none is torn", TASKS.fact("torn"), is(0), "half a line waits for its newline"),
        check(
            "though halves were met",
            TASKS.fact("half_lines_seen"),
            at_least(1),
            "each line is written in two parts",
        ),
        check(
            "each file keeps its order",
            TASKS.fact("out_of_order"),
            is(0),
            "one follower for each file",
        ),
    ];
    Item::new(62, "item62-mix", Load::Waits, checks)
}
