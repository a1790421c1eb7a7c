//! Item 63: what its report must say.

use crate::judge::{Item, Load, Step, at_least, check, is, ratio, step};

const DIRECT: Step = step("direct");
const THREAD: Step = step("thread");

pub fn item() -> Item {
    let checks = vec![
        check(
            "a write on the loop stops it",
            DIRECT.fact("beats_during_write"),
            is(0),
            "one thread can't do two things",
        ),
        check(
            "for as long as the write takes",
            DIRECT.fact("longest_gap_s"),
            at_least(DIRECT.fact("write_s")),
            "no beat before the write has ended",
        ),
        check(
            "the loop goes on beside a thread",
            THREAD.fact("beats_during_write"),
            at_least(3),
            "the write is 50 beats long",
        ),
        check(
            "its longest gap is far shorter",
            ratio(DIRECT.fact("longest_gap_s"), THREAD.fact("longest_gap_s"), "times"),
            at_least(2),
            "nothing on the loop blocks",
        ),
        check(
            "both write the same",
            THREAD.fact("file_holds"),
            is(DIRECT.fact("file_holds")),
            "who writes does not matter",
        ),
    ];
    Item::new(63, "item63-event-loop", Load::Waits, checks)
}
