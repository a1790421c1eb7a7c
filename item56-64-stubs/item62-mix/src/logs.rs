//! The logs of the story, and the programs that write them. Threads play those programs.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::Context;
use common::threads::{join_all, spawn};
use common::timeline::span;

use crate::settings::Settings;

/// A file that grows, with a flag that says that it will grow no more.
#[derive(Clone, Debug)]
pub struct Log {
    /// Where it is.
    pub path: PathBuf,
    /// Shared (`Arc`) rather than borrowed: a task may outlive the function that spawned it, so the task
    /// must own what it uses.
    ended: Arc<AtomicBool>,
}

impl Log {
    /// Creates empty logs in `dir`.
    pub fn create(dir: &Path, count: u16) -> anyhow::Result<Vec<Self>> {
        let create = |n| {
            let path = dir.join(format!("{n}.log"));
            File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
            Ok(Self { path, ended: Arc::default() })
        };
        (0..count).map(create).collect()
    }

    /// Whether the log has ended. Ask before you look at the file for the last time, and not after: a line
    /// that is written between look and question would be lost.
    pub fn has_ended(&self) -> bool {
        // Acquire, with the Release below: a thread that sees the flag also sees all writes before it.
        self.ended.load(Ordering::Acquire)
    }

    /// Says that the log has ended: to its follower, and to its writer where another thread says so.
    pub fn end(&self) {
        self.ended.store(true, Ordering::Release);
    }
}

/// Ends all `logs`, because something has failed: no follower is to wait for more of them.
pub fn end_all(logs: &[Log]) {
    logs.iter().for_each(Log::end);
}

/// Does `work` while a thread for each log plays the program that writes it. If `work` fails or a log
/// can't be written, the writers stop where they are.
pub fn beside_writers<T>(
    logs: &[Log],
    settings: &Settings,
    work: impl FnOnce() -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    thread::scope(|scope| {
        let writers = (0..).zip(logs).map(|(n, log)| {
            let write = move || log.write(n, settings).inspect_err(|_| end_all(logs));
            spawn(scope, format!("writer {n}"), write)
        });
        let writers: anyhow::Result<Vec<_>> = writers.collect();
        let worked = writers.and_then(|writers| {
            let value = work()?;
            join_all(writers)?;
            Ok(value)
        });
        worked.inspect_err(|_| end_all(logs))
    })
}

impl Log {
    /// Writes the lines of writer `n`, the first half of each in the middle of its pause, so that
    /// followers meet torn lines all the time.
    fn write(&self, n: u16, settings: &Settings) -> anyhow::Result<()> {
        let writing = || format!("cannot write {}", self.path.display());
        let mut file = File::options().append(true).open(&self.path).with_context(writing)?;
        // The log has ended before its last line if something has failed elsewhere.
        for (number, pause) in settings.pauses(n).enumerate().take_while(|_| !self.has_ended()) {
            thread::sleep(pause / 2);
            let line = || {
                file.write_all(format!("writer {n}, li").as_bytes())?;
                thread::sleep(pause / 2);
                file.write_all(format!("ne {number}\n").as_bytes())
            };
            span("line", line).with_context(writing)?;
        }
        self.end();
        Ok(())
    }
}
