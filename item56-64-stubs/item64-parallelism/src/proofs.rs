//! What `cargo xtask verify` is shown besides: the known answers, and what was seen of the workers.

use common::witness::{CROWD, PIECES, Seen, look};

use crate::Pair;

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

/// Whether `way` computes for several pairs at the same time. The pairs are many, and each is a short
/// piece of work: all candidates are tried for its divisor, 1.
pub fn look_at(mut way: impl FnMut(&[Pair]) -> anyhow::Result<Vec<u32>>) -> anyhow::Result<Seen> {
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
