//! Which hint comes next.

use crate::Hint;

/// The hint after those that were `given`, by its place: first those that go with a row that has
/// `failed`, then those that are always good, then the others.
pub fn next(hints: &[Hint], given: &[usize], failed: &[String]) -> Option<usize> {
    let rank = |Hint(row, _): &Hint| match *row {
        "" => 1,
        row if failed.iter().any(|failed| failed == row) => 0,
        _ => 2,
    };
    let left = (0..hints.len()).filter(|place| !given.contains(place));
    left.min_by_key(|place| rank(&hints[*place]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hint_of_a_row_that_failed_comes_first_and_each_comes_once() {
        let hints = [Hint("a", "of a"), Hint("", "always"), Hint("b", "of b")];
        let failed = ["b".to_owned()];
        let (mut given, mut texts) = (Vec::new(), Vec::new());
        while let Some(place) = next(&hints, &given, &failed) {
            given.push(place);
            texts.push(hints[place].1);
        }
        assert_eq!(texts, ["of b", "always", "of a"]);
        assert_eq!(next(&hints, &[], &[]), Some(1), "nothing has been judged yet");
    }
}
