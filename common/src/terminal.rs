//! What the terminal can show: its width and whether it reads UTF-8.

use std::env;
use std::io;
use std::mem;

use rustix::termios::tcgetwinsize;

/// Columns assumed when stdout is not a terminal.
const DEFAULT_WIDTH: usize = 80;

/// The width of the terminal behind stdout in columns, 80 when there is none.
pub fn width() -> usize {
    match tcgetwinsize(io::stdout()) {
        Ok(size) if size.ws_col > 0 => size.ws_col.into(),
        _ => DEFAULT_WIDTH,
    }
}

/// Breaks lines at spaces, where they are wider than `columns`.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut wrapped = vec![];
    for line in text.split('\n') {
        let mut row = String::new();
        for word in line.split(' ') {
            if !row.is_empty() && row.chars().count() + 1 + word.chars().count() > columns {
                wrapped.push(mem::take(&mut row));
            }
            if !row.is_empty() {
                row.push(' ');
            }
            row.push_str(word);
        }
        wrapped.push(row);
    }
    wrapped
}

/// The locale of a category such as `LC_CTYPE`, if there is one: the first of `LC_ALL`, the category and
/// `LANG` that is set decides (POSIX, "Environment Variables", 8.2).
pub fn locale(category: &str) -> Option<String> {
    ["LC_ALL", category, "LANG"]
        .into_iter()
        .filter_map(|name| env::var(name).ok())
        .find(|value| !value.is_empty())
}

/// Whether the locale says that the terminal reads UTF-8.
pub(crate) fn reads_utf8() -> bool {
    locale("LC_CTYPE").is_some_and(|locale| names_utf8(&locale))
}

fn names_utf8(locale: &str) -> bool {
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

/// `text` with each character that a plain ASCII terminal can't show replaced by one it can.
pub(crate) fn to_ascii(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '█' => '#',
            '▓' => '=',
            '░' => '.',
            '│' => '|',
            '▒' | '─' | '–' | '—' | '−' | '·' => '-',
            'µ' => 'u',
            '×' => 'x',
            '√' => 'v',
            '÷' => '/',
            '→' => '>',
            '≈' | '…' => '~',
            '’' => '\'',
            '“' | '”' => '"',
            other if other.is_ascii() => other,
            _ => '?',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_names_its_encoding() {
        for locale in ["C.UTF-8", "ko_KR.utf8", "en_US.UTF-8"] {
            assert!(names_utf8(locale), "{locale}");
        }
        for locale in ["C", "POSIX", "ko_KR.eucKR", "en_US"] {
            assert!(!names_utf8(locale), "{locale}");
        }
    }

    #[test]
    fn the_ascii_fallback_keeps_every_column_in_its_place() {
        let text = "10 µs │ ░▒▓█ │ 5 × 100";
        let ascii = to_ascii(text);
        assert_eq!(ascii, "10 us | .-=# | 5 x 100");
        assert_eq!(ascii.chars().count(), text.chars().count());
        assert_eq!(to_ascii("√16 → 4 … it’s “so” 항"), "v16 > 4 ~ it's \"so\" ?");
    }
}
