//! The claim that threads, or processes, compute at the same time: the same check for each item that claims
//! it. How an item finds out, by seeing two threads compute at one moment (a *witness*), is told in
//! `common::witness`.

use common::witness::MANY;

use crate::judge::{Check, Python, Step, at_least, below, check, is};

/// Claims that the threads of `step` compute at the same time.
pub fn in_threads(step: Step) -> Check {
    computing_at_once(
        "threads use several cores",
        step,
        "Rust has no lock that lets only one thread compute",
    )
    .in_python(Python::WITH_LOCK, "the interpreter's global lock lets one thread compute at a time")
}

/// Claims that two pieces of the work of `step` were seen being computed at the same time. The check is
/// skipped on one core, and on a machine that was too busy. A machine was too busy if threads that only spin
/// (the *control*) were hardly seen computing at the same time, either.
pub fn computing_at_once(claim: &'static str, step: Step, why: &'static str) -> Check {
    check(claim, step.fact("seen_computing_at_once"), at_least(2))
        .because(why)
        .unless(step.fact("cores"), is(1), "one core")
        .unless(
            step.fact("control_seen"),
            below(f64::from(MANY)),
            "the machine is busy: spinning threads were seen {} times",
        )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::expectations::outcome;
    use crate::judge::{Item, Load, step};
    use crate::verdict::Outcome;

    #[test]
    fn what_was_not_seen_fails_where_spinning_threads_were_and_is_skipped_elsewhere() {
        let outcome = |seen_computing_at_once: u32, control_seen: u32, cores: u32| {
            let facts = json!({ "seen_computing_at_once": seen_computing_at_once,
                                "control_seen": control_seen, "cores": cores });
            let check = computing_at_once("claim", step("s"), "why");
            outcome(&Item::new(1, "item", Load::TakesAll, vec![check]), "claim", &facts)
        };
        for (control_seen, cores) in [(0, 2), (MANY, 2), (0, 1)] {
            assert_eq!(outcome(2, control_seen, cores), Outcome::Passed);
        }
        assert_eq!(outcome(1, MANY, 2), Outcome::Failed);
        assert_eq!(outcome(1, 0, 1), Outcome::Skipped("one core".into()));
        let busy = "the machine is busy: spinning threads were seen 19 times";
        assert_eq!(outcome(1, MANY - 1, 2), Outcome::Skipped(busy.into()));
    }
}
