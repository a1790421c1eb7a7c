//! The grid, and the rule by which its cells live.

use std::fmt;

use crate::Size;

/// A place on the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cell {
    /// Counted from 0, downwards.
    pub row: usize,
    /// Counted from 0, to the right.
    pub column: usize,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", self.row, self.column)
    }
}

/// Live and dead cells on a torus: a grid without an edge. Beyond the last row comes the first,
/// beyond the last column the first, so that each cell has eight neighbours.
///
/// ```
/// use life::{Cell, Grid};
///
/// let glider = Grid::glider();
/// assert_eq!(glider.live_neighbours(Cell { row: 1, column: 2 }), 3);
/// assert!(glider.next_state(Cell { row: 1, column: 2 }), "a birth");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Grid {
    size: Size,
    /// Row by row.
    alive: Vec<bool>,
}

impl Grid {
    /// A grid of `size` without life.
    pub fn dead(size: Size) -> Self {
        Self { size, alive: vec![false; size.cells()] }
    }

    /// The grid of the chapter: 5 rows, 9 columns and one glider, five cells that in four
    /// generations arrive one row further down and one column further right.
    pub fn glider() -> Self {
        let mut grid = Self::dead(Size { rows: 5, columns: 9 });
        for (row, column) in [(0, 3), (1, 4), (2, 2), (2, 3), (2, 4)] {
            grid.set(Cell { row, column }, true);
        }
        grid
    }

    /// A grid of `size` on which about every third cell lives, the same for the same `seed`.
    pub fn soup(size: Size, seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        Self { size, alive: (0..size.cells()).map(|_| random.u32(..3) == 0).collect() }
    }

    /// Rows and columns.
    pub fn size(&self) -> Size {
        self.size
    }

    /// All places, row by row.
    pub fn cells(&self) -> Vec<Cell> {
        let Size { rows, columns } = self.size;
        (0..rows).flat_map(|row| (0..columns).map(move |column| Cell { row, column })).collect()
    }

    /// Whether there is life at `cell`.
    ///
    /// # Panics
    ///
    /// Like all methods that take a cell: panics if it lies outside the grid.
    pub fn is_alive(&self, cell: Cell) -> bool {
        self.alive[self.index(cell)]
    }

    /// Sets or ends life at `cell`.
    pub fn set(&mut self, cell: Cell, alive: bool) {
        let index = self.index(cell);
        self.alive[index] = alive;
    }

    /// How many of the eight neighbours of `cell` live.
    pub fn live_neighbours(&self, cell: Cell) -> usize {
        self.neighbours(cell).into_iter().filter(|&neighbour| self.is_alive(neighbour)).count()
    }

    /// Whether there will be life at `cell` in the next generation.
    pub fn next_state(&self, cell: Cell) -> bool {
        next_state(self.is_alive(cell), self.live_neighbours(cell))
    }

    /// A grid of the same size with these states, row by row.
    ///
    /// # Panics
    ///
    /// Panics unless there is one state for each cell.
    #[must_use]
    pub fn with_states(&self, states: Vec<bool>) -> Self {
        assert_eq!(states.len(), self.alive.len(), "a state for each cell");
        Self { size: self.size, alive: states }
    }

    pub(crate) fn neighbours(&self, Cell { row, column }: Cell) -> [Cell; 8] {
        let Size { rows, columns } = self.size;
        // Adding `of - 1` is going back by one: the torus has no edge to fall off.
        let around = |at, of| [(at + of - 1) % of, at, (at + 1) % of];
        let (rows, columns) = (around(row, rows), around(column, columns));
        // The fifth of the nine is the cell itself.
        [0, 1, 2, 3, 5, 6, 7, 8].map(|n| Cell { row: rows[n / 3], column: columns[n % 3] })
    }

    pub(crate) fn index(&self, Cell { row, column }: Cell) -> usize {
        let Size { rows, columns } = self.size;
        assert!(row < rows && column < columns, "{row},{column} is outside {rows}x{columns}");
        row * columns + column
    }
}

/// Conway's rule: a cell lives on with two or three live neighbours, and comes to life with three.
pub fn next_state(alive: bool, live_neighbours: usize) -> bool {
    matches!((alive, live_neighbours), (true, 2 | 3) | (false, 3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::play::cell_by_cell;

    /// A grid as text: each row is a word, `O` a live cell and `.` a dead one.
    fn grid(text: &str) -> Grid {
        let rows: Vec<&str> = text.split_whitespace().collect();
        let states = rows.concat().chars().map(|state| state == 'O').collect();
        Grid::dead(Size { rows: rows.len(), columns: rows[0].len() }).with_states(states)
    }

    #[test]
    fn the_rule_is_survival_with_two_or_three_and_birth_with_three() {
        for neighbours in 0..=8 {
            assert_eq!(next_state(true, neighbours), [2, 3].contains(&neighbours), "{neighbours}");
            assert_eq!(next_state(false, neighbours), neighbours == 3, "{neighbours}");
        }
    }

    #[test]
    fn on_a_torus_the_corners_are_neighbours() {
        let corners = grid("O..O .... .... O..O");
        assert_eq!(corners.live_neighbours(Cell { row: 0, column: 0 }), 3);
        assert_eq!(cell_by_cell(&corners, 1)[1], corners, "a block across all four corners");
    }

    #[test]
    fn a_block_stays() {
        let block = grid(".... .OO. .OO. ....");
        assert!(cell_by_cell(&block, 3).iter().all(|grid| *grid == block));
    }

    #[test]
    fn a_blinker_turns() {
        let lying = grid("..... ..... .OOO. ..... .....");
        let standing = grid("..... ..O.. ..O.. ..O.. .....");
        assert_eq!(cell_by_cell(&lying, 2), [lying.clone(), standing, lying]);
    }

    // 5 and 9 have no common divisor, so it must go round 45 times one cell, not fewer.
    #[test]
    fn a_glider_comes_home_after_rows_times_columns_cells_of_travel() {
        let glider = Grid::glider();
        let grids = cell_by_cell(&glider, 4 * 45);
        let at_home: Vec<usize> = (0..grids.len()).filter(|&n| grids[n] == glider).collect();
        assert_eq!(at_home, [0, 180]);
    }

    #[test]
    fn a_soup_is_neither_empty_nor_full_and_its_seed_decides_it() {
        let size = Size { rows: 100, columns: 100 };
        let alive = |seed| Grid::soup(size, seed).alive.iter().filter(|&&alive| alive).count();
        assert!((3_000..3_700).contains(&alive(1)), "{}", alive(1));
        assert_eq!(Grid::soup(size, 1), Grid::soup(size, 1));
        assert_ne!(Grid::soup(size, 1), Grid::soup(size, 2));
    }
}
