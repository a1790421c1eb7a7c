//! The greatest common divisor, slowly: work for a processor and nothing else.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use anyhow::Context;

/// Two numbers whose greatest common divisor is wanted. As text it is `12 18`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair(pub u32, pub u32);

/// The ten pairs of the book.
pub const PAIRS: [Pair; 10] = [
    Pair(1_963_309, 2_265_973),
    Pair(2_030_677, 3_814_172),
    Pair(1_551_645, 2_229_620),
    Pair(2_039_045, 2_020_802),
    Pair(1_823_712, 1_924_928),
    Pair(2_293_129, 1_020_491),
    Pair(1_281_238, 2_273_782),
    Pair(3_823_812, 4_237_281),
    Pair(3_812_741, 4_729_139),
    Pair(1_292_391, 2_123_811),
];

impl Pair {
    /// The greatest common divisor, by trial: from the smaller number down to 1, until one divides
    /// both.
    ///
    /// ```
    /// use item64_parallelism::Pair;
    ///
    /// assert_eq!(Pair(12, 18).by_trial(), 6);
    /// assert_eq!(Pair(0, 7).by_trial(), 7, "every number divides 0");
    /// ```
    pub fn by_trial(self) -> u32 {
        let Self(a, b) = self;
        self.largest_divisor(1..=a.min(b)).unwrap_or(a.max(b))
    }

    /// The largest of `candidates`, none of which may be 0, that divides both.
    pub fn largest_divisor(self, candidates: RangeInclusive<u32>) -> Option<u32> {
        let Self(a, b) = self;
        candidates.rev().find(|n| a.is_multiple_of(*n) && b.is_multiple_of(*n))
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
