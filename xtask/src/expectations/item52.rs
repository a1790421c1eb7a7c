//! Item 52: what its report must say.

use crate::judge::{Item, Load, Step, at_least, below, check, each, is, its, step};

const RUN: Step = step("run");
const POLL: Step = step("poll");
const PARALLEL: Step = step("parallel");
const PIPELINES: Step = step("pipelines");
const TIMEOUT: Step = step("timeout");
const FLOOD: Step = step("flood");
const END: Step = step("end");

const SIGTERM_IGNORED: &str =
    "this program was started with SIGTERM ignored, and so are its children";

pub fn item() -> Item {
    let checks = vec![
        check("echo's output is captured", RUN.fact("output"), is("hello from subprocess!"))
            .because("the notes' figure"),
        check("echo ends well", RUN.fact("status"), is(0))
            .because("the notes check its return code"),
        check("a failing child is an error", RUN.fact("failing_child"), is("an error"))
            .because("duct checks, unless told not to"),
        check("its exit code is known", RUN.fact("failing_status"), is(3))
            .because("the child exits with 3"),
        check("work is done while sleep runs", POLL.fact("units"), at_least(1)).because(
            "the first question comes within the second that sleep takes, unless the system keeps \
             this program waiting for all of it",
        ),
        check("sleep ends well", POLL.fact("status"), is(0)).because("the notes' figure"),
        check("ten children run at once", PARALLEL.fact("running_at_once"), is(10))
            .because("starting ten takes milliseconds, and the first sleeps for a second")
            .unless(
                PARALLEL.fact("child_s"),
                at_least(0.05),
                "to run a child that does nothing takes {}",
            ),
        check("their lives overlap", PARALLEL.overlap(), is(10))
            .because("all are started before one is waited for"),
        check("all ten end well", PARALLEL.fact("statuses"), each(10, 0))
            .because("sleep 1 exits with 0"),
        check("ten at once take a second", PARALLEL.fact("elapsed_s"), at_least(1))
            .because("sleep 1 can't take less"),
        check("and not ten", PARALLEL.fact("elapsed_s"), below(10))
            .because("one after the other can't take less"),
        check("six pipeline children at once", PIPELINES.fact("running_at_once"), is(6))
            .because("no input ends before all six have been started"),
        check("their lives overlap, too", PIPELINES.overlap(), is(6))
            .because("no input ends before all six have been started"),
        check("all six end well", PIPELINES.fact("statuses"), each(6, 0))
            .because("the notes assert it of each"),
        check("the digests are right", PIPELINES.fact("digest_tails"), is(its("in_one_process")))
            .because("the same computation without children"),
        check(
            "one expression does the same",
            PIPELINES.fact("in_one_expression"),
            is(its("digest_tails")),
        )
        .because("the same input, connected by duct"),
        check("the timed-out child is ended", TIMEOUT.fact("status"), is(-15))
            .because("SIGTERM is signal 15")
            .unless(TIMEOUT.fact("sigterm_is_ignored"), is(true), SIGTERM_IGNORED),
        check("it is not ended before", TIMEOUT.fact("elapsed_s"), at_least(0.09))
            .because("100 ms, of which wait-timeout may cut one"),
        check("an unread child never ends", FLOOD.fact("unread_status"), is(-15))
            .because("the pipe holds less than it writes, so it lives until SIGTERM ends it")
            .unless(TIMEOUT.fact("sigterm_is_ignored"), is(true), SIGTERM_IGNORED),
        check(
            "the pipe holds only so much",
            FLOOD.fact("held_by_the_pipe_bytes"),
            below(its("written_bytes")),
        )
        .because("pipe(7): a full pipe blocks its writer"),
        check("read while waiting, it ends", FLOOD.fact("read_status"), is(0))
            .because("whoever reads makes room"),
        check("and nothing is lost", FLOOD.fact("read_bytes"), is(its("written_bytes")))
            .because("a pipe keeps every byte"),
        check("no child is left, no zombie", END.fact("a_child_is_left"), is(false))
            .because("each child has been waited for"),
        check("no pipe is left open", END.fact("pipes_open"), is(its("pipes_at_first")))
            .because("each pipe end has been dropped"),
    ];
    Item::new(52, "item52-subprocess", Load::Waits, checks)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::item;
    use crate::expectations::outcome;
    use crate::verdict::Outcome;

    #[test]
    fn a_killed_child_is_excused_where_sigterm_is_ignored_and_only_there() {
        for is_ignored in [true, false] {
            let report = json!({ "item": 52, "title": "", "steps": [
                { "name": "timeout", "facts": { "status": -9, "sigterm_is_ignored": is_ignored } },
                { "name": "flood", "facts": { "unread_status": -9 } },
            ]});
            let report = serde_json::from_value(report).unwrap();
            for claim in ["the timed-out child is ended", "an unread child never ends"] {
                let item = item();
                let check = item.checks.iter().find(|check| check.claim == claim).unwrap();
                let outcome = check.judge(&report).outcome;
                assert_eq!(matches!(outcome, Outcome::Skipped(_)), is_ignored, "{claim}");
                assert_ne!(outcome, Outcome::Passed, "{claim}");
            }
        }
    }

    #[test]
    fn children_that_ended_meanwhile_are_excused_where_it_takes_long_to_run_one() {
        let outcome = |child_s: f64| {
            let facts = json!({ "running_at_once": 9, "child_s": child_s });
            outcome(&item(), "ten children run at once", &facts)
        };
        assert_eq!(outcome(0.002), Outcome::Failed, "they were not started at once");
        assert!(matches!(outcome(0.1), Outcome::Skipped(_)));
    }
}
