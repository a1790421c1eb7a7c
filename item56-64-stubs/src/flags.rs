//! The flags that the five programs share.

use std::fmt;
use std::time::Duration;

use common::report::OutputFlags;

/// The flags of every program that plays the game.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct LifeFlags {
    /// How many generations the small grid goes through
    #[arg(long, default_value_t = 4, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pub generations: u16,

    /// How long the system call of each cell takes
    #[arg(long, default_value = "2ms", allow_hyphen_values = true)]
    #[arg(value_parser = common::program::duration)]
    pub latency: Duration,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub output: OutputFlags,
}

/// Rows and columns of a grid; as a flag, `100x100`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// How many rows.
    pub rows: usize,
    /// How many columns.
    pub columns: usize,
}

impl Size {
    /// How many cells a grid of this size has.
    pub fn cells(self) -> usize {
        self.rows * self.columns
    }

    /// Parses a flag's value such as `100x100`, of no more than `most` cells.
    ///
    /// # Errors
    ///
    /// Says in one line what would be accepted.
    ///
    /// ```
    /// use life::Size;
    ///
    /// assert_eq!(Size::parse("100x90", 10_000), Ok(Size { rows: 100, columns: 90 }));
    /// assert!(Size::parse("100x101", 10_000).is_err());
    /// assert!(Size::parse("100 by 90", 10_000).is_err());
    /// ```
    pub fn parse(text: &str, most: usize) -> Result<Self, String> {
        let size = text.split_once('x').and_then(|(rows, columns)| {
            let size = Self { rows: rows.parse().ok()?, columns: columns.parse().ok()? };
            let cells = size.rows.checked_mul(size.columns)?;
            (1..=most).contains(&cells).then_some(size)
        });
        size.ok_or_else(|| format!("expected ROWSxCOLUMNS, 1 to {most} cells, such as 100x100"))
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.rows, self.columns)
    }
}
