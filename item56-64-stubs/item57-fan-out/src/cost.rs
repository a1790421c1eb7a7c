//! What a thread costs that does nothing.

use std::thread;
use std::time::Duration;

use common::threads::{Join, spawn};
use common::timing::measure;

/// How long it takes to start it and to join it; the mean of many.
pub fn start_and_join() -> anyhow::Result<Duration> {
    const REPEATS: u32 = 200;
    let (outcome, elapsed) = measure(|| {
        thread::scope(|scope| (0..REPEATS).try_for_each(|_| spawn(scope, "idle", || ())?.joined()))
    });
    outcome.map(|()| elapsed / REPEATS)
}
