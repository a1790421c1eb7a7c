//! The factors of a number, found in two ways.

use std::ops::RangeInclusive;

/// The factors of a number, and what it took to find them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Factored {
    /// All numbers that divide it, in rising order.
    pub factors: Vec<u32>,
    /// How many divisions were tried.
    pub divisions: u64,
}

/// A way to find the factors of a number.
pub type Algorithm = fn(u32) -> Factored;

/// Divides `number` by every number from 1 to itself, as the notes do.
///
/// ```
/// let six = item53_blocking_io::try_all(6);
/// assert_eq!(six.factors, [1, 2, 3, 6]);
/// assert_eq!(six.divisions, 6);
/// ```
pub fn try_all(number: u32) -> Factored {
    try_each(number, 1..=number)
}

/// Divides `number` by every number from 1 to its square root. Factors come in pairs: two that make the
/// number when they are multiplied. The smaller one of a pair is not above the root.
///
/// ```
/// let sixteen = item53_blocking_io::try_to_square_root(16);
/// assert_eq!(sixteen.factors, [1, 2, 4, 8, 16]);
/// assert_eq!(sixteen.divisions, 4);
/// ```
pub fn try_to_square_root(number: u32) -> Factored {
    let Factored { mut factors, divisions } = try_each(number, 1..=number.isqrt());
    let partners: Vec<u32> = factors.iter().rev().map(|factor| number / factor).collect();
    factors.extend(partners);
    // The root of a square is its own partner.
    factors.dedup();
    Factored { factors, divisions }
}

/// Divides `number` by each of `candidates`, none of which may be 0.
fn try_each(number: u32, candidates: RangeInclusive<u32>) -> Factored {
    let mut divisions = 0;
    let tried = candidates.inspect(|_| divisions += 1);
    let factors = tried.filter(|candidate| number.is_multiple_of(*candidate)).collect();
    Factored { factors, divisions }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_find_the_same_factors() {
        for number in 0..2_000 {
            assert_eq!(try_all(number).factors, try_to_square_root(number).factors, "{number}");
        }
    }

    #[test]
    fn every_factor_divides_and_the_ends_are_one_and_the_number() {
        for number in [1, 2, 97, 1024, 1_214_759] {
            let factors = try_to_square_root(number).factors;
            assert!(factors.iter().all(|factor| number % factor == 0));
            assert_eq!((factors[0], factors[factors.len() - 1]), (1, number));
        }
    }

    #[test]
    fn each_candidate_is_one_division() {
        assert_eq!(try_all(97).divisions, 97);
        assert_eq!(try_to_square_root(97).divisions, 9);
    }

    #[test]
    fn the_largest_number_does_not_overflow() {
        // 2^32 - 1 = 3 × 5 × 17 × 257 × 65537: five primes make 32 factors.
        assert_eq!(try_to_square_root(u32::MAX).factors.len(), 32);
    }
}
