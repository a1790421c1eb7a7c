//! Items 56–60: Conway's Game of Life on a torus, where deciding a cell's next state includes a
//! slow system call.
//!
//! *Fan-out* is handing out the work on the cells of a generation, so that their calls are open at
//! the same time; *fan-in* is waiting until the last of it is done, before the next generation can
//! begin. The five programs differ in how they do the two: in their functions `step`, by and
//! large. What they share is here: the
//! [`Grid`], its [rule](next_state), the [slow system call](calls), the printing of generations
//! [side by side](side_by_side), and a [`reference()`] that decides the same cells in another way,
//! without waiting, so that each program can be compared with it cell for cell.
//!
//! ```
//! use life::{Grid, generations, reference};
//!
//! let step = |grid: &Grid| {
//!     let states = grid.cells().into_iter().map(|cell| grid.next_state(cell));
//!     Ok::<Grid, std::convert::Infallible>(grid.with_states(states.collect()))
//! };
//! let grids = generations(Grid::glider(), 4, step)?;
//! assert_eq!(grids, reference(&Grid::glider(), 4));
//! # Ok::<(), std::convert::Infallible>(())
//! ```

pub mod calls;
mod flags;
pub mod memory;
mod tell;

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

pub use flags::{LifeFlags, Size};
pub use tell::{side_by_side, tell_run};

/// The seed of the large grids, so that the programs' digests of them compare.
pub const SEED: u64 = 56;

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

/// Live and dead cells on a torus: beyond the last row comes the first, beyond the last column
/// the first.
///
/// Written as text, each row is a line, `O` a live cell and `.` a dead one, as in the plain text
/// format of the game's collections:
///
/// ```
/// use life::{Cell, Grid};
///
/// let blinker: Grid = ".....\n.....\n.OOO.\n.....\n.....".parse()?;
/// assert_eq!(blinker.live_neighbours(Cell { row: 1, column: 2 }), 3);
/// assert!(blinker.next_state(Cell { row: 1, column: 2 }), "a birth");
/// # Ok::<(), life::NotAGrid>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
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

    /// The grid of the chapter: 5 rows, 9 columns and one glider.
    pub fn glider() -> Self {
        let mut grid = Self::dead(Size { rows: 5, columns: 9 });
        for (row, column) in [(0, 3), (1, 4), (2, 2), (2, 3), (2, 4)] {
            grid.set(Cell { row, column }, true);
        }
        grid
    }

    /// A grid of `size` on which about every third cell lives, the same for the same `seed`.
    pub fn soup(size: Size, seed: u64) -> Self {
        // SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators").
        let mut state = seed;
        let mut random = || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^ (mixed >> 31)
        };
        Self { size, alive: (0..size.cells()).map(|_| random() % 3 == 0).collect() }
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
    ///
    /// # Panics
    ///
    /// Panics if the cell lies outside the grid.
    pub fn set(&mut self, cell: Cell, alive: bool) {
        let index = self.index(cell);
        self.alive[index] = alive;
    }

    /// How many of the eight neighbours of `cell` live.
    ///
    /// # Panics
    ///
    /// Panics if the cell lies outside the grid.
    pub fn live_neighbours(&self, cell: Cell) -> usize {
        self.neighbours(cell).into_iter().filter(|&neighbour| self.is_alive(neighbour)).count()
    }

    /// Whether there will be life at `cell` in the next generation.
    ///
    /// # Panics
    ///
    /// Panics if the cell lies outside the grid.
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

    fn neighbours(&self, Cell { row, column }: Cell) -> [Cell; 8] {
        let Size { rows, columns } = self.size;
        // Adding `rows - 1` is going up by one: the torus has no edge to fall off.
        let (up, down) = ((row + rows - 1) % rows, (row + 1) % rows);
        let (left, right) = ((column + columns - 1) % columns, (column + 1) % columns);
        [
            (up, left),
            (up, column),
            (up, right),
            (row, left),
            (row, right),
            (down, left),
            (down, column),
            (down, right),
        ]
        .map(|(row, column)| Cell { row, column })
    }

    fn index(&self, Cell { row, column }: Cell) -> usize {
        let Size { rows, columns } = self.size;
        assert!(row < rows && column < columns, "{row},{column} is outside {}", self.size);
        row * columns + column
    }
}

/// Conway's rule: a cell lives on with two or three live neighbours, and comes to life with three.
pub fn next_state(alive: bool, live_neighbours: usize) -> bool {
    matches!((alive, live_neighbours), (true, 2 | 3) | (false, 3))
}

/// The generations 0 (`start`) to `count`, each made from the one before it by `step`.
///
/// # Errors
///
/// Ends with the first error of `step`.
pub fn generations<E>(
    start: Grid,
    count: usize,
    mut step: impl FnMut(&Grid) -> Result<Grid, E>,
) -> Result<Vec<Grid>, E> {
    let mut grids = vec![start];
    for _ in 0..count {
        let next = step(&grids[grids.len() - 1])?;
        grids.push(next);
    }
    Ok(grids)
}

/// What every program must arrive at: the generations 0 (`start`) to `count`, computed one after
/// the other without waiting.
///
/// It goes the other way round than [`Grid::next_state`]: where that counts the neighbours of one
/// cell, this lets each live cell add one to the count of its neighbours.
pub fn reference(start: &Grid, count: usize) -> Vec<Grid> {
    let Ok(grids) = generations(start.clone(), count, |grid| {
        let mut counts = vec![0; grid.alive.len()];
        for cell in grid.cells().into_iter().filter(|&cell| grid.is_alive(cell)) {
            for neighbour in grid.neighbours(cell) {
                counts[grid.index(neighbour)] += 1;
            }
        }
        let cells = grid.alive.iter().zip(counts);
        Ok::<_, Infallible>(
            grid.with_states(cells.map(|(&a, count)| next_state(a, count)).collect()),
        )
    });
    grids
}

/// A short text that two lists of grids share only if they are equal, cell for cell (FNV-1a, 64
/// bits).
///
/// ```
/// use life::{Cell, Grid, digest};
///
/// let glider = Grid::glider();
/// let mut other = glider.clone();
/// other.set(Cell { row: 4, column: 8 }, true);
/// assert_eq!(digest(&[glider.clone()]), digest(&[glider.clone()]));
/// assert_ne!(digest(&[glider]), digest(&[other]));
/// ```
pub fn digest(grids: &[Grid]) -> String {
    let texts = grids.iter().map(ToString::to_string);
    let hash = texts.flat_map(String::into_bytes).fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

impl fmt::Display for Grid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in self.alive.chunks(self.size.columns) {
            let row: String = row.iter().map(|&alive| if alive { 'O' } else { '.' }).collect();
            writeln!(f, "{row}")?;
        }
        Ok(())
    }
}

/// A text that is no grid: empty, with lines of different lengths, or with other characters than
/// `O` and `.`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAGrid;

impl fmt::Display for NotAGrid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a grid: lines of the same length with O for life and . for none")
    }
}

impl std::error::Error for NotAGrid {}

impl FromStr for Grid {
    type Err = NotAGrid;

    fn from_str(text: &str) -> Result<Self, NotAGrid> {
        let columns = text.lines().next().map_or(0, str::len);
        let size = Size { rows: text.lines().count(), columns };
        if columns == 0 || text.lines().any(|line| line.len() != columns) {
            return Err(NotAGrid);
        }
        let states = text.lines().flat_map(str::chars).map(|character| match character {
            'O' => Ok(true),
            '.' => Ok(false),
            _ => Err(NotAGrid),
        });
        Ok(Self::dead(size).with_states(states.collect::<Result<_, _>>()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The generations as the programs make them: each cell asks for its own next state.
    fn cell_by_cell(start: &Grid, count: usize) -> Vec<Grid> {
        let Ok(grids) = generations(start.clone(), count, |grid| {
            let states = grid.cells().into_iter().map(|cell| grid.next_state(cell));
            Ok::<_, Infallible>(grid.with_states(states.collect()))
        });
        grids
    }

    fn grid(text: &str) -> Grid {
        text.parse().unwrap()
    }

    /// `grid`, moved on the torus.
    fn moved(grid: &Grid, down: usize, right: usize) -> Grid {
        let Size { rows, columns } = grid.size();
        let mut moved = Grid::dead(grid.size());
        for cell in grid.cells() {
            let to =
                Cell { row: (cell.row + down) % rows, column: (cell.column + right) % columns };
            moved.set(to, grid.is_alive(cell));
        }
        moved
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
        let corners = grid("O..O\n....\n....\nO..O");
        assert_eq!(corners.live_neighbours(Cell { row: 0, column: 0 }), 3);
        assert_eq!(cell_by_cell(&corners, 1)[1], corners, "a block across all four corners");
    }

    #[test]
    fn a_block_stays() {
        let block = grid("....\n.OO.\n.OO.\n....");
        assert!(cell_by_cell(&block, 3).iter().all(|grid| *grid == block));
    }

    #[test]
    fn a_blinker_turns() {
        let lying = grid(".....\n.....\n.OOO.\n.....\n.....");
        let standing = grid(".....\n..O..\n..O..\n..O..\n.....");
        assert_eq!(cell_by_cell(&lying, 2), [lying.clone(), standing, lying]);
    }

    #[test]
    fn after_four_generations_a_glider_is_one_cell_further_down_and_right() {
        let glider = Grid::glider();
        assert_eq!(cell_by_cell(&glider, 4)[4], moved(&glider, 1, 1));
        assert_ne!(cell_by_cell(&glider, 3)[3], moved(&glider, 1, 1));
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
    fn random_grids_agree_with_the_plain_reference() {
        let sizes = [(1, 1), (1, 7), (2, 2), (2, 9), (3, 3), (5, 9), (16, 31)];
        for (seed, (rows, columns)) in (0..).zip(sizes.into_iter().cycle().take(70)) {
            let soup = Grid::soup(Size { rows, columns }, seed);
            assert_eq!(cell_by_cell(&soup, 8), reference(&soup, 8), "{rows}x{columns}, {seed}");
        }
    }

    #[test]
    fn a_soup_is_neither_empty_nor_full_and_its_seed_decides_it() {
        let size = Size { rows: 100, columns: 100 };
        let alive = |seed| Grid::soup(size, seed).alive.iter().filter(|&&alive| alive).count();
        assert!((3_000..3_700).contains(&alive(1)), "{}", alive(1));
        assert_eq!(Grid::soup(size, 1), Grid::soup(size, 1));
        assert_ne!(Grid::soup(size, 1), Grid::soup(size, 2));
    }

    #[test]
    fn a_grid_survives_the_trip_through_text() {
        let soup = Grid::soup(Size { rows: 5, columns: 9 }, 1);
        assert_eq!(soup.to_string().parse(), Ok(soup));
        for text in ["", "O.\nO", "O x", "\n"] {
            assert_eq!(text.parse::<Grid>(), Err(NotAGrid), "{text:?}");
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
