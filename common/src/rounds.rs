//! Figures that are compared: the same number of rounds for each, by turns, and the best counts.
//!
//! A busy moment of the machine then meets all versions alike, and the best round is the one that
//! was disturbed least. Its lanes are kept, so that picture and figure show the same round.

use std::time::Duration;

use crate::timeline::Lanes;
use crate::timing::measure;

/// One version of the work: it returns what it found. What it does in a span is recorded in lanes of its
/// round.
pub type Version<'a, T> = &'a mut dyn FnMut() -> anyhow::Result<T>;

/// The best round of a version.
#[derive(Debug)]
pub struct Best<T> {
    /// What it found in that round.
    pub found: T,
    /// How long that round took.
    pub elapsed: Duration,
    /// Who ran when in that round: for [`Step::show`](crate::story::Step::show).
    pub lanes: Lanes,
}

impl<T> Best<T> {
    /// How many times longer this took than `other`.
    pub fn times_slower_than<U>(&self, other: &Best<U>) -> f64 {
        self.elapsed.as_secs_f64() / other.elapsed.as_secs_f64()
    }
}

/// Runs each of `versions` once a round, `rounds` times, and keeps the shortest round of each.
///
/// # Panics
///
/// Panics if `rounds` is zero: there is no best of none.
///
/// ```
/// use common::rounds::best_by_turns;
///
/// let (mut short, mut long) = (0, 0);
/// let [few, many] = best_by_turns(5, [
///     &mut || Ok({ short += 1; (0..10).sum::<u32>() }),
///     &mut || Ok({ long += 1; (0..20).sum::<u32>() }),
/// ])?;
/// assert_eq!((few.found, many.found), (45, 190));
/// assert_eq!((short, long), (5, 5));
/// # anyhow::Ok(())
/// ```
pub fn best_by_turns<T, const N: usize>(
    rounds: usize,
    mut versions: [Version<'_, T>; N],
) -> anyhow::Result<[Best<T>; N]> {
    let mut best: [Option<Best<T>>; N] = [const { None }; N];
    for _ in 0..rounds {
        for (version, best) in versions.iter_mut().zip(&mut best) {
            let lanes = Lanes::new();
            let (found, elapsed) = measure(|| lanes.enter("main", version));
            let found = found?;
            if best.as_ref().is_none_or(|best| elapsed < best.elapsed) {
                *best = Some(Best { found, elapsed, lanes });
            }
        }
    }
    Ok(best.map(|best| best.expect("there was a round")))
}

/// How often a round that was disturbed is repeated, at most.
pub const MOST_ROUNDS: usize = 20;

/// Repeats `round`, in lanes of its own each time, until `is_undisturbed` says so of what it found. Returns
/// what the last round found, its lanes, and how many rounds there were.
///
/// It is for a claim that one round can show, and that no round shows where it does not hold.
pub fn until_undisturbed<T>(
    mut round: impl FnMut(&Lanes) -> anyhow::Result<T>,
    is_undisturbed: impl Fn(&T) -> bool,
) -> anyhow::Result<(T, Lanes, usize)> {
    let mut rounds = 0;
    loop {
        rounds += 1;
        let lanes = Lanes::new();
        let found = round(&lanes)?;
        if is_undisturbed(&found) || rounds == MOST_ROUNDS {
            return Ok((found, lanes, rounds));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread::sleep;

    use super::*;
    use crate::timeline::{in_lane, span};

    #[test]
    fn the_versions_take_turns_and_the_shortest_round_of_each_is_kept_with_its_lanes() {
        let turns = std::cell::RefCell::new(Vec::new());
        let turn = |who: &'static str| {
            let mut turns = turns.borrow_mut();
            turns.push(who);
            let round = turns.len().div_ceil(2);
            in_lane(format!("{who} {round}"), || {
                span("sleep", || {
                    // The second round is the shortest by far.
                    sleep(Duration::from_millis(if round == 2 { 0 } else { 20 }));
                });
            });
            Ok(round)
        };
        let [a, b] = best_by_turns(3, [&mut || turn("a"), &mut || turn("b")]).unwrap();
        assert_eq!(*turns.borrow(), ["a", "b", "a", "b", "a", "b"]);
        assert_eq!((a.found, b.found), (2, 2));
        assert_eq!(b.lanes.spans()[0].lane, "b 2");
    }

    #[test]
    fn an_error_ends_the_rounds() {
        let mut rounds = 0;
        let fails = best_by_turns::<(), 1>(
            5,
            [&mut || {
                rounds += 1;
                anyhow::bail!("refused")
            }],
        );
        assert_eq!(fails.unwrap_err().to_string(), "refused");
        assert_eq!(rounds, 1);
    }

    #[test]
    fn a_ratio_says_how_much_slower() {
        let best = |elapsed| Best { found: (), elapsed, lanes: Lanes::new() };
        let (slow, fast) = (best(Duration::from_millis(30)), best(Duration::from_millis(10)));
        assert!((slow.times_slower_than(&fast) - 3.0).abs() < 1e-9);
    }
}
