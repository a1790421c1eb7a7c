//! The same slow write, twice: on the event loop's own thread, and in a thread of its own.

use std::fs::File;
use std::io::Write;
use std::thread;
use std::time::Duration;

use anyhow::{Context, anyhow};
use common::slow_syscall;
use common::threads::spawn;
use common::timeline::Lanes;
use common::timing::measure;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};

use crate::heart::{Heart, beside_a_heart};

const LINE: &[u8] = b"a line of the log\n";

/// A slow disk: the caller waits for `latency` in a system call, as `write(2)` makes it wait. Returns
/// how long that was.
fn slow_write(file: &mut File, text: &[u8], latency: Duration) -> anyhow::Result<Duration> {
    let (written, waited) = measure(|| {
        slow_syscall(latency)?;
        file.write_all(text)
    });
    written.context("cannot write the file")?;
    Ok(waited)
}

/// Writes in a task. Nothing here looks slow, and nothing warns: `slow_write` is a plain function,
/// and whoever calls it from a task stops every task of this thread.
pub fn write_directly(
    runtime: &Runtime,
    lanes: &Lanes,
    file: &mut File,
    latency: Duration,
    beat: Duration,
) -> anyhow::Result<(Duration, Heart)> {
    let mut lane = lanes.lane("writer");
    let write = async { lane.record("write", || slow_write(file, LINE, latency)) };
    runtime.block_on(beside_a_heart(beat, write))
}

/// What the task asks of the thread that writes: the text, and where the answer goes.
type Request = (&'static [u8], oneshot::Sender<anyhow::Result<Duration>>);

/// Writes in a thread that owns the file. The task sends it what to write and awaits the answer; the
/// thread ends when the sender is dropped.
pub fn write_in_a_thread(
    runtime: &Runtime,
    lanes: &Lanes,
    file: &mut File,
    latency: Duration,
    beat: Duration,
) -> anyhow::Result<(Duration, Heart)> {
    let (requests, mut received) = mpsc::channel::<Request>(1);
    let mut lane = lanes.lane("writer");
    thread::scope(|scope| {
        spawn(scope, "the thread that writes", move || {
            while let Some((text, answer)) = received.blocking_recv() {
                let written = lane.record("write", || slow_write(file, text, latency));
                // It fails if nobody waits for the answer any more.
                let _ = answer.send(written);
            }
        })?;
        let write = async move {
            let (answer, answered) = oneshot::channel();
            let gone = || anyhow!("the thread that writes is gone");
            requests.send((LINE, answer)).await.map_err(|_| gone())?;
            answered.await.map_err(|_| gone())?
        };
        runtime.block_on(beside_a_heart(beat, write))
    })
}
