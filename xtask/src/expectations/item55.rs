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
    let processor = ratio(BLOCKING.fact("processor_s"), BLOCKING.fact("waited_s"), "of a wait");
    let took = ratio(PIPELINE.fact("elapsed_s"), PIPELINE.fact("bound_s"), "bounds");
    let checks = vec![
        check("polling workers do it all", POLLING.fact("processed"), is(1000))
            .because("notes: 1000"),
        check("each item is polled three times", POLLING.fact("polls"), at_least(3000))
            .because("1000 items through three stages"),
        check("the others are wasted", POLLING.fact("wasted"), at_least(3))
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
        check("an unbounded queue piles up", MEMORY.fact("unbounded_peak"), within(20, 100))
            .because(
                "nothing holds up the producer; to find 20 of its 100 items, it would have to \
                 lose the processor for milliseconds again and again in the microseconds that it \
                 needs",
            ),
        check("a bounded queue does not", MEMORY.fact("bounded_peak"), within(1, its("capacity")))
            .because("the capacity is a promise"),
        check("join waits for all tasks", JOIN.fact("completed"), is(9))
            .because("ten were put; one worker panicked on its own"),
        check("a panic does not hang it", JOIN.fact("panicked"), is(1))
            .because("its task is dropped all the same"),
        check("the pipeline does 1000 items", PIPELINE.fact("processed"), is(1000))
            .because("notes: 1000"),
        check("no item is done twice", PIPELINE.fact("distinct"), is(1000))
            .because("a queue gives each item to one worker"),
        check("each stage does each item once", PIPELINE.fact("once_per_stage"), is(1000))
            .because("nothing lost, nothing twice"),
        check("3 + 4 + 5 workers at once", PIPELINE.overlap(), at_least(6))
            .because("no stage has six: while one waits, so does another"),
        check("3 workers make 334 calls in a row", PIPELINE.fact("elapsed_s"), at_least(0.334))
            .because("of 1000 calls one of them makes that many, each of a millisecond"),
        check("never faster than its bound", took, at_least(0.99))
            .because("a worker makes one call at a time; the bound is rounded to microseconds"),
        check("nor far slower", took, at_most(2.5))
            .because(
                "stages overlap; in a row the calls would take nine times the bound; a busy \
                 machine makes both longer, for it is measured on the same calls",
            )
            .unless(PIPELINE.fact("thread_start_s"), at_least(0.02), "to start a thread takes {}"),
        check("after the joins: no rounds", AFTER_JOINS.fact("rounds"), is(0))
            .because("everything is done by then"),
        check("before the joins: rounds", BEFORE_JOINS.fact("rounds"), at_least(1))
            .because("nothing is uploaded before the first look"),
        check("which see the count grow", BEFORE_JOINS.fact("seen"), grows())
            .because("len() takes no lock for long; none at first, all at the end"),
        check("an error loses no other item", ERROR.fact("processed"), is(999))
            .because("an item fails alone"),
        check("and is reported with its item", ERROR.fact("failed_items"), each(1, 500))
            .because("the failure carries the item"),
        check("and with its reason", ERROR.fact("reason"), is("resize: not a picture"))
            .because("the failure carries the error"),
        check("a panic loses no other item", PANIC.fact("processed"), is(999))
            .because("an item fails alone"),
        check("a panic is reported with its item", PANIC.fact("failed_items"), each(1, 500))
            .because("the failure carries the item")
            .in_python(Python::ANY, "the worker that could have said so is gone"),
        check("and with what it said", PANIC.fact("reason"), is("resize: panicked: not a picture"))
            .because("the failure carries what panic! was called with")
            .in_python(Python::ANY, "what nobody catches ends its thread, and is printed"),
    ];
    Item::new(55, "item55-queue", Load::Waits, checks)
        .headline(PIPELINE, "elapsed_s")
        .headline(PIPELINE, "without_work_s")
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
            let facts = json!({ "waited_s": waited_s, "processor_s": processor_s });
            outcome(&item(), "waiting costs no processor", &facts)
        };
        assert_eq!(outcome(0.03, 0.00002), Outcome::Passed);
        assert_eq!(outcome(0.03, 0.029), Outcome::Failed, "it polled");
        let too_late = outcome(0.00001, 0.00002);
        assert!(matches!(too_late, Outcome::Skipped(_)), "there was nothing to wait for");
        assert_eq!(outcome(0.0004, 0.00001), Outcome::Passed, "nothing to excuse");
    }
}
