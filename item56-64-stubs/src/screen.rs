//! What the five programs tell in the same words.

use std::time::Duration;

use common::report::{StdoutFailed, Story};

use crate::calls::Notes;
use crate::{Grid, digest, reference};

/// Reports a run of one of the programs, `grids` being its generations from 0 on: the time per
/// generation, the most of its `calls` that were open at once, and the digest of all generations
/// beside that of the [`reference()`].
///
/// # Errors
///
/// Fails when stdout does.
pub fn tell_run(
    story: &mut Story,
    grids: &[Grid],
    elapsed: Duration,
    calls: &Notes,
) -> Result<(), StdoutFailed> {
    let Some((start, later)) = grids.split_first() else { return Ok(()) };
    story.fact("generations", later.len())?;
    story.fact("cells", start.size().cells())?;
    story.time("latency", calls.latency())?;
    story.time("generation", elapsed.div_f64(later.len().max(1) as f64))?;
    story.fact("calls_at_once", calls.most_at_once())?;
    story.fact("digest", digest(grids))?;
    story.fact("reference", digest(&reference(start, later.len())))
}

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
