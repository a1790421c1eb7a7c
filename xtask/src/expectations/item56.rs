//! Item 56: what its report must say.

use crate::judge::{Item, Load, Step, at_least, below, check, is, ratio, step};

const SERIAL: Step = step("serial");
const COST: Step = step("cost");
const FAILURE: Step = step("failure");

pub fn item() -> Item {
    let checks = vec![
        check(
            "the grids are right",
            SERIAL.fact("digest"),
            is(SERIAL.fact("reference")),
            "a plain computation, the other way round",
        ),
        check("one call at a time", SERIAL.overlap(), is(1), "one thread"),
        check(
            "45 waits add up",
            ratio(SERIAL.fact("generation_s"), SERIAL.fact("latency_s"), "times"),
            at_least(45),
            "no call ends before its time",
        ),
        check(
            "the time went into waiting",
            COST.fact("waiting_share"),
            at_least(0.5),
            "a cell's rule takes nanoseconds",
        ),
        check(
            "without calls, the same grids",
            COST.fact("computed_digest"),
            is(SERIAL.fact("reference")),
            "the calls decide nothing",
        ),
        check(
            "in next to no time",
            ratio(COST.fact("computing_alone_s"), COST.fact("elapsed_s"), "times"),
            below(0.1),
            "360 ms of waiting at least are left out",
        ),
        check(
            "an error ends the generation",
            FAILURE.fact("calls_before"),
            is(21),
            "two rows of nine and three cells",
        ),
        check(
            "and names its cell",
            FAILURE.fact("error"),
            is("the call of cell 2,3 failed: connection refused"),
            "the error of the refused call",
        ),
    ];
    Item::new(56, "item56-serial", Load::Waits, checks)
}
