//! Item 62: lines a second that come through, from more and more files.

use std::time::Duration;

use anyhow::ensure;
use item62_mix::settings::Settings;
use item62_mix::trial::{Merge, run};
use item62_mix::{folder, mixed, tasks, threads};

use crate::curve::{Curve, Shown, way};
use crate::sizes;

/// So many lines are written to each file.
const LINES: u16 = 200;

pub fn lines() -> Curve {
    let by = |merge: Merge| {
        move |writers| {
            let writers = u16::try_from(writers)?;
            let poll = Duration::from_millis(1);
            let settings =
                Settings { writers, lines: LINES, pause: Duration::ZERO, seed: 62, poll };
            let (dir, removed_when_dropped) = folder::create()?;
            Ok(move |times| {
                let _ = &removed_when_dropped;
                let mut sum = Duration::ZERO;
                for _ in 0..times {
                    let outcome = run(&settings, &dir, merge)?;
                    let is_whole = outcome.torn == 0 && outcome.missing == 0;
                    ensure!(is_whole, "lines were lost: {outcome:?}");
                    sum += outcome.elapsed;
                }
                Ok(sum)
            })
        }
    };
    Curve {
        name: "lines",
        says: "item 62: lines merged while writers write them without a pause, a poll each 1 ms",
        unit: "files",
        sizes: sizes(&[1, 10, 50, 100, 200], &[]),
        shown: Shown::PerSecond(|files| files * u64::from(LINES)),
        ways: vec![
            way("threads", by(threads::merge)),
            way("both", by(mixed::merge)),
            way("tasks", by(tasks::merge)),
        ],
        note: "Each file has a thread that writes to it, which counts in all versions.",
    }
}
