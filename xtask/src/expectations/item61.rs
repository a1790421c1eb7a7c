//! Item 61: what its report must say.

use crate::judge::{Item, Load, Step, check, is, step};

const PAIRINGS: Step = step("pairings");
const RULES: Step = step("rules");
const BAD_PEERS: Step = step("bad_peers");
const IDLE_PEERS: Step = step("idle_peers");
const CROWD: Step = step("crowd");
const STOP: Step = step("stop");

pub fn item() -> Item {
    let checks = vec![
        check(
            "threads play with threads",
            PAIRINGS.fact("threads_with_threads"),
            is(PAIRINGS.fact("in_memory")),
            "the protocol is one: the lines are as in memory",
        ),
        check(
            "tasks play with threads",
            PAIRINGS.fact("threads_with_tasks"),
            is(PAIRINGS.fact("in_memory")),
            "the protocol is one: the lines are as in memory",
        ),
        check(
            "threads play with tasks",
            PAIRINGS.fact("tasks_with_threads"),
            is(PAIRINGS.fact("in_memory")),
            "the protocol is one: the lines are as in memory",
        ),
        check(
            "tasks play with tasks",
            PAIRINGS.fact("tasks_with_tasks"),
            is(PAIRINGS.fact("in_memory")),
            "the protocol is one: the lines are as in memory",
        ),
        check(
            "told Correct, it keeps it",
            RULES.fact("told_correct"),
            is("7, 7, 7"),
            "the protocol",
        ),
        check("until the next PARAMS", RULES.fact("new_params"), is("7, 8"), "the protocol"),
        check(
            "PARAMS 0 -1 clears what it knew",
            RULES.fact("after_the_end"),
            is("7, ERROR the range is empty"),
            "the protocol",
        ),
        check(
            "threads guess no number twice",
            RULES.fact("threads_guessed_of_60"),
            is(60),
            "NUMBER answers what it has not guessed yet",
        ),
        check(
            "tasks guess no number twice",
            RULES.fact("tasks_guessed_of_60"),
            is(60),
            "NUMBER answers what it has not guessed yet",
        ),
        check(
            "the servers answer alike",
            RULES.fact("tasks_answered"),
            is(RULES.fact("threads_answered")),
            "the protocol is one",
        ),
        check(
            "refused: an unknown command",
            BAD_PEERS.fact("unknown_command"),
            is("ERROR unknown command \"GUESS\""),
            "bad input ends its connection with a reason",
        ),
        check(
            "letters for a number",
            BAD_PEERS.fact("letters_for_a_number"),
            is("ERROR not a number: \"one\""),
            "bad input ends its connection with a reason",
        ),
        check(
            "NUMBER before PARAMS",
            BAD_PEERS.fact("number_before_params"),
            is("ERROR NUMBER before PARAMS"),
            "bad input ends its connection with a reason",
        ),
        check(
            "NUMBER of an empty range",
            BAD_PEERS.fact("empty_range"),
            is("ERROR the range is empty"),
            "bad input ends its connection with a reason",
        ),
        check(
            "NUMBER of a range used up",
            BAD_PEERS.fact("range_used_up"),
            is("7, ERROR the range is used up"),
            "bad input ends its connection with a reason",
        ),
        check(
            "REPORT before any guess",
            BAD_PEERS.fact("report_before_guess"),
            is("ERROR REPORT before any guess"),
            "bad input ends its connection with a reason",
        ),
        check(
            "a line of 10 MB",
            BAD_PEERS.fact("line_of_10_mb"),
            is("ERROR the line is longer than 128 bytes"),
            "bad input ends its connection with a reason",
        ),
        check(
            "a disconnect in mid-line",
            BAD_PEERS.fact("cut_off"),
            is("ERROR the line was cut off"),
            "bad input ends its connection with a reason",
        ),
        check(
            "the servers refuse alike",
            BAD_PEERS.fact("tasks_answered"),
            is(BAD_PEERS.fact("threads_answered")),
            "the protocol is one",
        ),
        check(
            "a good peer of threads plays on",
            BAD_PEERS.fact("good_peer_of_threads"),
            is(PAIRINGS.fact("in_memory")),
            "it began before they came and ended after",
        ),
        check(
            "a good peer of tasks plays on",
            BAD_PEERS.fact("good_peer_of_tasks"),
            is(PAIRINGS.fact("in_memory")),
            "it began before they came and ended after",
        ),
        check(
            "idle peers hold up no thread",
            IDLE_PEERS.fact("threads_meanwhile"),
            is(PAIRINGS.fact("in_memory")),
            "each has a thread or a task of its own",
        ),
        check(
            "half a line waits for its end",
            IDLE_PEERS.fact("threads_then"),
            is("7"),
            "what came is kept until the rest comes",
        ),
        check(
            "idle peers hold up no task",
            IDLE_PEERS.fact("tasks_meanwhile"),
            is(PAIRINGS.fact("in_memory")),
            "each has a thread or a task of its own",
        ),
        check(
            "so it does in a task",
            IDLE_PEERS.fact("tasks_then"),
            is("7"),
            "what came is kept until the rest comes",
        ),
        check("1000 clients fit", CROWD.fact("clients"), is(1000), "each takes two open files"), // TODO excuse: few_open_files
        check(
            "all of them play at once",
            CROWD.overlap(),
            is(CROWD.fact("clients")),
            "none ends before all have begun",
        ),
        check(
            "each is served correctly",
            CROWD.fact("played_as_rehearsed"),
            is(CROWD.fact("clients")),
            "the lines are as in memory",
        ),
        check(
            "stopped threads hang up",
            STOP.fact("threads_hung_up"),
            is(STOP.fact("threads_open")),
            "its sockets are closed before it is joined",
        ),
        check(
            "stopped tasks hang up",
            STOP.fact("tasks_hung_up"),
            is(STOP.fact("tasks_open")),
            "its sockets are closed before it is joined",
        ),
    ];
    Item::new(61, "item61-port", Load::Waits, checks)
}
