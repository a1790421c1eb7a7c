//! The greatest common divisor, found slowly: this is work for a processor, and waits for nothing.

/// Two numbers whose greatest common divisor is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair(pub u32, pub u32);

/// The ten pairs of the book.
pub const PAIRS: [Pair; 10] = [
    Pair(1_963_309, 2_265_973),
    Pair(2_030_677, 3_814_172),
    Pair(1_551_645, 2_229_620),
    Pair(2_039_045, 2_020_802),
    Pair(1_823_712, 1_924_928),
    Pair(2_293_129, 1_020_491),
    Pair(1_281_238, 2_273_782),
    Pair(3_823_812, 4_237_281),
    Pair(3_812_741, 4_729_139),
    Pair(1_292_391, 2_123_811),
];

impl Pair {
    /// The greatest common divisor, by trial: from the smaller number down to 1, until one divides
    /// both.
    ///
    /// ```
    /// use item64_parallelism::Pair;
    ///
    /// assert_eq!(Pair(12, 18).by_trial(), 6);
    /// assert_eq!(Pair(0, 7).by_trial(), 7, "every number divides 0");
    /// ```
    pub fn by_trial(self) -> u32 {
        let Self(a, b) = self;
        let divides_both = |n: &u32| a.is_multiple_of(*n) && b.is_multiple_of(*n);
        (1..=a.min(b)).rev().find(divides_both).unwrap_or(a.max(b))
    }
}
