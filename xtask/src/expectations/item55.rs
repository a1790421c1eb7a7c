//! Item 55: what its report must say.

use crate::judge::{
    Item, Load, Step, at_least, at_most, below, check, grows, in_order, is, ratio, step,
};

const POLLING: Step = step("polling");
const BLOCKING: Step = step("blocking");
const BOUNDED: Step = step("bounded");
const MEMORY: Step = step("memory");
const JOIN: Step = step("join");
const PIPELINE: Step = step("pipeline");
const LOOP_AFTER_JOINS: Step = step("loop_after_joins");
const LOOP_BEFORE_JOINS: Step = step("loop_before_joins");
const STAGE_ERROR: Step = step("stage_error");
const STAGE_PANIC: Step = step("stage_panic");

pub fn item() -> Item {
    let checks = vec![
        check(
            "polling workers do it all",
            POLLING.fact("processed"),
            is(1000),
            "the notes' figure",
        ),
        check(
            "each item is polled three times",
            POLLING.fact("polls"),
            at_least(3000),
            "1000 items through three stages",
        ),
        check(
            "the others are wasted",
            POLLING.fact("wasted"),
            at_least(3),
            "each worker's last poll finds nothing",
        ),
        check(
            "the queue wakes its consumer",
            BLOCKING.fact("order"),
            in_order(&[
                ("consumer ready", "consumer done"),
                ("producer put", "producer done"),
                ("producer put", "consumer done"),
            ]),
            "a get returns what a put has given",
        ),
        check(
            "waiting costs no processor",
            ratio(BLOCKING.fact("processor_s"), BLOCKING.fact("waited_s"), "times"),
            below(0.5),
            "a blocked thread does not run",
        ),
        check(
            "a full queue holds its producer",
            BOUNDED.fact("order"),
            in_order(&[
                ("put 1 done", "put 2 done"),
                ("get 1 begins", "put 2 done"),
                ("get 1 begins", "get 2 done"),
                ("put 2 done", "producer done"),
                ("get 2 done", "consumer done"),
            ]),
            "one place, taken until the first get",
        ),
        check(
            "an unbounded queue piles up",
            MEMORY.fact("unbounded_peak"),
            at_least(20),
            "the producer is never held up",
        ),
        check(
            "a bounded queue does not",
            MEMORY.fact("bounded_peak"),
            at_most(MEMORY.fact("capacity")),
            "the capacity is a promise",
        ),
        check(
            "join waits for all tasks",
            JOIN.fact("completed_at_join"),
            is(9),
            "ten were put; one worker panicked on its own",
        ),
        check(
            "a panic does not hang it",
            JOIN.fact("panicked"),
            is(1),
            "its handle is dropped all the same",
        ),
        check(
            "the pipeline does 1000 items",
            PIPELINE.fact("processed"),
            is(1000),
            "the notes' figure",
        ),
        check(
            "no item is done twice",
            PIPELINE.fact("distinct"),
            is(1000),
            "a queue gives each item to one worker",
        ),
        check(
            "each stage does each item once",
            PIPELINE.fact("once_per_stage"),
            is(1000),
            "nothing lost, nothing twice",
        ),
        check(
            "3 + 4 + 5 workers at once",
            PIPELINE.overlap(),
            at_least(4),
            "more than one stage waits at a time",
        ),
        check(
            "never faster than its bound",
            PIPELINE.fact("percent_of_bound"),
            at_least(99),
            "3 workers take 334 turns",
        ),
        check(
            "nor far slower",
            PIPELINE.fact("percent_of_bound"),
            at_most(250),
            "stages overlap: in a row it would be 900",
        ),
        check(
            "after the joins: no rounds",
            LOOP_AFTER_JOINS.fact("rounds"),
            is(0),
            "everything is done by then",
        ),
        check(
            "before the joins: rounds",
            LOOP_BEFORE_JOINS.fact("rounds"),
            at_least(1),
            "the pipeline still works",
        ),
        check(
            "which see the count grow",
            LOOP_BEFORE_JOINS.fact("seen"),
            grows(),
            "len() takes no lock for long",
        ),
        check(
            "an error loses no other item",
            STAGE_ERROR.fact("processed"),
            is(999),
            "an item fails alone",
        ),
        check(
            "and is reported with its item",
            STAGE_ERROR.fact("failed_item"),
            is(STAGE_ERROR.fact("bad_item")),
            "the failure carries the item",
        ),
        check(
            "a panic loses no other item",
            STAGE_PANIC.fact("processed"),
            is(999),
            "an item fails alone",
        ),
        check(
            "and is reported with its item",
            STAGE_PANIC.fact("failed_item"),
            is(STAGE_PANIC.fact("bad_item")),
            "the failure carries the item",
        ),
    ];
    Item::new(55, "item55-queue", Load::Waits, checks)
}
