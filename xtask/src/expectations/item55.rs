//! Item 55: what its report must say.

use crate::judge::{
    Item, Load, Python, Step, at_least, at_most, below, check, each, grows, in_order, is, its,
    ratio, step, within,
};

const POLLING: Step = step("polling");
const BLOCKING: Step = step("blocking");
const BOUNDED: Step = step("bounded");
const MEMORY: Step = step("memory");
const JOIN: Step = step("join");
const PIPELINE: Step = step("pipeline");
const AFTER_JOINS: Step = step("loop_after_joins");
const BEFORE_JOINS: Step = step("loop_before_joins");
const ERROR: Step = step("stage_error");
const PANIC: Step = step("stage_panic");

pub fn item() -> Item {
    let put_then_get = in_order(&[
        ("consumer ready", "consumer done"),
        ("producer put", "producer done"),
        ("producer put", "consumer done"),
    ]);
    let get_then_put_again = in_order(&[
        ("put 1 done", "put 2 done"),
        ("get 1 begins", "put 2 done"),
        ("get 1 begins", "get 2 done"),
        ("put 2 done", "producer done"),
        ("get 2 done", "consumer done"),
    ]);
    let processor =
        ratio(BLOCKING.fact("processor_while_waiting_s"), BLOCKING.fact("waited_s"), "of a wait");
    let took = ratio(PIPELINE.fact("elapsed_s"), PIPELINE.fact("at_least_s"), "× the least");
    let checks = vec![
        check("polling workers do it all", POLLING.fact("processed"), is(1000))
            .because("notes: 1000"),
        check("each item is polled three times", POLLING.fact("polls"), at_least(3000))
            .because("1000 items through three stages"),
        check("each worker polls in vain, too", POLLING.fact("polls_in_vain"), at_least(3))
            .because("each worker's last poll finds nothing"),
        check("the queue wakes its consumer", BLOCKING.fact("order"), put_then_get)
            .because("a get returns what a put has given"),
        check("waiting costs no processor", processor, below(0.1))
            .because("a blocked thread does not run; to call and to return takes microseconds")
            .unless(
                BLOCKING.fact("waited_s"),
                below(0.015),
                "the consumer was kept away until the item was there, and waited for {}",
            ),
        check("a full queue holds its producer", BOUNDED.fact("order"), get_then_put_again)
            .because("one place, taken until the first get"),
        check("an unbounded queue grows to 20+", MEMORY.fact("unbounded_peak"), within(20, 100))
            .because(
                "nothing holds up the producer; to find 20 of its 100 items, it would have to \
                 lose the processor for milliseconds again and again in the microseconds that it \
                 needs",
            ),
        check(
            "a bounded one to its capacity",
            MEMORY.fact("bounded_peak"),
            within(1, its("capacity")),
        )
        .because("a put waits while as many items as the capacity are in the queue"),
        check("join waits for nine of ten tasks", JOIN.fact("completed"), is(9))
            .because("ten were put; a panic drops the tenth, and a dropped task is done"),
        check("an uncaught panic ends its worker", JOIN.fact("workers_that_died"), is(1))
            .because("nothing in its thread catches the panic, and the thread's join returns it"),
        check("the pipeline delivers 1000 items", PIPELINE.fact("processed"), is(1000))
            .because("notes: 1000"),
        check("no item is done twice", PIPELINE.fact("distinct"), is(1000))
            .because("a queue gives each item to one worker"),
        check("each stage does each item once", PIPELINE.fact("once_per_stage"), is(1000))
            .because("each item has one stamp of each stage, in the order of the stages"),
        check("workers of two stages at once", PIPELINE.overlap(), at_least(6))
            .because("a stage has at most five workers, so six at once are of two stages"),
        check("3 workers make 334 calls in a row", PIPELINE.fact("elapsed_s"), at_least(0.334))
            .because("1000 ÷ 3 is more than 333, so one of them makes that many, each of 1 ms"),
        check("no faster than its slowest stage", took, at_least(0.99))
            .because("a worker makes one call at a time (the least is rounded to microseconds)"),
        check("at most 2.5 times as long", took, at_most(2.5))
            .because(
                "stages overlap; in a row the calls would take nine times the least; a busy \
                 machine makes both longer, for it is measured on the same calls",
            )
            .unless(PIPELINE.fact("thread_start_s"), at_least(0.02), "to start a thread takes {}"),
        check("a loop after the joins never runs", AFTER_JOINS.fact("rounds"), is(0))
            .because("all items are done when the joins return"),
        check("a loop before the joins does", BEFORE_JOINS.fact("rounds"), at_least(1))
            .because("nothing is uploaded before the first look"),
        check("and sees the finished items grow", BEFORE_JOINS.fact("seen"), grows())
            .because("none is finished at the first look, all are at the last"),
        check("an error costs one of 1000 items", ERROR.fact("processed"), is(999))
            .because("the stage catches what one item does, and goes on with the next"),
        check(
            "that item is reported: number 500",
            ERROR.fact("numbers_of_failed_items"),
            each(1, 500),
        )
        .because("the failure carries the item"),
        check("and so is the reason", ERROR.fact("reason"), is("resize: not a picture"))
            .because("the failure carries the error"),
        check("an error ends no worker", ERROR.fact("workers_that_died"), is(0))
            .because("an error is a value: the worker sends it on, and takes the next item"),
        check("a panic costs one of 1000 items", PANIC.fact("processed"), is(999))
            .because("the stage catches what one item does, and goes on with the next"),
        check("that item, too, is reported", PANIC.fact("numbers_of_failed_items"), each(1, 500))
            .because("the failure carries the item")
            .in_python(Python::ANY, "the worker that could have said so is gone"),
        check(
            "and so is what the panic said",
            PANIC.fact("reason"),
            is("resize: panicked: not a picture"),
        )
        .because("the failure carries what panic! was called with")
        .in_python(Python::ANY, "what nobody catches ends its thread, and is printed"),
        check("a caught panic ends no worker", PANIC.fact("workers_that_died"), is(0))
            .because("the stage catches the panic, and its worker takes the next item")
            .in_python(Python::ANY, "nobody catches what one worker raises, so its thread ends"),
    ];
    Item::new(55, "item55-queue", Load::Waits, checks)
        .headline(PIPELINE, "elapsed_s")
        .headline(PIPELINE, "without_calls_s")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::expectations::outcome;
    use crate::verdict::Outcome;

    #[test]
    fn only_a_consumer_that_came_too_late_to_wait_is_excused() {
        let outcome = |waited_s: f64, processor_s: f64| {
            let facts = json!({ "waited_s": waited_s, "processor_while_waiting_s": processor_s });
            outcome(&item(), "waiting costs no processor", &facts)
        };
        assert_eq!(outcome(0.03, 0.00002), Outcome::Passed);
        assert_eq!(outcome(0.03, 0.029), Outcome::Failed, "it polled");
        let too_late = outcome(0.00001, 0.00002);
        assert!(matches!(too_late, Outcome::Skipped(_)), "there was nothing to wait for");
        assert_eq!(outcome(0.0004, 0.00001), Outcome::Passed, "nothing to excuse");
    }
}
