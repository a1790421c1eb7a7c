//! The notes' program: a thousand items are downloaded, resized and uploaded.

use std::array::from_fn;
use std::thread;
use std::time::Duration;

use common::slow_syscall;

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

/// Sends so many parcels through `stages`.
pub fn send(items: u32, stages: &[Stage<'_, Parcel>]) -> anyhow::Result<Finished<Parcel>> {
    thread::scope(|scope| {
        let pipeline = Pipeline::start(scope, stages)?;
        put_parcels(items, &pipeline);
        Ok(pipeline.join())
    })
}

/// Puts so many parcels into a pipeline, without a stamp.
pub fn put_parcels(items: u32, pipeline: &Pipeline<'_, Parcel>) {
    (0..items).for_each(|number| pipeline.put(Parcel { number, stamps: Vec::new() }));
}

/// The work of a stage: a slow system call, and a stamp.
pub fn slowly(name: &'static str, wait: Duration) -> impl Fn(&mut Parcel) -> anyhow::Result<()> {
    move |parcel| {
        slow_syscall(wait)?;
        parcel.stamps.push(name);
        Ok(())
    }
}

/// The three stages with so many workers each, who do this work.
pub fn three_stages<T>(workers: [usize; 3], work: [Work<'_, T>; 3]) -> [Stage<'_, T>; 3] {
    from_fn(|n| Stage { name: STAGES[n], workers: workers[n], work: work[n] })
}
