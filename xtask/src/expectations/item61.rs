//! Item 61: what its report must say.
//!
//! A fact that is told of both servers is a list: what the one in threads has done, and the one in tasks.

use crate::judge::{Check, Fact, Item, Load, Step, at_least, below, check, each, is, its, step};

const PAIRINGS: Step = step("pairings");
const CROWD: Step = step("crowd");
const STOP: Step = step("stop");
const RULES: Step = step("rules");
const BAD_PEERS: Step = step("bad_peers");
const IDLE: Step = step("idle_peers");
const DEADLINE: Step = step("deadline");
const FULL: Step = step("full");

/// What is said in all games that go as they should.
const IN_MEMORY: Fact = PAIRINGS.fact("in_memory");

/// Claims what both servers answer.
fn ruled(claim: &'static str, script: &'static str, answered: &'static str) -> Check {
    check(claim, RULES.fact(script), each(2, answered)).because("the protocol")
}

/// Claims that a peer was told this by both servers, and lost its connection.
fn refused(claim: &'static str, peer: &'static str, told: &'static str) -> Check {
    let why = "bad input ends its connection with a reason";
    check(claim, BAD_PEERS.fact(peer), each(2, told)).because(why).in_words("told why, twice")
}

pub fn item() -> Item {
    let own = "each has a thread or a task of its own";
    let silent = "a server waits for a line as long as it was told to";
    let checks = vec![
        check("four pairings, one transcript", PAIRINGS.fact("transcripts"), each(4, IN_MEMORY))
            .because("the protocol is one: the lines are as in memory"),
        check("1000 clients fit", CROWD.fact("clients"), is(1000))
            .because("each takes two open files")
            .unless(CROWD.fact("files_may_be_open"), below(2032), "only {} files may be open"),
        check("all of them play at once", CROWD.overlap(), is(its("clients")))
            .because("none ends before all have begun"),
        check("each is served correctly", CROWD.fact("played_as_in_memory"), is(its("clients")))
            .because("the lines are as in memory"),
        check("each on a connection of its own", CROWD.fact("connections"), is(its("clients")))
            .because("the server counts whom it serves"),
        check("a stopped server hangs up", STOP.fact("hung_up"), each(2, 3))
            .because("its sockets are closed before it is joined"),
        ruled("told Correct, the number stays", "asks_twice_more", "7 then 7 then 7"),
        ruled("PARAMS starts a new number", "begins_a_game_of_8", "7 then 8"),
        ruled(
            "PARAMS 0 -1 clears what it knew",
            "ends_and_asks",
            "7 then ERROR the range is empty",
        ),
        check("no number is guessed twice", RULES.fact("different_guesses"), each(2, 60))
            .because("NUMBER answers what it has not guessed yet"),
        refused("refused: an unknown command", "unknown_command", "ERROR unknown command"),
        refused("letters for a number", "letters_for_a_number", "ERROR not a number"),
        refused("NUMBER before PARAMS", "number_before_params", "ERROR NUMBER before PARAMS"),
        refused("NUMBER of an empty range", "empty_range", "ERROR the range is empty"),
        refused("NUMBER of a range used up", "range_used_up", "7 then ERROR the range is used up"),
        refused("REPORT before any guess", "report_before_guess", "ERROR REPORT before any guess"),
        refused(
            "REPORT without a known outcome",
            "unknown_outcome",
            "7 then ERROR unknown outcome",
        ),
        refused(
            "NUMBER, a million times",
            "asks_a_million_times",
            "1000 numbers then ERROR no more than 1000 guesses",
        ),
        refused("a line of 10 MB", "line_of_10_mb", "ERROR the line is longer than 128 bytes"),
        refused("bytes that are no text", "no_text", "ERROR the line is no text"),
        refused("a disconnect in mid-line", "cut_off", "ERROR the line was cut off"),
        check("other games go on meanwhile", BAD_PEERS.fact("good_peers"), each(2, IN_MEMORY))
            .because("this game began before the bad peers came and ended after them"),
        // Two with each server.
        check("idle peers hold up no players", IDLE.fact("players"), each(4, IN_MEMORY))
            .because(own),
        check("half a line waits for its end", IDLE.fact("answer_to_whole_line"), each(2, "7"))
            .because("what came is kept until the rest comes"),
        check("a silent peer is told so", DEADLINE.fact("told"), each(2, "ERROR no line in time"))
            .because(silent),
        check("and not sooner", DEADLINE.fact("waited_s"), each(2, at_least(its("allowed_s"))))
            .because(silent),
        check(
            "a full server turns a peer away",
            FULL.fact("told"),
            each(2, "ERROR the server is full"),
        )
        .because("a peer too many would take what the others need"),
        check(
            "those who have a place keep it",
            FULL.fact("others_are_answered"),
            each(2, "8 and 8"),
        )
        .because(own),
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
