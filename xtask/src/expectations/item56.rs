//! Item 56: what its report must say.

use super::street::{REFUSED, right};
use crate::judge::{Item, Load, Step, at_least, below, check, is, its, ratio, step};

const SERIAL: Step = step("serial");
const COST: Step = step("cost");
const FAILURE: Step = step("failure");

pub fn item() -> Item {
    let generation = ratio(SERIAL.fact("generation_s"), SERIAL.fact("latency_s"), "latencies");
    let waiting = ratio(COST.fact("waiting_s"), COST.fact("elapsed_s"), "of the run");
    let rules = ratio(COST.fact("computing_alone_s"), COST.fact("elapsed_s"), "of the run");
    let checks = vec![
        right("every cell of 5 grids is right", SERIAL).in_words("5 grids agree"),
        check("rows with a call open at once", SERIAL.overlap(), is(1))
            .because("one thread makes one call after the other"),
        check("calls open at once", SERIAL.fact("calls_at_once"), is(1))
            .because("one thread makes one call after the other"),
        check("a generation waits 45 latencies", generation, at_least(45))
            .because("45 calls, one after the other, none shorter than the latency"),
        check("calls of 4 generations", COST.fact("calls"), is(180))
            .because("45 cells × 4 generations"),
        check("share of the time spent waiting", waiting, at_least(0.5))
            .because("the calls wait; what is left, the rules, takes microseconds"),
        check("without calls: the same 5 grids", COST.fact("digest"), is(its("reference")))
            .because("the calls wait and decide nothing")
            .in_words("5 grids agree"),
        check("share of the time for the rules", rules, below(0.1))
            .because("the rules without the calls, beside 180 calls of 2 ms"),
        check("calls made before the refused one", FAILURE.fact("calls_before"), is(21))
            .because("the cell 2,3 comes after 2 rows of 9 cells, and 3 cells more"),
        check("the error names the refused cell", FAILURE.fact("error"), is(REFUSED))
            .because("`step` returns the error of the refused call"),
    ];
    Item::new(56, "item56-serial", Load::Waits, checks)
}
