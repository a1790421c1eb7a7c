//! Item 54: what its report must say.

use crate::judge::{
    Item, Load, Python, Step, at_least, below, check, in_order, is, its, step, within,
};

const RACE: Step = step("race");
const REPLAY: Step = step("replay");
const LOCK: Step = step("lock");
const ATOMIC: Step = step("atomic");
const SUBTOTALS: Step = step("subtotals");
const COST: Step = step("cost");

pub fn item() -> Item {
    let expected = RACE.fact("expected");
    let order =
        in_order(&[("A reads", "B reads"), ("B reads", "B writes"), ("B writes", "A writes")]);
    let checks = vec![
        check("five threads want 500000", expected, is(500_000)).because("the notes' figure"),
        check("the race loses counts", RACE.fact("found"), below(expected))
            .because("all five have read 0 before one writes")
            .in_python(
                &[Python::CPython],
                "since CPython 3.10 threads are switched at fewer places",
            ),
        check("but not all of them", RACE.fact("found"), at_least(1))
            .because("the last write leaves one"),
        check("at least four, by law", RACE.fact("lost"), within(its("lost_by_law"), expected))
            .because("of five increments from 0 to 1, one is left"),
        check("five threads make that four", RACE.fact("lost_by_law"), is(4))
            .because("threads - 1"),
        check("the threads count at once", RACE.overlap(), is(5))
            .because("they meet in their first increment")
            .in_python(Python::ANY, "no meeting: one may be done before the next has been started"),
        check("replayed, two make one", REPLAY.fact("found"), is(1))
            .because("messages force the order"),
        check("B comes between A's two halves", REPLAY.fact("order"), order)
            .because("each event waits for a message of the one before"),
        check("the lock loses nothing", LOCK.fact("found"), is(500_000))
            .because("the notes' figure; mutual exclusion"),
        check("fetch_add loses nothing", ATOMIC.fact("found"), is(500_000))
            .because("it is indivisible"),
        check("subtotals lose nothing", SUBTOTALS.fact("found"), is(500_000))
            .because("nothing is shared"),
    ];
    Item::new(54, "item54-lock", Load::TakesAll, checks)
        .headline(COST, "lock_ns")
        .headline(COST, "subtotals_ns")
        .headline_beside(
            "subtotals, to Python's lock",
            COST.fact("subtotals_ns"),
            COST.fact("lock_ns"),
        )
}
