//! The greatest common divisor, slowly and fast, and how it travels between processes (item 64).

use std::fmt;
use std::io::{self, BufRead, Read as _};
use std::str::FromStr;
use std::time::Duration;

use common::timing::thread_cpu_time;

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
    /// both. Slow on purpose; work for a processor and nothing else.
    ///
    /// ```
    /// use item64_parallelism::gcd::Pair;
    ///
    /// assert_eq!(Pair(12, 18).by_trial(), 6);
    /// assert_eq!(Pair(0, 7).by_trial(), 7, "every number divides 0");
    /// ```
    pub fn by_trial(self) -> u32 {
        let Self(a, b) = self;
        let divides_both = |n: &u32| a.is_multiple_of(*n) && b.is_multiple_of(*n);
        (1..=a.min(b)).rev().find(divides_both).unwrap_or(a.max(b))
    }

    /// The same by Euclid's algorithm: a dozen steps where the trial takes millions.
    ///
    /// ```
    /// assert_eq!(item64_parallelism::gcd::Pair(12, 18).by_euclid(), 6);
    /// ```
    pub fn by_euclid(self) -> u32 {
        let Self(mut a, mut b) = self;
        while b > 0 {
            (a, b) = (b, a % b);
        }
        a
    }

    /// The greatest common divisor by trial, and the processor time it took.
    pub fn answer(self) -> Answer {
        let before = thread_cpu_time();
        let gcd = self.by_trial();
        Answer { gcd, cpu: thread_cpu_time() - before }
    }

    /// Reads the next pair, a line; `None` at the end of the input.
    ///
    /// # Errors
    ///
    /// Fails when the input can't be read or the line is no pair.
    pub fn read(input: &mut impl BufRead) -> io::Result<Option<Self>> {
        read_line(input)
    }
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, self.1)
    }
}

impl FromStr for Pair {
    type Err = io::Error;

    fn from_str(text: &str) -> io::Result<Self> {
        let (a, b) = two_numbers(text, "a pair such as `12 18`")?;
        Ok(Self(a, b))
    }
}

/// What became of a [`Pair`]. As text it is the divisor and the nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The greatest common divisor.
    pub gcd: u32,
    /// The processor time that the trial took. Unlike the wall time it is not longer on a machine
    /// that does other things as well.
    pub cpu: Duration,
}

impl Answer {
    /// Reads the next answer, a line; `None` at the end of the input.
    ///
    /// # Errors
    ///
    /// Fails when the input can't be read or the line is no answer.
    pub fn read(input: &mut impl BufRead) -> io::Result<Option<Self>> {
        read_line(input)
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.gcd, self.cpu.as_nanos())
    }
}

impl FromStr for Answer {
    type Err = io::Error;

    fn from_str(text: &str) -> io::Result<Self> {
        let (gcd, nanoseconds) = two_numbers(text, "an answer such as `6 1500`")?;
        Ok(Self { gcd, cpu: Duration::from_nanos(nanoseconds) })
    }
}

/// No pair and no answer is longer, in bytes. A peer that sends no newline is not read for ever.
const LONGEST_LINE: u64 = 64;

fn read_line<T: FromStr<Err = io::Error>>(input: &mut impl BufRead) -> io::Result<Option<T>> {
    let mut line = String::new();
    match input.take(LONGEST_LINE).read_line(&mut line)? {
        0 => Ok(None),
        _ => line.parse().map(Some),
    }
}

fn two_numbers<A: FromStr, B: FromStr>(text: &str, wanted: &str) -> io::Result<(A, B)> {
    let parsed =
        text.trim_end().split_once(' ').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
    parsed.ok_or_else(|| {
        let error = format!("expected {wanted}, found {:?}", text.trim_end());
        io::Error::new(io::ErrorKind::InvalidData, error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two algorithms that share nothing agree.
    #[test]
    fn trial_and_euclid_agree_on_all_small_pairs() {
        for a in 0..100 {
            for b in 0..100 {
                assert_eq!(Pair(a, b).by_trial(), Pair(a, b).by_euclid(), "{a} {b}");
            }
        }
    }

    #[test]
    fn a_pair_and_an_answer_survive_the_trip() {
        for pair in PAIRS.into_iter().chain([Pair(0, u32::MAX)]) {
            let line = format!("{pair}\n");
            assert_eq!(Pair::read(&mut line.as_bytes()).unwrap(), Some(pair));
        }
        let answer = Answer { gcd: u32::MAX, cpu: Duration::from_secs(100) };
        let line = format!("{answer}\n");
        assert_eq!(Answer::read(&mut line.as_bytes()).unwrap(), Some(answer));
    }

    #[test]
    fn the_end_of_the_input_is_no_error() {
        assert_eq!(Pair::read(&mut io::empty()).unwrap(), None);
    }

    #[test]
    fn what_is_no_pair_is_refused() {
        for line in ["\n", "12\n", "12 18 24\n", "-1 2\n", "12 4294967296\n", "twelve 18\n"] {
            let error = Pair::read(&mut line.as_bytes()).unwrap_err();
            assert!(error.to_string().starts_with("expected a pair such as"), "{error}");
        }
        assert!(Pair::read(&mut &b"\xff\xfe\n"[..]).is_err());
    }

    /// `/dev/zero` never sends a newline.
    #[test]
    fn a_line_without_end_is_refused() {
        assert!(Pair::read(&mut io::BufReader::new(io::repeat(b'1'))).is_err());
    }
}
