//! The story of item 63: a heartbeat beside a slow write, on one event loop.

use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use clap::Parser;
use common::report::{OutputFlags, Story};
use common::slow_syscall;
use common::timeline::Timeline;
use tokio::runtime::{self, Runtime};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::MissedTickBehavior;

/// Item 63: a heartbeat beside a slow write, which blocks the event loop or has its own thread
#[derive(Debug, Parser)]
struct Flags {
    /// How often the heart beats: 1ms to 1min
    #[arg(long, default_value = "10ms", allow_hyphen_values = true)]
    #[arg(value_parser = interval)]
    beat: Duration,

    /// How long the slow write takes: 1ms to 1min
    #[arg(long, default_value = "500ms", allow_hyphen_values = true)]
    #[arg(value_parser = interval)]
    write: Duration,

    #[command(flatten)]
    output: OutputFlags,
}

/// How many beats are awaited before the write, and again after it.
const BEATS_AROUND: u64 = 5;

const LINE: &[u8] = b"a line of the log\n";

fn main() -> ExitCode {
    common::program::run(tell)
}

fn tell(Flags { beat, write, output }: Flags) -> anyhow::Result<()> {
    let title = "Avoid Blocking the asyncio Event Loop to Maximize Responsiveness";
    let mut story = Story::begin(63, title, output)?;
    let runtime = runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.context("cannot start tokio")?;
    // They have no names: nothing of them is left behind, however this program ends.
    let temporary = || tempfile::tempfile().context("cannot create a temporary file");

    story.step("direct", "a task does the slow write itself, and the loop waits with it")?;
    let mut file = temporary()?;
    let heart = write_directly(&story.timeline, &runtime, beat, write, &mut file)?;
    report(&mut story, &heart, file, write)?;

    story
        .step("thread", "the task hands the write to a thread of its own, and awaits the answer")?;
    let mut file = temporary()?;
    let heart = write_in_thread(&story.timeline, &runtime, beat, write, &mut file)?;
    report(&mut story, &heart, file, write)?;

    story.say("In the first version the heart stops for as long as the write takes.")?;
    story.finish(&[&["direct", "thread"]])?;
    Ok(())
}

/// What the heart did beside the write.
struct Heart {
    beats: Vec<Instant>,
    beats_during_write: u64,
}

impl Heart {
    fn longest_gap(&self) -> Duration {
        let gaps = self.beats.windows(2).map(|pair| pair[1] - pair[0]);
        gaps.max().unwrap_or_default()
    }
}

fn report(story: &mut Story, heart: &Heart, mut file: File, write: Duration) -> anyhow::Result<()> {
    let mut text = Vec::new();
    file.rewind()
        .and_then(|()| file.read_to_end(&mut text))
        .context("cannot read the file back")?;
    story.fact("file_holds", String::from_utf8_lossy(&text).trim_end())?;
    story.time("write", write)?;
    story.time("longest_gap", heart.longest_gap())?;
    story.fact("beats", heart.beats.len())?;
    story.fact("beats_during_write", heart.beats_during_write)?;
    Ok(())
}

/// Nothing here looks slow, and nothing warns: `slow_write` is a plain function, and whoever calls
/// it from a task stops every task of this thread.
fn write_directly(
    timeline: &Timeline,
    runtime: &Runtime,
    beat: Duration,
    latency: Duration,
    file: &mut File,
) -> anyhow::Result<Heart> {
    let mut lane = timeline.lane("direct", "writer");
    let write = async { lane.record("write", || slow_write(file, latency, LINE)) };
    let heart = runtime.block_on(beside_heartbeat(beat, write))?;
    draw(timeline, "direct", &heart);
    Ok(heart)
}

/// The thread owns the file and the task sends it what to write, with a channel for the answer.
/// The thread ends when the sender is dropped.
fn write_in_thread(
    timeline: &Timeline,
    runtime: &Runtime,
    beat: Duration,
    latency: Duration,
    file: &mut File,
) -> anyhow::Result<Heart> {
    type Request = (&'static [u8], oneshot::Sender<anyhow::Result<()>>);
    let (requests, mut received) = mpsc::channel::<Request>(1);
    let mut lane = timeline.lane("thread", "writer");
    let heart = thread::scope(|scope| {
        let writer = move || {
            while let Some((text, answer)) = received.blocking_recv() {
                let outcome = lane.record("write", || slow_write(file, latency, text));
                // It fails if nobody waits for the answer any more.
                let _ = answer.send(outcome);
            }
        };
        thread::Builder::new()
            .spawn_scoped(scope, writer)
            .context("cannot start the thread that writes")?;
        let write = async move {
            let (answer, answered) = oneshot::channel();
            let gone = || anyhow!("the thread that writes is gone");
            requests.send((LINE, answer)).await.map_err(|_| gone())?;
            answered.await.map_err(|_| gone())?
        };
        runtime.block_on(beside_heartbeat(beat, write))
    })?;
    draw(timeline, "thread", &heart);
    Ok(heart)
}

/// Stands in for a slow disk: the caller waits in a system call, as `write(2)` makes it wait.
fn slow_write(file: &mut File, latency: Duration, text: &[u8]) -> anyhow::Result<()> {
    slow_syscall(latency)?;
    file.write_all(text).context("cannot write the file")
}

/// Awaits `write` while another task beats. The order is kept by the beats themselves: some
/// before the write, some after it.
async fn beside_heartbeat(
    every: Duration,
    write: impl Future<Output = anyhow::Result<()>>,
) -> anyhow::Result<Heart> {
    let (count, mut counted) = watch::channel(0);
    let heart = tokio::spawn(beat(every, count));

    let stopped = "the heart stopped by itself";
    counted.wait_for(|beats| *beats >= BEATS_AROUND).await.context(stopped)?;
    let before = *counted.borrow();
    write.await?;
    let after = *counted.borrow();
    counted.wait_for(|beats| *beats >= after + BEATS_AROUND).await.context(stopped)?;

    // The heart beats as long as anybody listens.
    drop(counted);
    let beats = heart.await.context("the heart panicked")?;
    Ok(Heart { beats, beats_during_write: after - before })
}

async fn beat(every: Duration, count: watch::Sender<u64>) -> Vec<Instant> {
    let mut interval = tokio::time::interval(every);
    // After a stall, go on as usual; by default the missed beats would follow all at once.
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut beats = Vec::new();
    loop {
        interval.tick().await;
        beats.push(Instant::now());
        if count.send(beats.len() as u64).is_err() {
            return beats;
        }
    }
}

fn draw(timeline: &Timeline, step: &'static str, heart: &Heart) {
    let mut lane = timeline.lane(step, "heart");
    for beat in &heart.beats {
        lane.record_between("beat", *beat, *beat);
    }
}

fn interval(text: &str) -> Result<Duration, String> {
    let interval = common::program::duration(text).map_err(|error| error.to_string())?;
    if (Duration::from_millis(1)..=Duration::from_secs(60)).contains(&interval) {
        Ok(interval)
    } else {
        Err("it is not between 1ms and 1min".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_gap_is_between_neighbouring_beats() {
        let start = Instant::now();
        let beats = [0, 10, 20, 520, 530].map(|ms| start + Duration::from_millis(ms)).to_vec();
        let heart = Heart { beats, beats_during_write: 0 };
        assert_eq!(heart.longest_gap(), Duration::from_millis(500));
    }
}
