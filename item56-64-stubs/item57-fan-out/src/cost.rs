//! What a thread costs that does nothing.

use std::thread::Builder;
use std::time::Duration;

use anyhow::Context;
use common::threads::Join;
use common::timing::measure;

/// How long it takes to start it and to join it; the mean of many.
pub fn start_and_join() -> anyhow::Result<Duration> {
    const REPEATS: u32 = 200;
    let (outcome, elapsed) = measure(|| {
        for _ in 0..REPEATS {
            Builder::new().spawn(|| ()).context("cannot start a thread")?.joined()?;
        }
        anyhow::Ok(())
    });
    outcome.map(|()| elapsed / REPEATS)
}
