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
        right("the grids are right", SERIAL).in_words("5 grids agree"),
        check("one call at a time", SERIAL.overlap(), is(1)).because("one thread"),
        check("nor two in a row of cells", SERIAL.fact("calls_at_once"), is(1))
            .because("one thread"),
        check("45 waits add up", generation, at_least(45)).because("no call ends before its time"),
        check("each cell makes its call", COST.fact("calls"), is(180))
            .because("45 cells, 4 generations"),
        check("the time went into waiting", waiting, at_least(0.5))
            .because("a cell's rule takes nanoseconds"),
        check("without calls, the same grids", COST.fact("digest"), is(its("reference")))
            .because("the calls decide nothing")
            .in_words("5 grids agree"),
        check("in next to no time", rules, below(0.1))
            .because("processor time; 360 ms of waiting at least are left out"),
        check("an error ends the generation", FAILURE.fact("calls_before"), is(21))
            .because("two rows of nine and three cells"),
        check("and names its cell", FAILURE.fact("error"), is(REFUSED))
            .because("the error of the refused call"),
    ];
    Item::new(56, "item56-serial", Load::Waits, checks)
}
