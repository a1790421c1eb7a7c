//! Item 57: what its report must say.

use super::street::{REFUSED, right};
use crate::judge::{Item, Load, Python, Step, at_least, below, check, is, is_text, its, step};

const THREADS: Step = step("threads");
const LARGE: Step = step("large");
const AT_ONCE: Step = step("large_at_once");
const FAILURE: Step = step("failure");

pub fn item() -> Item {
    let refused = "the system refused a thread: {}";
    let at_once = |name| AT_ONCE.fact(name);
    let checks = vec![
        right("every cell of 5 grids is right", THREADS).in_words("5 grids agree"),
        check("threads started for 180 cells", THREADS.fact("threads_started"), is(180))
            .because("45 cells × 4 generations, and no thread decides two"),
        check("threads in a call at once", THREADS.overlap(), at_least(2))
            .because("a thread that waits stops no other")
            .unless(
                step("one").fact("start_and_join_s"),
                at_least(THREADS.fact("latency_s")),
                "to start a thread takes longer than a call: {}",
            ),
        right("every cell of the large grid, too", LARGE).in_words("2 grids agree").unless(
            LARGE.fact("refused"),
            is_text(),
            refused,
        ),
        check(
            "threads started for 1000 cells",
            at_once("threads_started"),
            is(its("threads_wanted")),
        )
        .because("one for each; where the system refuses one, the program says so")
        .unless(at_once("refused"), is_text(), refused),
        check(
            "threads alive at the same time",
            at_once("threads_of_process"),
            at_least(its("threads_started")),
        )
        .because("no thread ends before all have called; the main thread is one more")
        .unless(at_once("threads_of_process"), is_text(), "{}"),
        check(
            "reserved for each thread's stack",
            at_once("reserved_bytes_each"),
            at_least(1 << 20),
        )
        .because("2 MiB are asked for; some stacks are used again")
        .unless(at_once("reserved_bytes_each"), is_text(), "{}"),
        check("memory in use for each thread", at_once("resident_bytes_each"), below(200_000))
            .because("a page of the stack that was never written to takes no memory")
            .unless(at_once("resident_bytes_each"), is_text(), "{}"),
        check("threads joined after a failure", FAILURE.fact("threads_joined"), is(45))
            .because("the scope joins all 45, also the one that failed"),
        check("cells decided in spite of it", FAILURE.fact("cells_decided"), is(44))
            .because("45, without the one whose call is refused"),
        check("calls still open after that", FAILURE.fact("calls_open_after"), is(0))
            .because("a joined thread has ended its call"),
        check("the error that joining returns", FAILURE.fact("error"), is(REFUSED))
            .because("joining a thread returns what its function returned")
            .in_python(Python::ANY, "join returns None; what a thread raises is printed"),
    ];
    Item::new(57, "item57-fan-out", Load::TakesAll, checks)
        .headline(step("one"), "start_and_join_s")
        .headline(THREADS, "generation_s")
        .headline(LARGE, "generation_s")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::expectations::outcome;
    use crate::verdict::Outcome;

    #[test]
    fn a_thread_that_the_system_refused_is_an_excuse() {
        for (claim, mut facts) in [
            ("every cell of the large grid, too", json!({ "digest": "a", "reference": "b" })),
            (
                "threads started for 1000 cells",
                json!({ "threads_started": 9, "threads_wanted": 10 }),
            ),
        ] {
            facts["refused"] = json!("try again");
            let reason = "the system refused a thread: try again";
            assert_eq!(outcome(&item(), claim, &facts), Outcome::Skipped(reason.into()));
            facts["refused"] = json!(false);
            assert_eq!(outcome(&item(), claim, &facts), Outcome::Failed);
        }
    }

    #[test]
    fn what_only_linux_knows_is_excused_elsewhere_and_nowhere_else() {
        let unknown = "known on Linux only";
        for (claim, name, wrong) in [
            ("threads alive at the same time", "threads_of_process", 9),
            ("reserved for each thread's stack", "reserved_bytes_each", 16_384),
            ("memory in use for each thread", "resident_bytes_each", 2_000_000),
        ] {
            let outcome = |value: Value| {
                outcome(&item(), claim, &json!({ "threads_started": 10, name: value }))
            };
            assert_eq!(outcome(json!(wrong)), Outcome::Failed, "{claim}");
            assert_eq!(outcome(json!(unknown)), Outcome::Skipped(unknown.into()), "{claim}");
        }
    }
}
