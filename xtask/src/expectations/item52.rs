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
        check("what echo prints is read", RUN.fact("output"), is("hello from subprocess!"))
            .because("the notes' text"),
        check("echo exits with 0", RUN.fact("status"), is(0))
            .because("the notes check its return code"),
        check("a child that fails is an error", RUN.fact("failing_child"), is("an error"))
            .because("duct makes it one, unless it is told `unchecked`"),
        check("a child that exits with 3: status", RUN.fact("failing_status"), is(3))
            .because("the status is what the child exits with"),
        check("units of work while sleep runs", POLL.fact("units_of_work"), at_least(1)).because(
            "the first question comes within the second that sleep takes, unless the system keeps \
             this program waiting for all of it",
        ),
        check("sleep exits with 0", POLL.fact("status"), is(0)).because("the notes' figure"),
        check("ten sleeps run at once", PARALLEL.fact("running_at_once"), is(10))
            .because("starting ten takes milliseconds, and the first sleeps for a second")
            .unless(
                PARALLEL.fact("child_s"),
                at_least(0.05),
                "to run a child that does nothing takes {}",
            ),
        check("the lives of ten sleeps overlap", PARALLEL.overlap(), is(10))
            .because("all are started before one is waited for"),
        check("all ten sleeps exit with 0", PARALLEL.fact("statuses"), each(10, 0))
            .because("sleep exits with 0"),
        check("ten sleeps at once: 1 s at least", PARALLEL.fact("elapsed_s"), at_least(1))
            .because("one sleep takes that long"),
        check("ten sleeps at once: below 10 s", PARALLEL.fact("elapsed_s"), below(10))
            .because("one after the other would take 10 × 1 s"),
        check("6 children in 3 pipelines at once", PIPELINES.fact("running_at_once"), is(6))
            .because("no input ends before all six have been started"),
        check("the lives of six overlap", PIPELINES.overlap(), is(6))
            .because("no input ends before all six have been started"),
        check("all six exit with 0", PIPELINES.fact("statuses"), each(6, 0))
            .because("the notes assert it of each"),
        check(
            "digests as without children",
            PIPELINES.fact("digest_tails"),
            is(its("in_one_process")),
        )
        .because("two function calls compute the same"),
        check(
            "digests as by one expression",
            PIPELINES.fact("in_one_expression"),
            is(its("digest_tails")),
        )
        .because("the same input and the same stages, connected by duct"),
        check("timed out: ended by SIGTERM", TIMEOUT.fact("status"), is(-15))
            .because("SIGTERM is signal 15, and a signal's number is told as a negative status")
            .unless(TIMEOUT.fact("sigterm_is_ignored"), is(true), SIGTERM_IGNORED),
        check("timed out: not before 90 ms", TIMEOUT.fact("elapsed_s"), at_least(0.09))
            .because("the limit is 100 ms, of which wait-timeout may cut one"),
        check("nobody reads: ended by SIGTERM", FLOOD.fact("unread_status"), is(-15))
            .because(
                "the pipe holds less than the child writes, so the child waits until it is ended",
            )
            .unless(TIMEOUT.fact("sigterm_is_ignored"), is(true), SIGTERM_IGNORED),
        check(
            "nobody reads: less is in the pipe",
            FLOOD.fact("held_by_the_pipe_bytes"),
            below(its("written_bytes")),
        )
        .because("pipe(7): a full pipe blocks its writer"),
        check("somebody reads: it exits with 0", FLOOD.fact("read_status"), is(0))
            .because("to read makes room in the pipe, so the child writes all and ends"),
        check("somebody reads: all bytes come", FLOOD.fact("read_bytes"), is(its("written_bytes")))
            .because("a pipe keeps every byte"),
        check("no child is left, no zombie", END.fact("a_child_is_left"), is(false))
            .because("each child has been waited for"),
        check("pipe ends left open", END.fact("pipes_left_open"), is(0))
            .because("as many are open at the end as at the beginning: each end has been dropped"),
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
            for claim in ["timed out: ended by SIGTERM", "nobody reads: ended by SIGTERM"] {
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
            outcome(&item(), "ten sleeps run at once", &facts)
        };
        assert_eq!(outcome(0.002), Outcome::Failed, "they were not started at once");
        assert!(matches!(outcome(0.1), Outcome::Skipped(_)));
    }
}
