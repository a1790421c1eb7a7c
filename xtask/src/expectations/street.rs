//! What items 56 to 60 claim in the same words: five ways to let the same game live.

use crate::judge::{Check, Step, check, is, its};

/// The error of the one call that fails in the steps `failure`.
pub const REFUSED: &str = "the call of cell 2,3 failed: connection refused";

/// Claims that the grids of `step` are as they must be.
pub fn right(claim: &'static str, step: Step) -> Check {
    let plainly = "a plain computation without calls makes the same grids";
    check(claim, step.fact("digest"), is(its("reference"))).because(plainly)
}
