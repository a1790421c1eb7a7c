//! Item 62: what its report must say.

use crate::judge::{Check, Item, Load, Step, at_least, check, is, step};

pub fn item() -> Item {
    let versions = [
        ("threads merge every line", step("threads")),
        ("pool threads merge every line", step("spawn_blocking")),
        ("tasks merge every line", step("tasks")),
    ];
    let checks = versions.into_iter().flat_map(|(claim, version)| checks_of(claim, version));
    Item::new(62, "item62-mix", Load::Waits, checks.collect())
}

/// The same holds for each version.
fn checks_of(claim: &'static str, version: Step) -> [Check; 7] {
    let fact = |name| version.fact(name);
    let written = fact("written");
    [
        check("five programs write ten lines", written, is(50)).because("the defaults: 5 times 10"),
        check(claim, fact("merged"), is(written)).because("a file keeps all that is appended"),
        check("none is missing", fact("missing"), is(0))
            .because("a follower reads on where it stopped"),
        check("none comes twice", fact("repeated"), is(0))
            .because("a follower reads on where it stopped"),
        check("none is torn", fact("torn"), is(0)).because("half a line waits for its newline"),
        check("though halves were met", fact("half_lines_seen"), at_least(1))
            .because("each line is written in two parts")
            .unless(fact("thread_start_s"), at_least(0.005), "to start a thread takes {}"),
        check("each file keeps its order", fact("out_of_order"), is(0))
            .because("one follower for each file"),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::expectations::outcome;
    use crate::verdict::Outcome;

    #[test]
    fn halves_that_were_not_met_are_excused_where_followers_start_late() {
        let outcome = |thread_start_s: f64| {
            let facts = json!({ "half_lines_seen": 0, "thread_start_s": thread_start_s });
            outcome(&item(), "though halves were met", &facts)
        };
        assert_eq!(outcome(0.0001), Outcome::Failed);
        assert_eq!(outcome(0.02), Outcome::Skipped("to start a thread takes 20 ms".into()));
    }
}
