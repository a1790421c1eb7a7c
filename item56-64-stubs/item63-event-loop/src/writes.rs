//! The same slow write in two places: on the event loop's own thread, and in a thread for writing.

use std::fs::File;
use std::io::Write;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use common::slow_syscall;
use common::threads::spawn;
use common::timeline::span;
use tokio::sync::{mpsc, oneshot};

use crate::heart::{Heart, beside_a_heart};

const LINE: &[u8] = b"a line of the log\n";

/// A slow disk: the caller waits for `latency` in a system call, as a slow `write(2)` would make it wait.
/// Returns how long the write took.
fn slow_write(file: &mut File, text: &[u8], latency: Duration) -> anyhow::Result<Duration> {
    let start = Instant::now();
    let written = span("write", || {
        slow_syscall(latency)?;
        file.write_all(text)
    });
    written.context("cannot write the file")?;
    Ok(start.elapsed())
}

/// Writes in a task. Nothing here looks slow, and nothing warns: `slow_write` is a plain function. A task that
/// calls it stops every task of this thread.
pub fn write_directly(file: &mut File, latency: Duration, beat: Duration) -> anyhow::Result<Heart> {
    beside_a_heart(beat, async { slow_write(file, LINE, latency) })
}

/// What the task asks of the thread that writes: the text, and where the answer goes.
type Request = (&'static [u8], oneshot::Sender<anyhow::Result<Duration>>);

/// Writes in a thread that owns the file. The task sends the thread what to write, and awaits the answer. The
/// thread ends when the sender is dropped.
pub fn write_in_a_thread(
    file: &mut File,
    latency: Duration,
    beat: Duration,
) -> anyhow::Result<Heart> {
    let (requests, mut received) = mpsc::channel::<Request>(1);
    thread::scope(|scope| {
        spawn(scope, "writer", move || {
            while let Some((text, answer)) = received.blocking_recv() {
                // The answer is lost if nobody waits for it any more.
                let _ = answer.send(slow_write(file, text, latency));
            }
        })?;
        let write = async move {
            let (answer, answered) = oneshot::channel();
            let gone = "the thread that writes is gone";
            requests.send((LINE, answer)).await.context(gone)?;
            answered.await.context(gone)?
        };
        beside_a_heart(beat, write)
    })
}
