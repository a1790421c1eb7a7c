//! Item 62: what its report must say.

use crate::judge::{Check, Item, Load, at_least, check, is, step};

pub fn item() -> Item {
    let checks = [
        checks_of!("threads", "threads"),
        checks_of!("spawn_blocking", "pool"),
        checks_of!("tasks", "tasks"),
    ];
    Item::new(62, "item62-mix", Load::Waits, checks.into_iter().flatten().collect())
}

/// The same holds for each version; a claim begins with whose it is.
macro_rules! checks_of {
    ($step:literal, $who:literal) => {{
        let fact = |name| step($step).fact(name);
        let written = fact("lines_written");
        let checks: [Check; 7] = [
            check(concat!($who, ": five logs of ten lines"), written, is(50))
                .because("the defaults: 5 writers, 10 lines each"),
            check(concat!($who, ": every line is merged"), fact("lines_merged"), is(written))
                .because("each log is read to its end, and a file keeps what is appended"),
            check(concat!($who, ": no line is missing"), fact("lines_missing"), is(0))
                .because("a follower goes on reading where it stopped"),
            check(concat!($who, ": no line comes twice"), fact("lines_repeated"), is(0))
                .because("a follower goes on reading where it stopped"),
            check(concat!($who, ": no line is torn"), fact("lines_torn"), is(0))
                .because("half a line is kept back until its newline has been read"),
            check(
                concat!($who, ": half lines were met"),
                fact("lines_met_half_written"),
                at_least(1),
            )
            .because("each line is written in two halves, with a pause between them")
            .unless(
                fact("thread_start_s"),
                at_least(0.005),
                "to start a thread takes {}",
            ),
            check(concat!($who, ": each log keeps its order"), fact("lines_out_of_order"), is(0))
                .because("one follower reads a log from its beginning to its end"),
        ];
        checks
    }};
}
use checks_of;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::expectations::outcome;
    use crate::verdict::Outcome;

    #[test]
    fn halves_that_were_not_met_are_excused_where_followers_start_late() {
        let outcome = |thread_start_s: f64| {
            let facts = json!({ "lines_met_half_written": 0, "thread_start_s": thread_start_s });
            outcome(&item(), "threads: half lines were met", &facts)
        };
        assert_eq!(outcome(0.0001), Outcome::Failed);
        assert_eq!(outcome(0.02), Outcome::Skipped("to start a thread takes 20 ms".into()));
    }
}
