//! What came of the checks: the words that judge, commands and page share.

use serde::{Deserialize, Serialize};

/// A check, judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// The step that the claim is about; none where it is about the program as a whole. No two checks
    /// of an item have the same step and the same claim.
    #[serde(default)]
    pub step: Option<String>,
    /// What is claimed.
    pub claim: String,
    /// What must be found.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// Why it must hold.
    pub why: String,
    /// What the notes found; empty where the notes have no figure.
    #[serde(default)]
    pub notes: String,
    /// What came of it.
    pub outcome: Outcome,
    /// What the failure of this claim means in Python; empty for claims that hold there.
    #[serde(default)]
    pub meaning: String,
}

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// What was found is what was expected.
    Passed,
    /// What was found is something else, or nothing was found.
    Failed,
    /// What was found is something else, but this machine can't show the claim, for this reason.
    Skipped(String),
}

/// How many checks passed, failed and were skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// The number that passed.
    pub passed: usize,
    /// The number that failed.
    pub failed: usize,
    /// The number that this machine can't show.
    pub skipped: usize,
}

impl Sum {
    /// The sum of these.
    pub fn of<'a>(judgements: impl IntoIterator<Item = &'a Judgement>) -> Self {
        let mut sum = Self::default();
        judgements.into_iter().for_each(|judgement| sum.add(&judgement.outcome));
        sum
    }

    /// Counts one more.
    pub fn add(&mut self, outcome: &Outcome) {
        *match outcome {
            Outcome::Passed => &mut self.passed,
            Outcome::Failed => &mut self.failed,
            Outcome::Skipped(_) => &mut self.skipped,
        } += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_counts_each_outcome() {
        let mut sum = Sum::default();
        let skipped = || Outcome::Skipped("one core".into());
        for outcome in [Outcome::Passed, skipped(), Outcome::Failed, Outcome::Passed, skipped()] {
            sum.add(&outcome);
        }
        assert_eq!(sum, Sum { passed: 2, failed: 1, skipped: 2 });
    }
}
