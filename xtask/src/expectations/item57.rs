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
        right("the grids are right", THREADS).in_words("5 grids agree"),
        check("a new thread for each cell", THREADS.fact("threads_started"), is(180))
            .because("45 cells, 4 generations; no thread decides two"),
        check("the calls overlap", THREADS.overlap(), at_least(2))
            .because("a blocked thread holds up no other")
            .unless(
                step("one").fact("start_and_join_s"),
                at_least(THREADS.fact("latency_s")),
                "to start a thread takes longer than a call: {}",
            ),
        right("so is the large grid", LARGE).in_words("2 grids agree").unless(
            LARGE.fact("refused"),
            is_text(),
            refused,
        ),
        check("1000 cells get 1000 threads", at_once("threads_started"), is(its("threads_wanted")))
            .because("or the system's refusal is told")
            .unless(at_once("refused"), is_text(), refused),
        check(
            "all alive at the same time",
            at_once("threads_of_process"),
            at_least(its("threads_started")),
        )
        .because("none may end before all have called")
        .unless(at_once("threads_of_process"), is_text(), "{}"),
        check("each reserves a stack", at_once("reserved_bytes_each"), at_least(1 << 20))
            .because("2 MiB are asked for, some of it reused")
            .unless(at_once("reserved_bytes_each"), is_text(), "{}"),
        check("and uses little of it", at_once("resident_bytes_each"), below(200_000))
            .because("a page nobody writes to costs nothing")
            .unless(at_once("resident_bytes_each"), is_text(), "{}"),
        check("a failing cell loses no thread", FAILURE.fact("threads_joined"), is(45))
            .because("the scope joins all of them"),
        check("and no other cell", FAILURE.fact("cells_decided"), is(44))
            .because("the others know nothing of it"),
        check("nobody is left behind", FAILURE.fact("calls_open_after"), is(0))
            .because("all are joined"),
        check("its error comes out of join", FAILURE.fact("error"), is(REFUSED))
            .because("join returns what the thread returned")
            .in_python(Python::ANY, "join returns None; what a thread raises is printed"),
    ];
    Item::new(57, "item57-fan-out", Load::TakesAll, checks)
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
            ("so is the large grid", json!({ "digest": "a", "reference": "b" })),
            ("1000 cells get 1000 threads", json!({ "threads_started": 9, "threads_wanted": 10 })),
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
            ("all alive at the same time", "threads_of_process", 9),
            ("each reserves a stack", "reserved_bytes_each", 16_384),
            ("and uses little of it", "resident_bytes_each", 2_000_000),
        ] {
            let outcome = |value: Value| {
                outcome(&item(), claim, &json!({ "threads_started": 10, name: value }))
            };
            assert_eq!(outcome(json!(wrong)), Outcome::Failed, "{claim}");
            assert_eq!(outcome(json!(unknown)), Outcome::Skipped(unknown.into()), "{claim}");
        }
    }
}
