//! Item 64: what its report must say.

use super::witness::{computing_at_once, in_threads};
use crate::judge::{Item, Load, Step, check, is, step};

const SERIAL: Step = step("serial");
const THREADS: Step = step("threads");
const RAYON: Step = step("rayon");
const PROCESSES: Step = step("processes");
const TRIP: Step = step("trip");

pub fn item() -> Item {
    let known = SERIAL.fact("by_euclid");
    let agrees =
        |claim, version: Step| check(claim, version.fact("gcds"), is(known)).because("Euclid");
    let checks = vec![
        agrees("trial in a row agrees", SERIAL),
        agrees("trial in threads agrees", THREADS),
        agrees("trial by rayon agrees", RAYON),
        agrees("trial in child processes agrees", PROCESSES),
        in_threads(THREADS),
        computing_at_once("rayon uses several cores", RAYON, "no global interpreter lock"),
        computing_at_once(
            "processes use several cores",
            PROCESSES,
            "each child has a thread of its own",
        ),
        check("each trip to a child comes back", TRIP.fact("answers"), is(100))
            .because("a child answers each pair it is sent"),
        check("no child is left, no zombie", TRIP.fact("a_child_is_left"), is(false))
            .because("each child has been waited for"),
    ];
    Item::new(64, "item64-parallelism", Load::TakesAll, checks)
        .headline(SERIAL, "elapsed_s")
        .headline(PROCESSES, "elapsed_s")
}
