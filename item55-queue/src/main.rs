//! The story of item 55, in the order of the notes.

mod progress;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use common::program::duration_within;
use common::story::{OutputFlags, Story};
use common::timing::measure;
use item55_queue::bad_item::{Fails, with_a_bad_item};
use item55_queue::delivery::{deliver, deliver_without_work};
use item55_queue::last_loop::{after_the_joins, before_the_joins};
use item55_queue::memory::{CAPACITY, ITEMS, peak_length};
use item55_queue::proofs::{bound, distinct, once_per_stage};
use item55_queue::waiting::{blocking, bounded};
use item55_queue::{join, polling};

/// Item 55: from a queue that is polled to a pipeline that closes itself
#[derive(Debug, Parser)]
struct Flags {
    /// How many items go through the pipelines, at most 100000
    #[arg(long, default_value_t = 1000, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100_000))]
    items: u32,

    /// How many workers download, resize and upload, at most 1000 each
    #[arg(long, default_value = "3,4,5", allow_negative_numbers = true, value_parser = workers)]
    workers: [usize; 3],

    /// How long each of their system calls takes: up to 1min (the notes: 100ms)
    #[arg(long, default_value = "1ms", allow_hyphen_values = true)]
    #[arg(value_parser = duration_within("0ms", "1min"))]
    latency: Duration,

    #[command(flatten)]
    output: OutputFlags,
}

/// Parses the numbers of workers of the three stages.
fn workers(text: &str) -> Result<[usize; 3], String> {
    let numbers: Vec<usize> = text
        .split(',')
        .map(|number| match number.trim().parse() {
            Ok(number @ 1..=1000) => Ok(number),
            Ok(_) => Err("each stage needs 1 to 1000 workers".to_owned()),
            Err(_) => Err(format!("{number:?} is not a number of workers")),
        })
        .collect::<Result<_, _>>()?;
    let count = numbers.len();
    numbers.try_into().map_err(|_| format!("three numbers are needed, not {count}"))
}

fn main() -> ExitCode {
    common::program::run(tell)
}

fn tell(Flags { items, workers, latency, output }: Flags) -> anyhow::Result<()> {
    let story = Story::begin(55, env!("CARGO_PKG_DESCRIPTION"), output)?;

    let asking = story
        .step("polling", "three workers with hand-made queues; who finds nothing asks again")?;
    let (polled, elapsed) = measure(|| polling(items));
    let polled = polled?;
    asking.fact("processed", polled.processed).notes("1000");
    asking.fact("polls", polled.polls).notes("3010");
    asking.fact("wasted", polled.wasted);
    asking.figure("elapsed_s", elapsed);

    let empty = story.step("blocking", "an empty queue makes its consumer wait, and wakes it")?;
    let blocked = blocking(empty.lanes())?;
    empty.fact("order", blocked.order);
    empty.fact("waited_s", blocked.waited);
    empty.fact("processor_s", blocked.processor);

    let full =
        story.step("bounded", "a queue with one place, when full, makes its producer wait")?;
    let held_up = bounded(full.lanes())?;
    full.fact("order", held_up.order);
    full.figure("second_put_waited_s", held_up.second_put_waited);
    story.picture("the get waits for the put; the second put for the get", &[&empty, &full])?;

    let says = format!("a fast producer, a slow consumer, {ITEMS} items: the longest queue");
    let growing = story.step("memory", &says)?;
    growing.fact("unbounded_peak", peak_length(None)?);
    growing.fact("capacity", CAPACITY);
    growing.fact("bounded_peak", peak_length(Some(CAPACITY))?);

    let joining =
        story.step("join", "wait until ten tasks are done; one worker panics on its own")?;
    let joined = join()?;
    joining.fact("completed", joined.completed);
    joining.fact("panicked", joined.panicked);

    let [download, resize, upload] = workers;
    let says =
        format!("{download} download, {resize} resize, {upload} upload: joined stage by stage");
    let delivering = story.step("pipeline", &says)?;
    let lanes = delivering.lanes();
    let bar = progress::bar(items, workers, latency, output.json);
    let (done, elapsed) = measure(|| deliver(items, workers, latency, lanes, || bar.inc(1)));
    bar.finish_and_clear();
    let done = done?;
    let rounds_after_the_joins = after_the_joins(&done, items);
    let parcels: Vec<_> = done.map(|task| task.item).collect();
    let bound = bound(&lanes.spans(), workers);
    let (alone, queues_alone) = measure(|| deliver_without_work(items, workers));
    alone?;
    delivering.fact("processed", parcels.len()).notes("1000");
    delivering.proof("distinct", distinct(&parcels));
    delivering.proof("once_per_stage", once_per_stage(&parcels));
    story.say("Bound: the calls of the slowest stage, shared among its workers.")?;
    delivering.figure("call_s", bound.call);
    delivering.fact("bound_s", bound.shortest);
    delivering.fact("elapsed_s", elapsed);
    delivering.figure("without_work_s", queues_alone);
    story.picture("who downloads never rests; the others wait for them", &[&delivering])?;

    let late = story.step("loop_after_joins", "the notes' last loop, where the notes have it")?;
    late.fact("rounds", rounds_after_the_joins).notes("it never prints; why?");
    story.say("All was done when the joins returned: there is nothing left to wait for.")?;

    let early = story.step("loop_before_joins", "the same loop while the pipeline works")?;
    let seen = before_the_joins(items.div_ceil(4), workers, latency)?;
    early.fact("rounds", seen.len() - 1);
    early.proof("seen", seen);

    for (name, says, fails) in [
        ("stage_error", "resize fails on one item, with an error", Fails::WithAnError),
        ("stage_panic", "resize fails on one item, with a panic", Fails::WithAPanic),
    ] {
        let failing = story.step(name, says)?;
        let finished = with_a_bad_item(items, items / 2, fails)?;
        failing.fact("processed", finished.done.len());
        let failures = finished.failures;
        failing
            .fact("failed_items", failures.iter().map(|failure| failure.item).collect::<Vec<_>>());
        failing.fact("reason", failures.first().map_or(String::new(), ToString::to_string));
    }

    story.finish()?;
    Ok(())
}
