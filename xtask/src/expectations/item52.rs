//! Item 52: what its report must say.

use crate::judge::{Item, Load, Step, at_least, below, check, each, is, step};

const RUN: Step = step("run");
const POLL: Step = step("poll");
const PARALLEL: Step = step("parallel");
const PIPELINES: Step = step("pipelines");
const TIMEOUT: Step = step("timeout");
const FLOOD: Step = step("flood");
const END: Step = step("end");

pub fn item() -> Item {
    let checks = vec![
        check(
            "echo's output is captured",
            RUN.fact("output"),
            is("hello from subprocess!"),
            "the notes' figure",
        ),
        check(
            "a failing child is an error",
            RUN.fact("failing_child"),
            is("an error"),
            "duct checks, unless told not to",
        ),
        check(
            "its exit code is known",
            RUN.fact("failing_status"),
            is(3),
            "the child exits with 3",
        ),
        check(
            "work is done while sleep runs",
            POLL.fact("units"),
            at_least(1),
            "sleep 1 can't end before the first poll",
        ),
        check("sleep ends well", POLL.fact("status"), is(0), "the notes' figure"),
        check(
            "ten children run at once",
            PARALLEL.fact("running_at_once"),
            is(10),
            "the first sleeps when the last is started",
        ),
        check(
            "their lives overlap",
            PARALLEL.overlap(),
            is(10),
            "all are started before one is waited for",
        ),
        check("all ten end well", PARALLEL.fact("statuses"), each(10, 0), "sleep 1 exits with 0"),
        check(
            "ten at once take a second",
            PARALLEL.fact("elapsed_s"),
            at_least(1),
            "sleep 1 can't take less",
        ),
        check(
            "and not ten",
            PARALLEL.fact("elapsed_s"),
            below(10),
            "one after the other can't take less",
        ),
        check(
            "six pipeline children at once",
            PIPELINES.fact("running_at_once"),
            is(6),
            "no input ends before all six have been started",
        ),
        check(
            "their lives overlap, too",
            PIPELINES.overlap(),
            is(6),
            "no input ends before all six have been started",
        ),
        check(
            "all six end well",
            PIPELINES.fact("statuses"),
            each(6, 0),
            "the notes assert it of each",
        ),
        check(
            "the digests are right",
            PIPELINES.fact("digest_tails"),
            is(PIPELINES.fact("in_one_process")),
            "the same computation without children",
        ),
        check(
            "one expression does the same",
            PIPELINES.fact("in_one_expression"),
            is(PIPELINES.fact("digest_tails")),
            "the same input, connected by duct",
        ),
        check(
            "the timed-out child is ended",
            TIMEOUT.fact("status"),
            is(-15),
            "SIGTERM is signal 15",
        ),
        check(
            "it is not ended before",
            TIMEOUT.fact("elapsed_s"),
            at_least(0.09),
            "100 ms, which wait-timeout cuts to whole ones",
        ),
        check(
            "an unread child never ends",
            FLOOD.fact("ends_unread"),
            is(false),
            "the pipe holds less than it writes",
        ),
        check(
            "the pipe holds only so much",
            FLOOD.fact("held_by_the_pipe"),
            below(FLOOD.fact("written")),
            "pipe(7): a full pipe blocks its writer",
        ),
        check(
            "read while waiting, it ends",
            FLOOD.fact("read"),
            is(FLOOD.fact("written")),
            "nothing is lost",
        ),
        check(
            "no child is left, no zombie",
            END.fact("children_left"),
            is(0),
            "each child has been waited for",
        ),
        check(
            "no pipe is left open",
            END.fact("pipes_open"),
            is(END.fact("pipes_open_at_first")),
            "each pipe end has been dropped",
        ),
    ];
    Item::new(52, "item52-subprocess", Load::Waits, checks)
}
