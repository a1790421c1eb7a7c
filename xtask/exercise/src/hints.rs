//! Which hint comes next.

use crate::Hint;
use crate::store::Progress;

/// The hint that comes next, by its place: that of the first row which has failed and whose hint was not given
/// since; then one that is always good; then one of another row. Nothing else fits what does not compile.
pub fn next(hints: &[Hint], progress: &Progress) -> Option<usize> {
    let Progress { hints: given, since, failed, .. } = progress;
    let of_failed = failed.iter().find_map(|failed| {
        let fits = |(place, Hint(row, _)): &(usize, &Hint)| {
            goes_with(row, failed) && !since.contains(place)
        };
        hints.iter().enumerate().find(fits).map(|(place, _)| place)
    });
    let left = || (0..hints.len()).filter(|place| !given.contains(place));
    let compiles = !failed.iter().any(|failed| is_build(failed));
    of_failed
        .or_else(|| left().find(|place| hints[*place].0.is_empty()))
        .or_else(|| left().find(|_| compiles))
}

/// Whether the hint is about a mistake that has not been made, as far as is known.
pub fn is_of_another_mistake(Hint(row, _): &Hint, failed: &[String]) -> bool {
    !row.is_empty() && !failed.is_empty() && !failed.iter().any(|failed| goes_with(row, failed))
}

/// What helps with a failure for which there is no hint, if that is of the compiler's or of the program's.
pub fn in_general(hints: &[Hint], failed: &[String], package: &str) -> Option<String> {
    let failed = failed.first().filter(|failed| is_build(failed) || *failed == "report")?;
    if hints.iter().any(|Hint(row, _)| goes_with(row, failed)) {
        return None;
    }
    Some(match failed.split(' ').nth(1) {
        Some(code) if code.starts_with('E') => {
            format!("It does not compile. `rustc --explain {code}` explains the compiler's error.")
        }
        _ if is_build(failed) => {
            "It does not compile. The compiler's message names the line.".into()
        }
        _ => format!(
            "The program ended without a report. `cargo run -p {package}` shows how far it came."
        ),
    })
}

fn is_build(row: &str) -> bool {
    row.split(' ').next() == Some("build")
}

/// Whether a hint of `row` is for what has `failed`: an error of the compiler is named by its code.
fn goes_with(row: &str, failed: &str) -> bool {
    let mut codes = failed.split(' ').skip(1);
    if is_build(row) && is_build(failed) {
        codes.any(|code| row.split(' ').skip(1).any(|of_hint| of_hint == code))
    } else {
        row == failed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HINTS: [Hint; 4] =
        [Hint("a", "of a"), Hint("", "always"), Hint("b", "of b"), Hint("build E1 E2", "of E2")];

    /// The hints that come one after the other, as a reader who asks for them is given them.
    fn given(progress: &mut Progress) -> Vec<&'static str> {
        let mut texts = Vec::new();
        while let Some(place) = next(&HINTS, progress) {
            progress.give(place);
            texts.push(HINTS[place].1);
        }
        texts
    }

    fn failed(rows: &[&str]) -> Progress {
        Progress { failed: rows.iter().map(ToString::to_string).collect(), ..Progress::default() }
    }

    #[test]
    fn the_hints_of_rows_that_failed_come_first_in_the_order_of_the_rows() {
        assert_eq!(given(&mut failed(&["b", "a"])), ["of b", "of a", "always", "of E2"]);
        assert_eq!(given(&mut failed(&[])), ["always", "of a", "of b", "of E2"]);
        assert!(is_of_another_mistake(&HINTS[0], &["b".into()]));
        assert!(!is_of_another_mistake(&HINTS[0], &[]), "nothing has been judged yet");
        assert!(!is_of_another_mistake(&HINTS[1], &["b".into()]));
    }

    #[test]
    fn the_hint_of_a_row_comes_again_when_the_row_has_failed_again() {
        let mut progress = failed(&["b"]);
        given(&mut progress);
        progress.since.clear();
        assert_eq!(given(&mut progress), ["of b"]);
        assert_eq!(progress.hints, [2, 1, 0, 3], "each has its number once");
    }

    #[test]
    fn what_does_not_compile_gets_the_hint_of_its_error_or_a_general_one() {
        assert_eq!(given(&mut failed(&["build E3 E2"])), ["of E2", "always"]);
        assert_eq!(given(&mut failed(&["build E3"])), ["always"]);
        let general = |row: &str| in_general(&HINTS, &[row.into()], "item");
        assert!(general("build E3").is_some_and(|text| text.contains("--explain E3")));
        assert!(general("build").is_some() && general("report").is_some());
        assert!(general("build E2").is_none() && general("b").is_none());
    }
}
