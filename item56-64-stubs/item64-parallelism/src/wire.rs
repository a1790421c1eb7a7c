//! What goes through the pipes between a parent and its children: pairs and answers, each on a line.

use std::fmt;
use std::io::{self, BufRead, Read as _};
use std::str::FromStr;
use std::time::Duration;

use anyhow::Context;
use common::timeline::Lane;
use common::timing::{instant_of, monotonic_ns, thread_cpu_time};
use serde::{Deserialize, Serialize};

use crate::Pair;

/// As text a pair is `12 18`.
impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, self.1)
    }
}

impl FromStr for Pair {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let pair = text.split_once(' ').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
        let (a, b) = pair.with_context(|| format!("{text:?} is no pair such as `12 18`"))?;
        Ok(Self(a, b))
    }
}

/// What a child answers: a divisor, and when it was computed. As text it is JSON.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Answer {
    /// The divisor.
    pub gcd: u32,
    /// When the computation began, on the clock that all processes share.
    pub start_ns: u64,
    /// When it ended.
    pub end_ns: u64,
    /// For how long the child had a processor meanwhile.
    pub processor_ns: u64,
}

impl Answer {
    /// Computes the divisor of `pair`.
    pub fn to(pair: Pair) -> Self {
        let (start_ns, before) = (monotonic_ns(), thread_cpu_time());
        let gcd = pair.by_trial();
        // Read first, so that it can't seem to have run for longer than the wall clock.
        let processor = thread_cpu_time() - before;
        let processor_ns = u64::try_from(processor.as_nanos()).unwrap_or(u64::MAX);
        Self { gcd, start_ns, end_ns: monotonic_ns(), processor_ns }
    }

    /// Records in `lane`, that of the child, when it computed.
    pub fn record(self, lane: &Lane) {
        let processor = Duration::from_nanos(self.processor_ns);
        lane.record_window("gcd", instant_of(self.start_ns), instant_of(self.end_ns), processor);
    }
}

/// Nobody sends a longer line. One without an end, as from `/dev/zero`, is not read for ever.
const LONGEST_LINE: u64 = 200;

/// The next line, without its newline; `None` at the end of the input.
pub fn read_line(input: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = String::new();
    let length = input.take(LONGEST_LINE).read_line(&mut line)?;
    Ok((length > 0).then(|| line.trim_end().to_owned()))
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;
    use crate::PAIRS;

    #[test]
    fn a_pair_survives_the_trip() {
        for pair in PAIRS.into_iter().chain([Pair(0, u32::MAX)]) {
            assert_eq!(pair.to_string().parse::<Pair>().unwrap(), pair);
        }
    }

    #[test]
    fn what_is_no_pair_is_refused() {
        for text in ["", "12", "12 18 24", "-1 2", "12 4294967296", "twelve 18", "12  18"] {
            assert!(text.parse::<Pair>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_line_without_end_is_not_read_for_ever_and_none_is_the_end() {
        assert_eq!(read_line(&mut io::empty()).unwrap(), None);
        let line = read_line(&mut BufReader::new(io::repeat(b'1'))).unwrap().unwrap();
        assert_eq!(line.len() as u64, LONGEST_LINE);
        assert!(read_line(&mut BufReader::new(io::repeat(0xff))).is_err());
    }
}
