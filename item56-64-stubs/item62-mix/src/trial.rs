//! What became of the lines of several files in their merged file (item 62).

use std::collections::HashMap;

/// A merged file beside the files it was merged from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Lines in the merged file.
    pub merged: usize,
    /// Lines of the files that the merged file lacks.
    pub missing: usize,
    /// Lines that came a second time.
    pub repeated: usize,
    /// Lines that are no line of any file: torn ones, or two in one.
    pub torn: usize,
    /// Lines that came before an earlier line of their own file.
    pub out_of_order: usize,
}

impl Comparison {
    /// Compares `merged` with the files it was merged from.
    ///
    /// The lines of the files must all differ; otherwise nobody could say which of two was lost.
    ///
    /// ```
    /// use item62_mix::merge::Comparison;
    ///
    /// let files = ["a1\na2\n", "b1\nb2\n"];
    /// let whole = Comparison { merged: 4, ..Comparison::default() };
    /// assert_eq!(Comparison::of(&files, "b1\na1\na2\nb2\n"), whole);
    ///
    /// let torn = Comparison::of(&files, "a1\nbb1\n2\na2\n");
    /// assert_eq!((torn.merged, torn.torn, torn.missing), (4, 2, 2));
    /// ```
    pub fn of(files: &[impl AsRef<[u8]>], merged: impl AsRef<[u8]>) -> Self {
        let mut places = HashMap::new();
        for (file, text) in files.iter().enumerate() {
            for (number, line) in lines(text.as_ref()).enumerate() {
                // Which file, which line of it, and whether it has been seen in the merged file.
                places.insert(line, (file, number, false));
            }
        }
        let mut found = Self::default();
        let mut expected_next = vec![0; files.len()];
        for line in lines(merged.as_ref()) {
            found.merged += 1;
            match places.get_mut(line) {
                None => found.torn += 1,
                Some((_, _, true)) => found.repeated += 1,
                Some((file, number, seen)) => {
                    *seen = true;
                    let next = &mut expected_next[*file];
                    if *number < *next {
                        found.out_of_order += 1;
                    }
                    *next = (*next).max(*number + 1);
                }
            }
        }
        found.missing = places.values().filter(|(_, _, seen)| !seen).count();
        found
    }
}

/// The newline is part of the line: without it, the last one is not whole.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|&byte| byte == b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: [&str; 2] = ["a1\na2\na3\n", "b1\n"];

    #[test]
    fn each_kind_of_damage_is_counted_as_what_it_is() {
        let nothing = Comparison::default();
        for (merged, expected) in [
            ("a1\nb1\na2\na3\n", Comparison { merged: 4, ..nothing }),
            ("a1\na2\na3\n", Comparison { merged: 3, missing: 1, ..nothing }),
            ("a1\nb1\na2\na2\na3\n", Comparison { merged: 5, repeated: 1, ..nothing }),
            ("a1\nb1\na3\na2\n", Comparison { merged: 4, out_of_order: 1, ..nothing }),
            ("a3\nb1\na1\na2\n", Comparison { merged: 4, out_of_order: 2, ..nothing }),
            ("a1\na2b1\n\na3\n", Comparison { merged: 4, missing: 2, torn: 2, ..nothing }),
            ("a1\na2\na3\nb1", Comparison { merged: 4, missing: 1, torn: 1, ..nothing }),
            ("", Comparison { missing: 4, ..nothing }),
        ] {
            assert_eq!(Comparison::of(&FILES, merged), expected, "{merged:?}");
        }
    }
}
