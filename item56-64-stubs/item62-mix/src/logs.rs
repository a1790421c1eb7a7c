//! The log files of the story and the programs that write them, played by threads.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use common::timeline::Lane;

/// A file that grows, and the news that it will grow no more.
#[derive(Clone, Debug)]
pub struct Log {
    pub path: PathBuf,
    /// Shared rather than borrowed: a task may outlive the function that spawned it, so it must
    /// own what it uses.
    ended: Arc<AtomicBool>,
}

impl Log {
    /// A log whose writer ends when `ended` says so.
    pub fn new(path: PathBuf, ended: Arc<AtomicBool>) -> Self {
        Self { path, ended }
    }

    /// Creates empty logs in `dir`.
    pub fn create(dir: &Path, count: u16) -> anyhow::Result<Vec<Self>> {
        let create = |n| {
            let path = dir.join(format!("{n}.log"));
            File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
            Ok(Self::new(path, Arc::default()))
        };
        (0..count).map(create).collect()
    }

    /// Whether the writer has ended. Ask before you look at the file for the last time, not
    /// after: what it wrote between your look and your question would be lost.
    pub fn has_ended(&self) -> bool {
        // Acquire, with the Release below: who sees the flag also sees all that came before it.
        self.ended.load(Ordering::Acquire)
    }

    /// What is in it now.
    pub fn read(&self) -> anyhow::Result<Vec<u8>> {
        fs::read(&self.path).with_context(|| format!("cannot read {}", self.path.display()))
    }

    /// Plays the program that writes this log: a line after each of `pauses`. The first half of
    /// a line comes in the middle of its pause, so that followers meet torn lines all the time.
    pub fn write(&self, name: &str, pauses: &[Duration], lane: &mut Lane) -> anyhow::Result<()> {
        let written = self.write_lines(name, pauses, lane);
        // Also when writing failed: the followers must not wait for ever.
        self.ended.store(true, Ordering::Release);
        written.with_context(|| format!("cannot write {}", self.path.display()))
    }

    fn write_lines(&self, name: &str, pauses: &[Duration], lane: &mut Lane) -> std::io::Result<()> {
        let mut file = File::options().append(true).open(&self.path)?;
        for (number, pause) in pauses.iter().enumerate() {
            thread::sleep(*pause / 2);
            lane.record("line", || {
                file.write_all(format!("{name}, li").as_bytes())?;
                thread::sleep(*pause / 2);
                file.write_all(format!("ne {number}\n").as_bytes())
            })?;
        }
        Ok(())
    }
}

/// The pauses before the lines of one writer, each shorter than `most`. The same seed gives the
/// same pauses.
pub fn pauses(seed: u64, writer: u16, lines: u16, most: Duration) -> Vec<Duration> {
    let mut random = fastrand::Rng::with_seed(seed ^ (u64::from(writer) << 32));
    (0..lines).map(|_| most.mul_f64(random.f64())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_pauses_and_each_writer_its_own() {
        let most = Duration::from_millis(100);
        let of = |seed, writer| pauses(seed, writer, 10, most);
        assert_eq!(of(62, 0), of(62, 0));
        assert_ne!(of(62, 0), of(62, 1));
        assert_ne!(of(62, 0), of(63, 0));
        assert!(of(62, 0).iter().all(|pause| *pause < most));
    }
}
