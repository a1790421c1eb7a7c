//! How large a grid is.

/// Rows and columns of a grid; as a flag, `100x100`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
