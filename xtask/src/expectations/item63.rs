//! Item 63: what its report must say.

use crate::judge::{Item, Load, Step, at_least, check, is, ratio, step};

const DIRECT: Step = step("direct");
const THREAD: Step = step("thread");

pub fn item() -> Item {
    let (direct_gap, gap) = (DIRECT.fact("longest_gap_s"), THREAD.fact("longest_gap_s"));
    let the_line = is("a line of the log");
    let checks = vec![
        check("the write is slow", DIRECT.fact("write_s"), at_least(0.5), "it waits that long"),
        check(
            "a write on the loop stops it",
            DIRECT.fact("beats_during_write"),
            is(0),
            "one thread can't do two things",
        ),
        check(
            "for as long as the write takes",
            direct_gap,
            at_least(DIRECT.fact("write_s")),
            "no beat before the write has ended",
        ),
        check(
            "it is as slow in a thread",
            THREAD.fact("write_s"),
            at_least(0.5),
            "it waits that long",
        ),
        check(
            "the loop goes on beside a thread",
            THREAD.fact("beats_during_write"),
            at_least(3),
            "the write is ten beats long, and nothing on the loop blocks; for fewer than three the \
             system would have to keep the loop from the processor for 150 ms again and again",
        ),
        check(
            "its longest gap is far shorter",
            ratio(direct_gap, gap, "times"),
            at_least(2),
            "50 ms against 500, and nothing on the loop blocks; for half of it the system would \
             have to keep the loop from the processor for 200 ms at a stretch, and on a machine so \
             busy the write takes longer, too",
        ),
        check("what is written is there", DIRECT.fact("file_holds"), the_line, "it was awaited"),
        check(
            "both write the same",
            THREAD.fact("file_holds"),
            is(DIRECT.fact("file_holds")),
            "who writes does not matter",
        ),
    ];
    Item::new(63, "item63-event-loop", Load::Waits, checks)
}
