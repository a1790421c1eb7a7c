//! Which numbers may be asked for.

use std::fmt;
use std::str::FromStr;

use anyhow::{Context, bail, ensure};

/// The notes' numbers.
pub const NUMBERS: [u32; 4] = [2_139_079, 1_214_759, 1_516_637, 1_852_285];

/// The sum of the numbers says how many divisions the slow way takes. A hundred million take a
/// processor a fraction of a second, and are made by three versions, five times each.
const LARGEST_SUM: u64 = 100_000_000;

/// Each number gets a thread.
const MOST: usize = 1_000;

/// Numbers to factorise, separated by commas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbers(pub Vec<u32>);

impl Default for Numbers {
    fn default() -> Self {
        Self(NUMBERS.to_vec())
    }
}

impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.0.iter().map(u32::to_string).collect();
        f.write_str(&numbers.join(","))
    }
}

impl FromStr for Numbers {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let number = |text: &str| match text.trim().parse() {
            Ok(0) => bail!("0 has no end of factors"),
            parsed => parsed.with_context(|| format!("{text:?} is no number")),
        };
        let numbers: Vec<u32> = text.split(',').map(number).collect::<anyhow::Result<_>>()?;
        let sum: u64 = numbers.iter().copied().map(u64::from).sum();
        ensure!(numbers.len() <= MOST, "at most {MOST} numbers");
        ensure!(sum <= LARGEST_SUM, "their sum is above {LARGEST_SUM}");
        Ok(Self(numbers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        text.parse::<Numbers>().unwrap_err().to_string()
    }

    #[test]
    fn numbers_are_separated_by_commas() {
        assert_eq!("12, 97".parse::<Numbers>().unwrap(), Numbers(vec![12, 97]));
        assert_eq!(Numbers::default().to_string().parse::<Numbers>().unwrap(), Numbers::default());
    }

    #[test]
    fn what_is_no_positive_number_is_refused() {
        for wrong in ["", "x", "12,", "12,-5", "1.5", "4294967296"] {
            assert!(refused(wrong).ends_with("is no number"), "{wrong}");
        }
        assert!(refused("12,0").contains("no end of factors"));
    }

    #[test]
    fn what_would_take_minutes_is_refused() {
        assert!("100000000".parse::<Numbers>().is_ok());
        assert!(refused("4294967291").contains("their sum is above"));
        assert!(refused("100000000,1").contains("their sum is above"));
        let many = vec!["1"; 1_000].join(",");
        assert!(many.parse::<Numbers>().is_ok());
        assert_eq!(refused(&format!("{many},1")), "at most 1000 numbers");
    }
}
