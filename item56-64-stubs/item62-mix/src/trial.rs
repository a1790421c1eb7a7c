//! What `cargo xtask verify` judges: a version merges growing logs, and this file counts what became of the
//! lines.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use common::threads::start_and_join;
use common::timeline::lane;
use common::timing::measure;

use crate::logs::{Log, beside_writers};
use crate::settings::Settings;

/// A version, which merges logs into a new file until they end: [`threads::merge`](crate::threads::merge) says
/// more.
pub type Merge = fn(&[Log], &Path, Duration) -> anyhow::Result<usize>;

/// How the merged file compares with the logs, and what a version met on the way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Lines in the logs.
    pub written: usize,
    /// Lines in the merged file.
    pub merged: usize,
    /// Lines of the logs that the merged file lacks.
    pub missing: usize,
    /// Lines that came a second time.
    pub repeated: usize,
    /// Lines that are no line of any log: torn ones, or two in one.
    pub torn: usize,
    /// Lines that came right after a later line of their own log.
    pub out_of_order: usize,
    /// How many lines were met when only their beginning was there.
    pub halves: usize,
    /// How long this machine takes to start a thread.
    pub thread_start: Duration,
    /// How long the merging took, from before the first line to after the last.
    pub elapsed: Duration,
}

/// Lets the writers write and `merge` merge at the same time, in `dir`, and compares afterwards.
pub fn run(settings: &Settings, dir: &Path, merge: Merge) -> anyhow::Result<Outcome> {
    let logs = Log::create(dir, settings.writers)?;
    let into = dir.join("merged");
    // Lanes are drawn in the order in which they were made: each writer's above its follower's.
    for n in 0..settings.writers {
        drop((lane(format!("writer {n}")), lane(format!("follower {n}"))));
    }
    let merging = || merge(&logs, &into, settings.poll);
    let (halves, elapsed) = measure(|| beside_writers(&logs, settings, merging));
    let read =
        |path: &Path| fs::read(path).with_context(|| format!("cannot read {}", path.display()));
    let texts = logs.iter().map(|log| read(&log.path)).collect::<anyhow::Result<Vec<_>>>()?;
    let (halves, thread_start) = (halves?, start_and_join(3)?);
    Ok(Outcome { halves, thread_start, elapsed, ..compare(&texts, read(&into)?) })
}

/// Compares a merged file with the logs that it was merged from.
///
/// The lines of the logs must all differ; otherwise it could not be said which of two was lost.
///
/// ```
/// use item62_mix::trial::{Outcome, compare};
///
/// let logs = ["a1\na2\n", "b1\nb2\n"];
/// let whole = Outcome { written: 4, merged: 4, ..Outcome::default() };
/// assert_eq!(compare(&logs, "b1\na1\na2\nb2\n"), whole);
///
/// let torn = compare(&logs, "a1\nbb1\n2\na2\n");
/// assert_eq!((torn.merged, torn.torn, torn.missing), (4, 2, 2));
/// ```
pub fn compare(logs: &[impl AsRef<[u8]>], merged: impl AsRef<[u8]>) -> Outcome {
    let logs: Vec<Vec<&[u8]>> = logs.iter().map(|text| lines(text.as_ref())).collect();
    let merged = lines(merged.as_ref());
    let written: HashSet<&[u8]> = logs.iter().flatten().copied().collect();
    let found: HashSet<&[u8]> = merged.iter().copied().collect();
    Outcome {
        written: written.len(),
        merged: merged.len(),
        missing: written.difference(&found).count(),
        repeated: merged.len() - found.len(),
        torn: merged.iter().filter(|line| !written.contains(*line)).count(),
        out_of_order: logs.iter().map(|log| out_of_order(log, &merged)).sum(),
        ..Outcome::default()
    }
}

fn out_of_order(log: &[&[u8]], merged: &[&[u8]]) -> usize {
    let numbers: HashMap<&[u8], usize> = log.iter().copied().zip(0..).collect();
    let found: Vec<&usize> = merged.iter().filter_map(|line| numbers.get(line)).collect();
    found.windows(2).filter(|pair| pair[1] < pair[0]).count()
}

/// The newline is part of the line: without it, the last one is not whole.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|&byte| byte == b'\n').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGS: [&str; 2] = ["a1\na2\na3\n", "b1\n"];

    #[test]
    fn each_kind_of_damage_is_counted_as_what_it_is() {
        let four = Outcome { written: 4, ..Outcome::default() };
        for (merged, expected) in [
            ("a1\nb1\na2\na3\n", Outcome { merged: 4, ..four }),
            ("a1\na2\na3\n", Outcome { merged: 3, missing: 1, ..four }),
            ("a1\nb1\na2\na2\na3\n", Outcome { merged: 5, repeated: 1, ..four }),
            ("a1\nb1\na3\na2\n", Outcome { merged: 4, out_of_order: 1, ..four }),
            ("a3\nb1\na2\na1\n", Outcome { merged: 4, out_of_order: 2, ..four }),
            ("a1\na2b1\n\na3\n", Outcome { merged: 4, missing: 2, torn: 2, ..four }),
            ("a1\na2\na3\nb1", Outcome { merged: 4, missing: 1, torn: 1, ..four }),
            ("", Outcome { missing: 4, ..four }),
        ] {
            assert_eq!(compare(&LOGS, merged), expected, "{merged:?}");
        }
    }
}
