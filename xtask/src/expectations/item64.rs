//! Item 64: what its report must say.

use crate::judge::{Item, Load, Step, at_least, check, is, step};

const SERIAL: Step = step("serial");
const EUCLID: Step = step("euclid");
const THREADS: Step = step("threads");
const RAYON: Step = step("rayon");
const PROCESSES: Step = step("processes");
const TRIP: Step = step("trip");

pub fn item() -> Item {
    let checks = vec![
        check(
            "trial in a row agrees",
            SERIAL.fact("gcds"),
            is(EUCLID.fact("gcds")),
            "Euclid's algorithm",
        ),
        check(
            "trial in threads agrees",
            THREADS.fact("gcds"),
            is(EUCLID.fact("gcds")),
            "Euclid's algorithm",
        ),
        check(
            "trial by rayon agrees",
            RAYON.fact("gcds"),
            is(EUCLID.fact("gcds")),
            "Euclid's algorithm",
        ),
        check(
            "trial in child processes agrees",
            PROCESSES.fact("gcds"),
            is(EUCLID.fact("gcds")),
            "Euclid's algorithm",
        ),
        check(
            "threads use several cores",
            THREADS.fact("cores_used"),
            at_least(1.2),
            "no global interpreter lock",
        ), // TODO excuse: processes_take_turns
        check(
            "rayon uses several cores",
            RAYON.fact("cores_used"),
            at_least(1.2),
            "no global interpreter lock",
        ), // TODO excuse: processes_take_turns
        check(
            "processes use several cores",
            PROCESSES.fact("cores_used"),
            at_least(1.2),
            "each child has a thread of its own",
        ), // TODO excuse: threads_take_turns
        check(
            "each trip to a child comes back",
            TRIP.fact("answers"),
            is(100),
            "a child answers each pair it is sent",
        ),
        check(
            "no child is left, no zombie",
            TRIP.fact("children_left"),
            is(0),
            "each child has been waited for",
        ),
    ];
    Item::new(64, "item64-parallelism", Load::Computes, checks)
}
