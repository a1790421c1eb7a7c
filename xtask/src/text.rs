//! Texts that must fit one line or one column.

/// A text that a program reported, as a line that can't pass for one of ours: bounded, and with
/// control characters as escapes.
pub fn clean(text: &str) -> String {
    const MOST: usize = 300;
    let mut clean = String::new();
    for character in text.chars().take(MOST) {
        // Marks that turn the direction of writing are as bad as control characters.
        if character.is_control() || ('\u{202a}'..='\u{2069}').contains(&character) {
            clean.extend(character.escape_default());
        } else {
            clean.push(character);
        }
    }
    if text.chars().nth(MOST).is_some() {
        clean.push_str(" .. and more");
    }
    clean
}

/// The file that a block of code is from, if a comment names it: its first line, `// src/main.rs`.
pub fn file_named(first_line: &str) -> Option<&str> {
    let path = first_line.strip_prefix("// ").or_else(|| first_line.strip_prefix("# "))?;
    let is_source = [".rs", ".py", ".toml"].iter().any(|end| path.ends_with(end));
    (is_source && !path.contains(' ')).then_some(path)
}

/// How many columns a text takes.
pub fn columns(text: &str) -> usize {
    text.chars().count()
}

/// The beginning of a text that is wider than so many columns, else all of it.
pub fn short(text: &str, most: usize) -> String {
    if columns(text) <= most {
        return text.to_owned();
    }
    text.chars().take(most - 2).chain("..".chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_reports_stays_on_its_line() {
        assert_eq!(clean("a\n9 passed, 0 failed\x1b[1m"), "a\\n9 passed, 0 failed\\u{1b}[1m");
        assert_eq!(clean("µs × 2 항목"), "µs × 2 항목");
        let long = clean(&"x".repeat(10_000_000));
        assert!(long.len() < 400 && long.ends_with(".. and more"));
    }

    #[test]
    fn a_column_says_that_it_was_cut() {
        assert_eq!(short("exactly nineteen ch", 19), "exactly nineteen ch");
        assert_eq!(short("one more than nineteen", 19), "one more than nin..");
    }
}
