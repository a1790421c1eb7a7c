//! The logs of the story, and the programs that write them, played by threads.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use common::threads::{Join, spawn};
use common::timeline::Lane;

/// A file that grows, and the news that it will grow no more.
#[derive(Clone, Debug)]
pub struct Log {
    /// Where it is.
    pub path: PathBuf,
    /// Shared rather than borrowed: a task may outlive the function that spawned it, so it must
    /// own what it uses.
    ended: Arc<AtomicBool>,
}

impl Log {
    /// Creates empty logs in `dir`.
    ///
    /// # Errors
    ///
    /// Fails when a file can't be created.
    pub fn create(dir: &Path, count: u16) -> anyhow::Result<Vec<Self>> {
        let create = |n| {
            let path = dir.join(format!("{n}.log"));
            File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
            Ok(Self { path, ended: Arc::default() })
        };
        (0..count).map(create).collect()
    }

    /// Whether it has ended. Ask before you look at the file for the last time, not after: what is
    /// written between your look and your question would be lost.
    pub fn has_ended(&self) -> bool {
        // Acquire, with the Release below: who sees the flag also sees all that came before it.
        self.ended.load(Ordering::Acquire)
    }

    /// Lets everybody know that it has ended: its followers, and its writer if that is another.
    pub fn end(&self) {
        self.ended.store(true, Ordering::Release);
    }
}

/// Ends all `logs`, because something has failed: nobody is to wait for more of them.
pub fn end_all(logs: &[Log]) {
    logs.iter().for_each(Log::end);
}

/// What the writers write.
#[derive(Clone, Copy, Debug)]
pub struct Writing {
    /// How many lines to each log.
    pub lines: u16,
    /// Each pause before a line is shorter than this.
    pub longest_pause: Duration,
    /// The same seed gives the same pauses.
    pub seed: u64,
}

/// Does `work` while a thread for each log plays the program that writes it, and records its lines
/// in one of `lanes`.
///
/// # Errors
///
/// Fails when `work` does or a log can't be written. Then the writers stop where they are.
pub fn beside_writers<T>(
    logs: &[Log],
    lanes: Vec<Lane<'_>>,
    writing: Writing,
    work: impl FnOnce() -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    thread::scope(|scope| {
        let writers = (0..).zip(logs).zip(lanes).map(|((n, log), mut lane)| {
            spawn(scope, "a writer", move || {
                let written = log.write(n, writing, &mut lane).inspect_err(|_| end_all(logs));
                written.with_context(|| format!("cannot write {}", log.path.display()))
            })
        });
        let writers: anyhow::Result<Vec<_>> = writers.collect();
        let worked = writers.and_then(|writers| {
            let value = work()?;
            writers.into_iter().try_for_each(|writer| writer.joined()?)?;
            Ok(value)
        });
        worked.inspect_err(|_| end_all(logs))
    })
}

impl Log {
    /// Writes the lines of writer `n`, the first half of each in the middle of its pause, so that
    /// followers meet torn lines all the time.
    fn write(&self, n: u16, writing: Writing, lane: &mut Lane<'_>) -> io::Result<()> {
        let mut file = File::options().append(true).open(&self.path)?;
        for (number, pause) in pauses(n, writing).into_iter().enumerate() {
            // Before its time, if something has failed and nobody wants more of it.
            if self.has_ended() {
                break;
            }
            thread::sleep(pause / 2);
            lane.record("line", || {
                file.write_all(format!("writer {n}, li").as_bytes())?;
                thread::sleep(pause / 2);
                file.write_all(format!("ne {number}\n").as_bytes())
            })?;
        }
        self.end();
        Ok(())
    }
}

fn pauses(writer: u16, Writing { lines, longest_pause, seed }: Writing) -> Vec<Duration> {
    let mut random = fastrand::Rng::with_seed(seed ^ (u64::from(writer) << 32));
    (0..lines).map(|_| longest_pause.mul_f64(random.f64())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_pauses_and_each_writer_its_own() {
        let longest_pause = Duration::from_millis(100);
        let of = |seed, writer| pauses(writer, Writing { lines: 10, longest_pause, seed });
        assert_eq!(of(62, 0), of(62, 0));
        assert_ne!(of(62, 0), of(62, 1));
        assert_ne!(of(62, 0), of(63, 0));
        assert!(of(62, 0).iter().all(|pause| *pause < longest_pause));
    }
}
