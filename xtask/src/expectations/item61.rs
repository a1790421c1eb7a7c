//! Item 61: what its report must say.

use crate::judge::{Check, Item, Load, Step, at_least, below, check, is, its, step};

const PAIRINGS: Step = step("pairings");
const RULES: Step = step("rules");
const BAD_PEERS: Step = step("bad_peers");
const IDLE_PEERS: Step = step("idle_peers");
const DEADLINE: Step = step("deadline");
const FULL: Step = step("full");
const CROWD: Step = step("crowd");
const STOP: Step = step("stop");

/// Claims that a game went as it does in memory.
fn as_in_memory(claim: &'static str, step: Step, said: &'static str, why: &'static str) -> Check {
    check(claim, step.fact(said), is(PAIRINGS.fact("in_memory"))).because(why)
}

/// Claims that a peer was told this, and lost its connection.
fn refused(claim: &'static str, peer: &'static str, told: &'static str) -> Check {
    let why = "bad input ends its connection with a reason";
    check(claim, BAD_PEERS.fact(peer), is(told)).because(why).in_words("told why")
}

pub fn item() -> Item {
    let one = "the protocol is one: the lines are as in memory";
    let fresh = "NUMBER answers what it has not guessed yet";
    let meanwhile = "it began before they came and ended after";
    let own = "each has a thread or a task of its own";
    let kept = "what came is kept until the rest comes";
    let silent = "a server waits for a line as long as it was told to";
    let full = "a peer too many would take what the others need";
    let hung_up = "its sockets are closed before it is joined";
    let checks = vec![
        as_in_memory("threads play with threads", PAIRINGS, "threads_with_threads", one),
        as_in_memory("tasks play with threads", PAIRINGS, "threads_with_tasks", one),
        as_in_memory("threads play with tasks", PAIRINGS, "tasks_with_threads", one),
        as_in_memory("tasks play with tasks", PAIRINGS, "tasks_with_tasks", one),
        check("four pairings, one transcript", PAIRINGS.fact("transcripts_alike"), is(4))
            .because(one),
        check("told Correct, it keeps it", RULES.fact("told_correct"), is("7, 7, 7"))
            .because("the protocol"),
        check("until the next PARAMS", RULES.fact("new_params"), is("7, 8"))
            .because("the protocol"),
        check(
            "PARAMS 0 -1 clears what it knew",
            RULES.fact("after_the_end"),
            is("7, ERROR the range is empty"),
        )
        .because("the protocol"),
        check("threads guess no number twice", RULES.fact("threads_guessed_of_60"), is(60))
            .because(fresh),
        check("tasks guess no number twice", RULES.fact("tasks_guessed_of_60"), is(60))
            .because(fresh),
        check(
            "the servers answer alike",
            RULES.fact("tasks_answered"),
            is(its("threads_answered")),
        )
        .because("the protocol is one"),
        refused("refused: an unknown command", "unknown_command", "ERROR unknown command"),
        refused("letters for a number", "letters_for_a_number", "ERROR not a number"),
        refused("NUMBER before PARAMS", "number_before_params", "ERROR NUMBER before PARAMS"),
        refused("NUMBER of an empty range", "empty_range", "ERROR the range is empty"),
        refused("NUMBER of a range used up", "range_used_up", "7, ERROR the range is used up"),
        refused("REPORT before any guess", "report_before_guess", "ERROR REPORT before any guess"),
        refused("REPORT of no outcome", "unknown_outcome", "7, ERROR unknown outcome"),
        refused(
            "NUMBER, a million times",
            "asks_a_million_times",
            "1000 numbers, ERROR no more than 1000 guesses",
        ),
        refused("a line of 10 MB", "line_of_10_mb", "ERROR the line is longer than 128 bytes"),
        refused("bytes that are no text", "no_text", "ERROR the line is no text"),
        refused("a disconnect in mid-line", "cut_off", "ERROR the line was cut off"),
        check(
            "the servers refuse alike",
            BAD_PEERS.fact("tasks_answered"),
            is(its("threads_answered")),
        )
        .because("the protocol is one"),
        as_in_memory(
            "a good peer of threads plays on",
            BAD_PEERS,
            "good_peer_of_threads",
            meanwhile,
        ),
        as_in_memory("a good peer of tasks plays on", BAD_PEERS, "good_peer_of_tasks", meanwhile),
        check("both good peers play on", BAD_PEERS.fact("undisturbed_players"), is(2))
            .because(meanwhile),
        as_in_memory("idle peers hold up no thread", IDLE_PEERS, "threads_meanwhile", own),
        check("half a line waits for its end", IDLE_PEERS.fact("threads_then"), is("7"))
            .because(kept),
        as_in_memory("idle peers hold up no task", IDLE_PEERS, "tasks_meanwhile", own),
        check("so it does in a task", IDLE_PEERS.fact("tasks_then"), is("7")).because(kept),
        check("two players with each server", IDLE_PEERS.fact("undisturbed_players"), is(4))
            .because(own),
        check(
            "too long silent, told by threads",
            DEADLINE.fact("told_by_threads"),
            is("ERROR no line in time"),
        )
        .because(silent),
        check("and by tasks", DEADLINE.fact("told_by_tasks"), is("ERROR no line in time"))
            .because(silent),
        check(
            "not sooner, by threads",
            DEADLINE.fact("threads_waited_s"),
            at_least(its("allowed_s")),
        )
        .because(silent),
        check("nor by tasks", DEADLINE.fact("tasks_waited_s"), at_least(its("allowed_s")))
            .because(silent),
        check(
            "full threads turn a peer away",
            FULL.fact("told_by_threads"),
            is("ERROR the server is full"),
        )
        .because(full),
        check(
            "full tasks turn a peer away",
            FULL.fact("told_by_tasks"),
            is("ERROR the server is full"),
        )
        .because(full),
        check("its places in threads are kept", FULL.fact("threads_others"), is("8, 8"))
            .because(own),
        check("its places in tasks are kept", FULL.fact("tasks_others"), is("8, 8")).because(own),
        check("1000 clients fit", CROWD.fact("clients"), is(1000))
            .because("each takes two open files")
            .unless(CROWD.fact("files_may_be_open"), below(2032), "only {} files may be open"),
        check("all of them play at once", CROWD.overlap(), is(its("clients")))
            .because("none ends before all have begun"),
        check("each is served correctly", CROWD.fact("played_as_rehearsed"), is(its("clients")))
            .because("the lines are as in memory"),
        check("on a connection of its own", CROWD.fact("connections"), is(its("clients")))
            .because("the server counts whom it serves"),
        check("stopped threads hang up", STOP.fact("threads_hung_up"), is(3)).because(hung_up),
        check("stopped tasks hang up", STOP.fact("tasks_hung_up"), is(3)).because(hung_up),
    ];
    Item::new(61, "item61-port", Load::Waits, checks).headline(CROWD, "games_per_second")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::expectations::outcome;
    use crate::verdict::Outcome;

    #[test]
    fn only_a_system_that_opens_too_few_files_may_have_fewer_clients() {
        let outcome = |clients: u32, files: u32| {
            let facts = json!({ "clients": clients, "files_may_be_open": files });
            outcome(&item(), "1000 clients fit", &facts)
        };
        assert_eq!(outcome(1000, 2031), Outcome::Passed, "nothing to excuse");
        assert_eq!(outcome(999, 2032), Outcome::Failed);
        assert_eq!(outcome(999, 2031), Outcome::Skipped("only 2031 files may be open".into()));
    }
}
