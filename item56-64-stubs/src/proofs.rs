//! Whether a program has decided the cells rightly: for the judge.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::iter::successors;

use common::story::Step;

use crate::{Grid, next_state};

/// Reports, as proofs, the digest of the grids that a program has made, the start before them, and that
/// of the [`reference()`]: so many `generations` from the same start.
pub fn prove(step: &Step<'_>, grids: &[Grid], generations: u16) {
    step.proof("digest", digest(grids));
    step.proof("reference", digest(&reference(&grids[0], generations.into())));
}

/// What every program must arrive at: the generations 0 (`start`) to `count`, computed one after
/// the other without waiting.
///
/// The way is the opposite of [`Grid::next_state`], which counts the neighbours of a cell: here each live
/// cell adds one to the count of its neighbours.
pub fn reference(start: &Grid, count: usize) -> Vec<Grid> {
    successors(Some(start.clone()), |grid| Some(next(grid))).take(count + 1).collect()
}

fn next(grid: &Grid) -> Grid {
    let mut counts = vec![0; grid.size().cells()];
    for cell in grid.cells().into_iter().filter(|&cell| grid.is_alive(cell)) {
        for neighbour in grid.neighbours(cell) {
            counts[grid.index(neighbour)] += 1;
        }
    }
    let cells = grid.cells().into_iter().zip(counts);
    let states = cells.map(|(cell, count)| next_state(grid.is_alive(cell), count));
    grid.with_states(states.collect())
}

/// A short text that two lists of grids share if they are equal, cell for cell, and else only by a
/// coincidence in 2^64. To be compared within one build: the standard library may hash in another
/// way some day.
///
/// ```
/// use life::{Cell, Grid, proofs::digest};
///
/// let glider = Grid::glider();
/// let mut other = glider.clone();
/// other.set(Cell { row: 4, column: 8 }, true);
/// assert_eq!(digest(&[glider.clone()]), digest(&[glider.clone()]));
/// assert_ne!(digest(&[glider]), digest(&[other]));
/// ```
pub fn digest(grids: &[Grid]) -> String {
    let mut hasher = DefaultHasher::new();
    grids.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Size;
    use crate::play::cell_by_cell;

    #[test]
    fn random_grids_agree_with_the_plain_reference() {
        let sizes = [(1, 1), (1, 7), (2, 2), (2, 9), (3, 3), (5, 9), (16, 31)];
        for (seed, (rows, columns)) in (0..).zip(sizes.into_iter().cycle().take(70)) {
            let soup = Grid::soup(Size { rows, columns }, seed);
            assert_eq!(cell_by_cell(&soup, 8), reference(&soup, 8), "{rows}x{columns}, {seed}");
        }
    }

    #[test]
    fn one_cell_changes_the_digest() {
        let glider = Grid::glider();
        for cell in glider.cells() {
            let mut other = glider.clone();
            other.set(cell, !glider.is_alive(cell));
            assert_ne!(digest(&[other]), digest(std::slice::from_ref(&glider)), "{cell}");
        }
    }
}
