//! Item 54: what its report must say.

use crate::judge::{Item, Load, Python, Step, at_least, below, check, in_order, is, step, within};

const RACE: Step = step("race");
const REPLAY: Step = step("replay");
const LOCK: Step = step("lock");
const ATOMIC: Step = step("atomic");
const DEADLOCK: Step = step("deadlock");
const ONE_ORDER: Step = step("one_order");
const SUBTOTALS: Step = step("subtotals");
const COST: Step = step("cost");

pub fn item() -> Item {
    let expected = RACE.fact("expected");
    let order =
        in_order(&[("A reads", "B reads"), ("B reads", "B writes"), ("B writes", "A writes")]);
    let checks = vec![
        check("5 × 100,000 increments are made", expected, is(500_000))
            .because("the notes' five threads and hundred thousand times"),
        check("the race counts fewer than that", RACE.fact("found"), below(expected))
            .because("all five threads have read 0 before one of them writes 1")
            .in_python(
                &[Python::CPython],
                "since CPython 3.10 threads are switched at fewer places",
            ),
        check("the race counts one at least", RACE.fact("found"), at_least(1))
            .because("whatever a thread writes is a count plus one"),
        check("the race loses four at least", RACE.fact("lost"), within(4, expected))
            .because("of five first increments that all read 0, one survives")
            .in_python(
                Python::ANY,
                "no meeting between a read and a write: luck decides how many are lost",
            ),
        check("race: all 5 begin before one ends", RACE.overlap(), is(5))
            .because("no thread adds before all five have begun"),
        check("replayed: two increments make 1", REPLAY.fact("found"), is(1))
            .because("both have read 0, so both write 1"),
        check("B comes between A's two halves", REPLAY.fact("order"), order)
            .because("A waits for B's message before it writes"),
        check("with a lock all 500,000 count", LOCK.fact("found"), is(500_000))
            .because("the lock keeps others out between a thread's read and its write"),
        check("lock: all 5 begin before one ends", LOCK.overlap(), is(5))
            .because("no thread asks for the lock before all five have begun"),
        check("with fetch_add all 500,000 count", ATOMIC.fact("found"), is(500_000))
            .because("a fetch_add reads and writes in one step, with nothing in between"),
        check("atomic: 5 begin before one ends", ATOMIC.overlap(), is(5))
            .because("no thread adds before all five have begun"),
        check("A finds right taken", DEADLOCK.fact("a_finds_right_taken"), is(true))
            .because("B holds it until A has tried"),
        check("B finds left taken", DEADLOCK.fact("b_finds_left_taken"), is(true))
            .because("A holds it until B has tried"),
        check("in one order: left counts 2000", ONE_ORDER.fact("left_count"), is(2000))
            .because("whoever holds right holds left, too, and so waits for no lock"),
        check("in one order: right counts 2000", ONE_ORDER.fact("right_count"), is(2000))
            .because("both threads end, each with a thousand additions to each count"),
        check("5 subtotals add up to 500,000", SUBTOTALS.fact("found"), is(500_000))
            .because("no thread changes what another one counts"),
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
