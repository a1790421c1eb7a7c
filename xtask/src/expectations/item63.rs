//! Item 63: what its report must say.

use crate::judge::{Item, Load, Step, at_least, check, is, its, ratio, step};

const DIRECT: Step = step("direct");
const THREAD: Step = step("thread");

pub fn item() -> Item {
    let the_line = is("a line of the log");
    let gaps = ratio(THREAD.fact("write_s"), THREAD.fact("longest_gap_s"), "times");
    let checks = vec![
        check("the write is slow", DIRECT.fact("write_s"), at_least(0.5))
            .because("it waits that long"),
        check("a write on the loop stops it", DIRECT.fact("beats_during_write"), is(0))
            .because("one thread can't do two things"),
        check(
            "for as long as the write takes",
            DIRECT.fact("longest_gap_s"),
            at_least(its("write_s")),
        )
        .because("no beat before the write has ended"),
        check("it is as slow in a thread", THREAD.fact("write_s"), at_least(0.5))
            .because("it waits that long"),
        check("the loop goes on beside a thread", THREAD.fact("beats_during_write"), at_least(3))
            .because(
                "the write is ten beats long, and nothing on the loop blocks; a round in which \
                 the machine kept the loop from the processor is repeated, up to twenty times",
            ),
        check("its longest gap is far shorter", gaps, at_least(2)).because(
            "as above; where the write blocks the loop there is no gap shorter than it, in \
             any round",
        ),
        check("what is written is there", DIRECT.fact("file_holds"), the_line)
            .because("it was awaited"),
        check("both write the same", THREAD.fact("file_holds"), is(DIRECT.fact("file_holds")))
            .because("who writes does not matter"),
    ];
    Item::new(63, "item63-event-loop", Load::Waits, checks)
}
