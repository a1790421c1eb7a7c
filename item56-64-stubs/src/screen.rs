//! Generations as a person sees them.

use crate::Grid;

/// The generations from left to right, each under its number, in lines of at most `width`
/// columns; as many blocks of lines below each other as that takes.
///
/// ```
/// use life::{Grid, side_by_side};
///
/// let blinker: Grid = ".....\n.OOO.\n.....".parse()?;
/// let turned: Grid = "..O..\n..O..\n..O..".parse()?;
/// let lines = side_by_side(&[blinker, turned], 80);
/// assert_eq!(lines, ["  0       1", "·····   ··█··", "·███·   ··█··", "·····   ··█··"]);
/// # Ok::<(), life::NotAGrid>(())
/// ```
pub fn side_by_side(grids: &[Grid], width: usize) -> Vec<String> {
    const GAP: &str = "   ";
    let Some(first) = grids.first() else { return Vec::new() };
    let columns = first.size().columns;
    let in_a_block = ((width + GAP.len()) / (columns + GAP.len())).max(1);

    let mut lines = Vec::new();
    for (block, grids) in grids.chunks(in_a_block).enumerate() {
        let number = |n| format!("{:^columns$}", block * in_a_block + n);
        let numbers: Vec<String> = (0..grids.len()).map(number).collect();
        lines.push(numbers.join(GAP).trim_end().to_owned());

        let pictures: Vec<String> = grids.iter().map(picture).collect();
        let mut rows: Vec<_> = pictures.iter().map(|picture| picture.lines()).collect();
        for _ in 0..first.size().rows {
            let row: Vec<&str> = rows.iter_mut().filter_map(Iterator::next).collect();
            lines.push(row.join(GAP));
        }
    }
    lines
}

fn picture(grid: &Grid) -> String {
    grid.to_string().replace('O', "█").replace('.', "·")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proofs::reference;

    #[test]
    fn as_many_stand_beside_each_other_as_just_fit() {
        let glider = vec![Grid::glider(); 2];
        let columns = glider[0].size().columns;
        assert_eq!(side_by_side(&glider, 2 * columns + 3).len(), 1 + glider[0].size().rows);
        assert_eq!(side_by_side(&glider, 2 * columns + 2).len(), 2 * (1 + glider[0].size().rows));
        assert_eq!(side_by_side(&glider, 1).len(), 2 * (1 + glider[0].size().rows), "one at least");
    }

    // Eighty columns, two of them the indent, are what a terminal has at least.
    #[test]
    fn generations_that_do_not_fit_beside_each_other_go_below() {
        let grids = reference(&Grid::glider(), 9);
        let lines = side_by_side(&grids, 78);
        assert!(lines.iter().all(|line| line.chars().count() <= 78), "{lines:#?}");
        assert_eq!(lines.len(), 2 * (1 + 5), "two blocks: a line of numbers and five rows each");
        assert_eq!(lines[6].split_whitespace().collect::<Vec<_>>(), ["6", "7", "8", "9"]);
    }
}
