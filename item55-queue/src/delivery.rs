//! The notes' program: a thousand items are downloaded, resized and uploaded.

use std::thread;
use std::time::Duration;

use anyhow::bail;
use common::slow_syscall;
use common::timeline::Lanes;

use crate::Tasks;
use crate::failure::Work;
use crate::pipeline::{Finished, Pipeline, Stage};

/// The stages, in their order.
pub const STAGES: [&str; 3] = ["download", "resize", "upload"];

/// An item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// Which one it is.
    pub number: u32,
    /// The stages it has passed, in order.
    pub stamps: Vec<&'static str>,
}

/// Sends parcels through the three stages, where each of them waits for a slow system call; calls
/// `uploaded` for each that has come through.
///
/// # Errors
///
/// Fails when the system does not give so many threads, or a socket for each.
pub fn deliver(
    items: u32,
    workers: [usize; 3],
    latency: Duration,
    lanes: &Lanes,
    uploaded: impl Fn() + Sync,
) -> anyhow::Result<Tasks<Parcel>> {
    let [download, resize, upload] = STAGES.map(|stage| slowly(stage, latency));
    let upload = |parcel: &mut Parcel| upload(parcel).map(|()| uploaded());
    send(items, &three_stages(workers, [&download, &resize, &upload]), Some(lanes))
}

/// The same where nobody waits for a system call and nobody looks on: what the queues alone take.
///
/// # Errors
///
/// Fails when the system does not give so many threads.
pub fn deliver_without_work(items: u32, workers: [usize; 3]) -> anyhow::Result<Tasks<Parcel>> {
    let [download, resize, upload] = STAGES.map(|stage| {
        move |parcel: &mut Parcel| {
            parcel.stamps.push(stage);
            Ok(())
        }
    });
    send(items, &three_stages(workers, [&download, &resize, &upload]), None)
}

fn send(
    items: u32,
    stages: &[Stage<'_, Parcel>],
    lanes: Option<&Lanes>,
) -> anyhow::Result<Tasks<Parcel>> {
    let finished = thread::scope(|scope| {
        let pipeline = Pipeline::start(scope, stages, lanes)?;
        parcels(items).for_each(|parcel| pipeline.put(parcel));
        pipeline.join()
    })?;
    unless_one_failed(finished)
}

/// So many parcels, without a stamp.
pub fn parcels(count: u32) -> impl Iterator<Item = Parcel> {
    (0..count).map(|number| Parcel { number, stamps: Vec::new() })
}

/// The work of a stage: a slow system call, and a stamp.
pub fn slowly(
    stage: &'static str,
    latency: Duration,
) -> impl Fn(&mut Parcel) -> anyhow::Result<()> + Sync {
    move |parcel| {
        slow_syscall(latency)?;
        parcel.stamps.push(stage);
        Ok(())
    }
}

/// The stages with so many workers each, who do this work.
pub fn three_stages<T>(workers: [usize; 3], work: [Work<'_, T>; 3]) -> Vec<Stage<'_, T>> {
    let named = STAGES.into_iter().zip(workers).zip(work);
    named.map(|((name, workers), work)| Stage { name, workers, work }).collect()
}

/// The parcels that came through, if all did.
///
/// # Errors
///
/// Fails with the first failure.
pub fn unless_one_failed(finished: Finished<Parcel>) -> anyhow::Result<Tasks<Parcel>> {
    if let Some(failure) = finished.failures.first() {
        bail!("item {}: {failure}", failure.item.number);
    }
    Ok(finished.done)
}
