//! What the judge needs: a version merges growing logs, and what became of their lines is counted.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use common::timeline::{Lane, Lanes};
use common::timing::measure;

use crate::logs::{Log, Writing, beside_writers};

/// A version: merges logs into a new file until they end, see
/// [`threads::merge`](crate::threads::merge).
pub type Merge = fn(&[Log], Vec<Lane<'_>>, &Path, Duration) -> anyhow::Result<usize>;

/// What each version meets.
#[derive(Clone, Copy, Debug)]
pub struct Trial<'a> {
    /// Where the logs and the merged file are put.
    pub dir: &'a Path,
    /// How many logs are being written.
    pub writers: u16,
    /// What is written to each.
    pub writing: Writing,
    /// How long a follower that has found nothing waits before it looks again.
    pub poll: Duration,
}

/// What a version made of it.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// What became of the lines.
    pub lines: Comparison,
    /// How many lines were met when only their beginning was there.
    pub halves: usize,
    /// How long it took, from before the first line to after the last.
    pub elapsed: Duration,
}

impl Trial<'_> {
    /// Lets the writers write and `merge` merge at the same time, and compares afterwards.
    ///
    /// # Errors
    ///
    /// Fails when one of them does.
    pub fn run(&self, lanes: &Lanes, merge: Merge) -> anyhow::Result<Outcome> {
        let logs = Log::create(self.dir, self.writers)?;
        let into = self.dir.join("merged");
        // A log's writer and follower side by side, in the picture as well.
        let (writers, followers) = (0..self.writers)
            .map(|n| (lanes.lane(format!("writer {n}")), lanes.lane(format!("follower {n}"))))
            .unzip();
        let (halves, elapsed) = measure(|| {
            beside_writers(&logs, writers, self.writing, || {
                merge(&logs, followers, &into, self.poll)
            })
        });
        let read =
            |path: &Path| fs::read(path).with_context(|| format!("cannot read {}", path.display()));
        let texts = logs.iter().map(|log| read(&log.path)).collect::<anyhow::Result<Vec<_>>>();
        let halves = halves?;
        Ok(Outcome { lines: Comparison::of(&texts?, read(&into)?), halves, elapsed })
    }
}

/// A merged file beside the files it was merged from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Lines in the files.
    pub written: usize,
    /// Lines in the merged file.
    pub merged: usize,
    /// Lines of the files that the merged file lacks.
    pub missing: usize,
    /// Lines that came a second time.
    pub repeated: usize,
    /// Lines that are no line of any file: torn ones, or two in one.
    pub torn: usize,
    /// Lines that came before an earlier line of their own file.
    pub out_of_order: usize,
}

impl Comparison {
    /// Compares `merged` with the files it was merged from.
    ///
    /// The lines of the files must all differ; otherwise nobody could say which of two was lost.
    ///
    /// ```
    /// use item62_mix::trial::Comparison;
    ///
    /// let files = ["a1\na2\n", "b1\nb2\n"];
    /// let whole = Comparison { written: 4, merged: 4, ..Comparison::default() };
    /// assert_eq!(Comparison::of(&files, "b1\na1\na2\nb2\n"), whole);
    ///
    /// let torn = Comparison::of(&files, "a1\nbb1\n2\na2\n");
    /// assert_eq!((torn.merged, torn.torn, torn.missing), (4, 2, 2));
    /// ```
    pub fn of(files: &[impl AsRef<[u8]>], merged: impl AsRef<[u8]>) -> Self {
        let mut places = HashMap::new();
        for (file, text) in files.iter().enumerate() {
            for (number, line) in lines(text.as_ref()).enumerate() {
                // Which file, which line of it, and whether it has been seen in the merged file.
                places.insert(line, (file, number, false));
            }
        }
        let mut found = Self { written: places.len(), ..Self::default() };
        let mut expected_next = vec![0; files.len()];
        for line in lines(merged.as_ref()) {
            found.merged += 1;
            match places.get_mut(line) {
                None => found.torn += 1,
                Some((_, _, true)) => found.repeated += 1,
                Some((file, number, seen)) => {
                    *seen = true;
                    let next = &mut expected_next[*file];
                    if *number < *next {
                        found.out_of_order += 1;
                    }
                    *next = (*next).max(*number + 1);
                }
            }
        }
        found.missing = places.values().filter(|(_, _, seen)| !seen).count();
        found
    }
}

/// The newline is part of the line: without it, the last one is not whole.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|&byte| byte == b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: [&str; 2] = ["a1\na2\na3\n", "b1\n"];

    #[test]
    fn each_kind_of_damage_is_counted_as_what_it_is() {
        let four = Comparison { written: 4, ..Comparison::default() };
        for (merged, expected) in [
            ("a1\nb1\na2\na3\n", Comparison { merged: 4, ..four }),
            ("a1\na2\na3\n", Comparison { merged: 3, missing: 1, ..four }),
            ("a1\nb1\na2\na2\na3\n", Comparison { merged: 5, repeated: 1, ..four }),
            ("a1\nb1\na3\na2\n", Comparison { merged: 4, out_of_order: 1, ..four }),
            ("a3\nb1\na1\na2\n", Comparison { merged: 4, out_of_order: 2, ..four }),
            ("a1\na2b1\n\na3\n", Comparison { merged: 4, missing: 2, torn: 2, ..four }),
            ("a1\na2\na3\nb1", Comparison { merged: 4, missing: 1, torn: 1, ..four }),
            ("", Comparison { missing: 4, ..four }),
        ] {
            assert_eq!(Comparison::of(&FILES, merged), expected, "{merged:?}");
        }
    }
}
