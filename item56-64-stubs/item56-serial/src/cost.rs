//! What the rules cost without the calls.

use std::convert::Infallible;
use std::time::Duration;

use common::timing::thread_cpu_time;
use life::{Grid, Played, play};

/// The same game without system calls, and the processor time that it takes. (Wall time would count
/// what other programs do meanwhile.)
pub fn without_calls(generations: u16) -> (Played, Duration) {
    let before = thread_cpu_time();
    let Ok(played) = play(Grid::glider(), generations, |grid| {
        let states = grid.cells().into_iter().map(|cell| grid.next_state(cell));
        Ok::<_, Infallible>(grid.with_states(states.collect()))
    });
    (played, thread_cpu_time() - before)
}
