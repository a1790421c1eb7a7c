//! The story of item 55, in the order of the notes.

mod steps;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use common::program::duration;
use common::report::{OutputFlags, Story};
use common::timing::measure;

/// Item 55: from a queue that is polled to a pipeline that closes itself
#[derive(Debug, Parser)]
struct Flags {
    /// How many items go through the pipelines
    #[arg(long, default_value_t = 1000, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    items: u32,

    /// How many workers download, resize and upload, at most 1000 each
    #[arg(long, default_value = "3,4,5", allow_negative_numbers = true, value_parser = crew)]
    workers: [usize; 3],

    /// How long each of their system calls takes (the notes: 100ms)
    #[arg(long, default_value = "1ms", value_parser = duration)]
    latency: Duration,

    #[command(flatten)]
    output: OutputFlags,
}

/// Parses the numbers of workers of the three stages.
fn crew(text: &str) -> Result<[usize; 3], String> {
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
    common::program::run(|flags: Flags| tell(&flags))
}

fn tell(flags: &Flags) -> anyhow::Result<()> {
    let title = "Use Queue to Coordinate Work Between Threads";
    let mut story = Story::begin(55, title, flags.output)?;
    let items = flags.items;

    story.step("polling", "three workers with hand-made queues; who finds nothing asks again")?;
    let (polled, elapsed) = measure(|| steps::polling(&story.timeline, items));
    let polled = polled?;
    story.fact_beside("processed", polled.processed, "1000")?;
    story.fact_beside("polls", polled.polls, "3010")?;
    story.fact("wasted", polled.polls - polled.successful)?;
    story.time("elapsed", elapsed)?;

    story.step("blocking", "a queue that wakes its consumer")?;
    let blocked = steps::blocking()?;
    story.fact("order", blocked.order)?;
    story.time("waited", blocked.waited)?;
    story.time("processor", blocked.processor)?;

    story.step("bounded", "a queue for one item: the second put waits for the first get")?;
    let bounded = steps::bounded()?;
    story.fact("order", bounded.order)?;
    story.time("second_put_waited", bounded.second_put_waited)?;

    story.step("memory", "a fast producer and a slow consumer; the longest the queue became")?;
    story.fact("items", steps::MEMORY_ITEMS)?;
    story.fact("unbounded_peak", steps::peak_length(None)?)?;
    story.fact("capacity", steps::CAPACITY)?;
    story.fact("bounded_peak", steps::peak_length(Some(steps::CAPACITY))?)?;

    story.step("join", "wait until all that was put is done; one worker panics on its item")?;
    let joined = steps::join()?;
    story.fact("put", joined.put)?;
    story.fact("completed_at_join", joined.completed_at_join)?;
    story.fact("panicked", joined.panicked)?;

    story.step("pipeline", "download, resize, upload: closed and joined stage by stage")?;
    let run = steps::pipeline(&story.timeline, flags)?;
    story.fact("workers", flags.workers.to_vec())?;
    story.fact_beside("processed", run.processed, "1000")?;
    story.fact("distinct", run.distinct)?;
    story.fact("once_per_stage", run.once_per_stage)?;
    story.time("latency", run.latency)?;
    story.time("elapsed", run.elapsed)?;
    story.time("bound", run.bound)?;
    story.fact("percent_of_bound", 100.0 * run.elapsed.as_secs_f64() / run.bound.as_secs_f64())?;

    story.step("loop_after_joins", "the notes' last loop, where the notes have it")?;
    story.fact_beside("rounds", run.rounds_after_joins, "it never prints; why?")?;
    story.say("Everything was done when the joins returned: nothing is left to wait for.")?;

    story.step("loop_before_joins", "the same loop while the pipeline works, on fewer items")?;
    let seen = steps::loop_before_joins(flags)?;
    story.fact("rounds", seen.len().saturating_sub(1))?;
    story.fact("seen", steps::sample(&seen))?;

    for (step, kind) in [("stage_error", "an error"), ("stage_panic", "a panic")] {
        story.step(step, &format!("resize fails on one item, with {kind}"))?;
        let failed = steps::failing_stage(items, step == "stage_panic")?;
        story.fact("bad_item", failed.bad_item)?;
        story.fact("processed", failed.processed)?;
        story.fact("failures", failed.failures.len())?;
        story.fact("failed_item", failed.failures.first().map(|failure| failure.number))?;
        story.fact("reason", failed.failures.first().map(steps::reason))?;
    }

    story.finish(&[&["polling"], &["pipeline"]])?;
    Ok(())
}
