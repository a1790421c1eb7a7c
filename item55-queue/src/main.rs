//! The story of item 55, in the order of the notes.

mod progress;

use std::panic::resume_unwind;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use clap::Parser;
use common::program::duration_within;
use common::story::{OutputFlags, Story};
use common::threads::start_and_join;
use common::timing::measure;
use common::unit::show_time;
use crossbeam::channel;
use item55_queue::bad_item::with_a_bad_item;
use item55_queue::delivery::{Parcel, STAGES, send, slowly, three_stages};
use item55_queue::last_loop::after_the_joins;
use item55_queue::memory::{ITEMS, peak_length};
use item55_queue::pipeline::Finished;
use item55_queue::proofs::Slowest;
use item55_queue::waiting::{blocking, bounded};
use item55_queue::{join, polling, proofs};

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
    let number = |text: &str| match text.trim().parse() {
        Ok(number @ 1..=1000) => Ok(number),
        Ok(_) => Err("each stage needs 1 to 1000 workers".to_owned()),
        Err(_) => Err(format!("{text:?} is not a number of workers")),
    };
    let numbers: Vec<usize> = text.split(',').map(number).collect::<Result<_, _>>()?;
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
    let (processed, polls) = polled?;
    asking.fact("processed", processed).notes("1000");
    let in_vain = polls.saturating_sub(3 * items);
    let sum = format!("3 stages × {items} items + {in_vain} in vain");
    asking.fact("polls", polls).notes("3010").about(&sum);
    asking.proof("polls_in_vain", in_vain);
    asking.figure("elapsed_s", elapsed);

    let empty = story.step("blocking", "an empty queue makes its consumer wait, and wakes it")?;
    let (processor, lanes) = proofs::undisturbed(blocking)?;
    empty.show(&lanes);
    empty.proof("order", proofs::order_of_blocking(&empty.spans()));
    empty.fact("waited_s", proofs::last_took(&empty.spans(), "get"));
    empty.fact("processor_while_waiting_s", processor);

    let full =
        story.step("bounded", "a queue with one place, when full, makes its producer wait")?;
    full.enter(bounded)?;
    full.proof("order", proofs::order_of_bounded(&full.spans()));
    full.figure("second_put_waited_s", proofs::last_took(&full.spans(), "put"));
    story.picture("the get waits for the put; the second put for the get", &[&empty, &full])?;

    let says = format!("a fast producer, a slow consumer, {ITEMS} items: the longest queue");
    let capacity = 10;
    let growing = story.step("memory", &says)?;
    growing.fact("unbounded_peak", peak_length(channel::unbounded())?);
    growing.setting("capacity", capacity);
    growing.fact("bounded_peak", peak_length(channel::bounded(capacity))?);

    let joining =
        story.step("join", "wait until ten tasks are done; one worker panics in its task")?;
    let (completed, died) = join()?;
    joining.fact("completed", completed);
    joining.fact("workers_that_died", died);

    let [download, resize, upload] = workers;
    let says = format!(
        "{download} download, {resize} resize, {upload} upload; each call waits for {}",
        show_time(latency)
    );
    let delivering = story.step("pipeline", &says)?;
    let bar = progress::bar(items, workers, latency, output.json);
    let [download, resize, upload] = STAGES.map(|stage| slowly(stage, latency));
    let upload = |parcel: &mut Parcel| upload(parcel).map(|()| bar.inc(1));
    let deliver = || send(items, &three_stages(workers, [&download, &resize, &upload]));
    let (finished, elapsed) = measure(|| delivering.enter(deliver));
    bar.finish_and_clear();
    let done = proofs::all_done(finished?)?;
    let rounds_after_the_joins = after_the_joins(&done, items);
    let parcels: Vec<_> = done.into_iter().map(|task| task.item).collect();
    let slowest = proofs::slowest(&delivering.spans(), workers);
    let no_work = |_: &mut Parcel| Ok(());
    let (idle, without_calls) = measure(|| send(items, &three_stages(workers, [&no_work; 3])));
    proofs::all_done(idle?)?;
    delivering.fact("processed", parcels.len()).notes("1000");
    delivering.proof("distinct", proofs::distinct(&parcels));
    delivering.proof("once_per_stage", proofs::once_per_stage(&parcels));
    let Slowest { stage, workers: among, calls, call, at_least } = slowest;
    let shared = format!("{calls} ÷ {among} calls in the slowest stage × {}", show_time(call));
    delivering.fact("at_least_s", at_least).about(&shared);
    delivering.fact("elapsed_s", elapsed);
    delivering.figure("without_calls_s", without_calls);
    delivering.proof("thread_start_s", start_and_join(3)?);
    let look = format!("the workers of {stage} rest least: the other stages wait for theirs");
    story.picture(&look, &[&delivering])?;

    let late = story.step("loop_after_joins", "the notes' last loop, where the notes have it")?;
    late.fact("rounds", rounds_after_the_joins).notes("it never prints; why?");
    story.say("All was done when the joins returned: there is nothing left to wait for.")?;

    let few = items.div_ceil(4);
    let says = format!("the same loop while {few} items go through the pipeline");
    let early = story.step("loop_before_joins", &says)?;
    let seen = proofs::seen_before_the_joins(few, workers, latency)?;
    early.fact("rounds", seen.len() - 1);
    early.proof("seen", seen);

    let an_error: fn() -> _ = || bail!("not a picture");
    // Unwinds like a panic, without its message: this one is on purpose.
    let a_panic: fn() -> _ = || resume_unwind(Box::new("not a picture"));
    for (name, says, fail) in [
        ("stage_error", "resize fails on one item, with an error", an_error),
        ("stage_panic", "resize fails on one item, with a panic", a_panic),
    ] {
        let failing = story.step(name, says)?;
        let Finished { done, failures, died } = with_a_bad_item(items, items / 2, fail)?;
        failing.fact("processed", done.len());
        let failed: Vec<_> = failures.iter().map(|failure| failure.item.number).collect();
        failing.fact("numbers_of_failed_items", failed);
        let reason = failures.first().map(|failure| format!("{:#}", failure.reason));
        failing.fact("reason", reason.unwrap_or_default());
        failing.fact("workers_that_died", died);
    }

    story.finish()?;
    Ok(())
}
