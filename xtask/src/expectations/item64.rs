//! Item 64: what its report must say.

use super::witness::{computing_at_once, in_threads};
use crate::judge::{Item, Load, Step, check, is, step};

const SERIAL: Step = step("serial");
const THREADS: Step = step("threads");
const RAYON: Step = step("rayon");
const PROCESSES: Step = step("processes");
const TRIP: Step = step("trip");
const MEGABYTE: Step = step("megabyte");
const SHARED: Step = step("shared");

pub fn item() -> Item {
    let known = SERIAL.fact("by_euclid");
    let agrees = |claim, version: Step| {
        check(claim, version.fact("gcds"), is(known))
            .because("Euclid's algorithm, which tries nothing, finds the same divisors")
    };
    let comes_back =
        |claim, trip: Step, why| check(claim, trip.fact("came_back_equal"), is(true)).because(why);
    let checks = vec![
        agrees("in a row: Euclid's ten divisors", SERIAL),
        agrees("in threads: Euclid's ten divisors", THREADS),
        agrees("by rayon: Euclid's ten divisors", RAYON),
        agrees("in children: Euclid's divisors", PROCESSES),
        in_threads(THREADS),
        computing_at_once(
            "rayon uses several cores",
            RAYON,
            "Rust has no lock that lets only one thread compute",
        ),
        computing_at_once(
            "processes use several cores",
            PROCESSES,
            "each child has a thread of its own",
        ),
        comes_back(
            "two integers come back unchanged",
            TRIP,
            "the child sends back each byte that it was sent",
        ),
        comes_back(
            "a megabyte comes back unchanged",
            MEGABYTE,
            "the child sends back each byte that it was sent",
        ),
        comes_back(
            "a shared megabyte is unchanged",
            SHARED,
            "the thread sends back the vector that it was sent",
        ),
        check("a shared megabyte is not copied", SHARED.fact("moved_in_memory"), is(false))
            .because("a channel hands over where the bytes lie, and not the bytes"),
        check("no child is left, no zombie", TRIP.fact("a_child_is_left"), is(false))
            .because("the parent has waited for each child"),
    ];
    Item::new(64, "item64-parallelism", Load::TakesAll, checks)
        .headline(SERIAL, "elapsed_s")
        .headline(PROCESSES, "elapsed_s")
}
