//! What `cargo xtask verify` is shown besides: the known answers, and whether workers were seen computing
//! at the same time (see [`common::witness`]).

use std::path::Path;

use common::threads::{start_pool, with_pool};
use common::witness::{CROWD, PIECES, Seen, look};

use crate::{Child, Pair, in_pool, in_processes, in_threads};

/// The greatest common divisor by Euclid's algorithm: a dozen steps where the trial takes millions.
///
/// ```
/// use item64_parallelism::{Pair, proofs::by_euclid};
///
/// assert_eq!(by_euclid(Pair(12, 18)), 6);
/// ```
pub fn by_euclid(Pair(mut a, mut b): Pair) -> u32 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Whether threads were seen computing at the same time.
pub fn see_threads() -> anyhow::Result<Seen> {
    see(|pairs| in_threads(CROWD, pairs))
}

/// Whether rayon's threads were: a pool of them that is new in each turn.
pub fn see_rayon() -> anyhow::Result<Seen> {
    see(|pairs| {
        let pool = start_pool(CROWD)?;
        Ok(with_pool(&pool, || in_pool(&pool, pairs)))
    })
}

/// Whether child processes were. A process costs more than a thread, and fewer are enough.
pub fn see_processes(program: &Path) -> anyhow::Result<Seen> {
    see(|pairs| {
        let mut crowd = Child::start_all(program, CROWD / 2)?;
        let gcds = in_processes(&mut crowd, pairs)?;
        crowd.into_iter().try_for_each(Child::join)?;
        Ok(gcds)
    })
}

/// Whether `way` computes for several pairs at the same time. The pairs are many, and each is a short
/// piece of work: all candidates are tried for its divisor, 1.
fn see(mut way: impl FnMut(&[Pair]) -> anyhow::Result<Vec<u32>>) -> anyhow::Result<Seen> {
    look(|| way(&[Pair(30_000, 30_001); CROWD * PIECES]).map(drop))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two algorithms that share nothing.
    #[test]
    fn trial_and_euclid_agree_on_all_small_pairs() {
        for pair in (0..100).flat_map(|a| (0..100).map(move |b| Pair(a, b))) {
            assert_eq!(pair.by_trial(), by_euclid(pair), "{pair}");
        }
    }
}
