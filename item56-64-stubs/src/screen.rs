//! Generations as a person sees them.

use crate::{Cell, Grid, Size};

/// The generations from left to right, each under its number, in lines of at most `width`
/// columns; as many blocks of lines below each other as that takes.
///
/// ```
/// use life::{Grid, side_by_side};
///
/// let lines = side_by_side(&[Grid::glider(), Grid::glider()], 80);
/// assert_eq!(lines[0], "    0           1");
/// assert_eq!(lines[1], "···█·····   ···█·····");
/// ```
pub fn side_by_side(grids: &[Grid], width: usize) -> Vec<String> {
    const GAP: &str = "   ";
    let Some(first) = grids.first() else { return Vec::new() };
    let Size { rows, columns } = first.size();
    let picture = |alive| if alive { '█' } else { '·' };
    let in_a_block = ((width + GAP.len()) / (columns + GAP.len())).max(1);

    let mut lines = Vec::new();
    for (block, grids) in grids.chunks(in_a_block).enumerate() {
        let number = |n| format!("{:^columns$}", block * in_a_block + n);
        let numbers: Vec<String> = (0..grids.len()).map(number).collect();
        lines.push(numbers.join(GAP).trim_end().to_owned());
        for row in 0..rows {
            let of_row = |grid: &Grid| {
                let states = (0..columns).map(|column| grid.is_alive(Cell { row, column }));
                states.map(picture).collect::<String>()
            };
            lines.push(grids.iter().map(of_row).collect::<Vec<_>>().join(GAP));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proofs::reference;

    // Eighty columns, two of them the indent, are what a terminal has at least.
    #[test]
    fn generations_that_do_not_fit_beside_each_other_go_below() {
        let grids = reference(&Grid::glider(), 9);
        let lines = side_by_side(&grids, 78);
        assert!(lines.iter().all(|line| line.chars().count() <= 78), "{lines:#?}");
        assert_eq!(lines[6].split_whitespace().collect::<Vec<_>>(), ["6", "7", "8", "9"]);
        for (width, blocks) in [(78, 2), (9 + 3 + 9, 5), (9 + 3 + 8, 10), (1, 10)] {
            assert_eq!(side_by_side(&grids, width).len(), blocks * (1 + 5), "{width} columns");
        }
    }
}
