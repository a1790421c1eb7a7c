//! What shows that a delivery lost nothing, that it was as fast as it can be, and what a wait costs.

use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use anyhow::ensure;
use common::rounds::until_undisturbed;
use common::timeline::{Lanes, Span};
use common::timing::thread_cpu_time;

use crate::Tasks;
use crate::delivery::{Parcel, STAGES, put_parcels, slowly, three_stages};
use crate::last_loop::before_the_joins;
use crate::pipeline::{Finished, Pipeline};

/// Does `work`; returns what it returned, and the processor time that this thread used for it.
pub fn processor_time_of<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let before = thread_cpu_time();
    let value = work();
    (value, thread_cpu_time() - before)
}

/// The processor time that `wait` used to wait, and its lanes. If that was more than a trifle, it waits again:
/// the system may count what it did itself, or what the host of a virtual machine took away. Who polls uses
/// it each time.
pub fn undisturbed(
    wait: impl Fn() -> anyhow::Result<Duration>,
) -> anyhow::Result<(Duration, Lanes)> {
    let is_a_trifle = |processor: &Duration| *processor < Duration::from_millis(1);
    let (processor, lanes, _) = until_undisturbed(|lanes| lanes.enter("main", &wait), is_a_trifle)?;
    Ok((processor, lanes))
}

/// The spans with this label, in the order of their lane.
fn labelled<'spans>(spans: &'spans [Span], label: &str) -> Vec<&'spans Span> {
    spans.iter().filter(|span| span.label == label).collect()
}

/// How long the last span with this label took.
pub fn last_took(spans: &[Span], label: &str) -> Duration {
    let last = labelled(spans, label).pop();
    last.map_or(Duration::ZERO, |span| Duration::from_micros(span.end_us - span.start_us))
}

/// What happened around an empty queue, as its spans tell.
pub fn order_of_blocking(spans: &[Span]) -> Vec<&'static str> {
    let (gets, puts) = (labelled(spans, "get"), labelled(spans, "put"));
    in_order(vec![
        ("consumer ready", gets[0].start_us),
        ("producer put", puts[0].start_us),
        ("producer done", puts[0].end_us),
        ("consumer done", gets[0].end_us),
    ])
}

/// What happened around a full queue, as its spans tell.
pub fn order_of_bounded(spans: &[Span]) -> Vec<&'static str> {
    let (gets, puts) = (labelled(spans, "get"), labelled(spans, "put"));
    in_order(vec![
        ("put 1 done", puts[0].end_us),
        ("get 1 begins", gets[0].start_us),
        ("get 1 done", gets[0].end_us),
        ("get 2 begins", gets[1].start_us),
        ("put 2 done", puts[1].end_us),
        ("producer done", puts[1].end_us),
        ("get 2 done", gets[1].end_us),
        ("consumer done", gets[1].end_us),
    ])
}

/// Events by their moments. Those of the same microsecond stay as they are: first the cause, then what
/// it leads to.
fn in_order(mut events: Vec<(&'static str, u64)>) -> Vec<&'static str> {
    events.sort_by_key(|(_, moment_us)| *moment_us);
    events.into_iter().map(|(event, _)| event).collect()
}

/// The parcels that came through. Fails with the first that did not, and if a worker died.
pub fn all_done(finished: Finished<Parcel>) -> anyhow::Result<Tasks<Parcel>> {
    ensure!(finished.died == 0, "{} of the workers panicked", finished.died);
    match finished.failures.into_iter().next() {
        Some(failure) => Err(failure.reason.context(format!("item {}", failure.item.number))),
        None => Ok(finished.done),
    }
}

/// What the last loop sees during a delivery. Nothing is uploaded until it has looked once, however busy
/// the machine is.
pub fn seen_before_the_joins(
    items: u32,
    workers: [usize; 3],
    latency: Duration,
) -> anyhow::Result<Vec<usize>> {
    let looked = OnceLock::new();
    let [download, resize, upload] = STAGES.map(|stage| slowly(stage, latency));
    let upload = |parcel: &mut Parcel| {
        looked.wait();
        upload(parcel)
    };
    let other_work = || {
        looked.get_or_init(|| ());
        thread::sleep(latency.max(Duration::from_millis(1)));
    };
    let stages = three_stages(workers, [&download, &resize, &upload]);
    thread::scope(|scope| {
        let pipeline = Pipeline::start(scope, &stages)?;
        put_parcels(items, &pipeline);
        let seen = before_the_joins(&pipeline, items, other_work);
        all_done(pipeline.join())?;
        Ok(seen)
    })
}

/// How many of `parcels` are different ones.
pub fn distinct(parcels: &[Parcel]) -> usize {
    parcels.iter().map(|parcel| parcel.number).collect::<BTreeSet<_>>().len()
}

/// How many of `parcels` have exactly one stamp of each stage, in the order of the stages.
pub fn once_per_stage(parcels: &[Parcel]) -> usize {
    parcels.iter().filter(|parcel| parcel.stamps == STAGES).count()
}

/// The stage of a pipeline that no other one can outrun.
#[derive(Debug)]
pub struct Slowest {
    /// Its name.
    pub stage: &'static str,
    /// How many workers share its calls.
    pub workers: usize,
    /// How many calls they make.
    pub calls: usize,
    /// How long one of these takes, on average.
    pub call: Duration,
    /// What its calls take, shared among its workers: the pipeline can't be faster.
    pub at_least: Duration,
}

/// The slowest stage of a pipeline with so many `workers`, from the `spans` of all calls.
pub fn slowest(spans: &[Span], workers: [usize; 3]) -> Slowest {
    let stages = STAGES.into_iter().zip(workers).map(|(stage, workers)| {
        let calls = labelled(spans, stage);
        let total: u64 = calls.iter().map(|span| span.end_us - span.start_us).sum();
        let share = |among: usize| Duration::from_micros(total).div_f64(among.max(1) as f64);
        let (at_least, call) = (share(workers), share(calls.len()));
        Slowest { stage, workers, calls: calls.len(), call, at_least }
    });
    stages.max_by_key(|stage| stage.at_least).expect("there are three stages")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task_queue;

    fn parcel(number: u32, stamps: &[&'static str]) -> Parcel {
        Parcel { number, stamps: stamps.to_vec() }
    }

    fn span(label: &str, start_us: u64, end_us: u64) -> Span {
        Span { lane: String::new(), label: label.into(), start_us, end_us }
    }

    #[test]
    fn of_events_in_the_same_microsecond_the_cause_comes_first() {
        let order = order_of_blocking(&[span("get", 0, 30), span("put", 30, 31)]);
        let expected = ["consumer ready", "producer put", "consumer done", "producer done"];
        assert_eq!(order, expected);
        let order = order_of_blocking(&[span("get", 0, 29), span("put", 30, 31)]);
        assert_eq!(order[1], "consumer done", "a get that waited for nothing is seen");
    }

    /// It may have taken a parcel along: none of the others tells of that one.
    #[test]
    fn a_delivery_that_cost_a_worker_fails() {
        let finished = |died| Finished { done: task_queue().1, failures: Vec::new(), died };
        assert!(all_done(finished(0)).is_ok());
        assert_eq!(all_done(finished(1)).unwrap_err().to_string(), "1 of the workers panicked");
    }

    #[test]
    fn a_parcel_that_comes_twice_is_not_two() {
        assert_eq!(distinct(&[parcel(1, &[]), parcel(2, &[]), parcel(1, &[])]), 2);
    }

    #[test]
    fn a_stage_left_out_or_done_twice_or_out_of_turn_does_not_count() {
        let [download, resize, upload] = STAGES;
        let parcels = [
            parcel(0, &STAGES),
            parcel(1, &[download, upload]),
            parcel(2, &[download, resize, resize, upload]),
            parcel(3, &[resize, download, upload]),
        ];
        assert_eq!(once_per_stage(&parcels), 1);
    }

    #[test]
    fn the_stage_whose_workers_take_longest_is_the_slowest() {
        let spans = [
            span("download", 0, 600),
            span("download", 0, 200),
            span("resize", 100, 600),
            span("upload", 600, 900),
        ];
        let tell = |workers| {
            let Slowest { stage, workers, calls, call, at_least } = slowest(&spans, workers);
            (stage, workers, calls, call.as_micros(), at_least.as_micros())
        };
        assert_eq!(tell([2, 1, 1]), ("resize", 1, 1, 500, 500), "two share the downloads");
        assert_eq!(tell([1, 1, 1]), ("download", 1, 2, 400, 800));
        assert_eq!(slowest(&[], [1, 1, 1]).at_least, Duration::ZERO);
    }
}
