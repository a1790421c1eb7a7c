//! Generation after generation.

use std::time::{Duration, Instant};

use crate::Grid;

/// A game that has been played.
#[derive(Debug)]
pub struct Played {
    /// The generations, from 0 (the start) on.
    pub grids: Vec<Grid>,
    /// How long it took to make them.
    pub elapsed: Duration,
}

impl Played {
    /// How long a generation took, on average.
    pub fn generation(&self) -> Duration {
        self.elapsed.div_f64(self.grids.len().saturating_sub(1).max(1) as f64)
    }
}

/// Plays so many `generations` from `start`: `step` makes each from the one before it.
/// The first error of `step` ends the game.
pub fn play<E>(
    start: Grid,
    generations: u16,
    mut step: impl FnMut(&Grid) -> Result<Grid, E>,
) -> Result<Played, E> {
    let mut grids = vec![start];
    let begin = Instant::now();
    for _ in 0..generations {
        let next = step(&grids[grids.len() - 1])?;
        grids.push(next);
    }
    Ok(Played { grids, elapsed: begin.elapsed() })
}

/// The generations as the programs make them: each cell asks for its own next state.
#[cfg(test)]
pub(crate) fn cell_by_cell(start: &Grid, count: u16) -> Vec<Grid> {
    let Ok(played) = play(start.clone(), count, |grid| {
        let states = grid.cells().into_iter().map(|cell| grid.next_state(cell));
        Ok::<_, std::convert::Infallible>(grid.with_states(states.collect()))
    });
    played.grids
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_error_ends_the_game() {
        let mut steps = 0;
        let played = play(Grid::glider(), 5, |grid| {
            steps += 1;
            if steps < 3 { Ok(grid.clone()) } else { Err("refused") }
        });
        assert_eq!(played.map(|played| played.grids.len()), Err("refused"));
        assert_eq!(steps, 3);
    }
}
