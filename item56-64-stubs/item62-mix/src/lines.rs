//! Whole lines out of a file that another thread is writing.

use std::mem;

/// What has been read of a growing file and not been handed on yet.
///
/// A reader of a growing file sees what is there so far, and that may end in the middle of a line. The bytes
/// after the last newline wait here for the rest of their line.
///
/// ```
/// use item62_mix::lines::Lines;
///
/// let mut lines = Lines::default();
/// lines.buffer.extend(b"one\ntw");
/// assert_eq!(lines.take_whole().unwrap(), b"one\n");
/// assert_eq!(lines.take_whole(), None, "`tw` waits for its end");
/// lines.buffer.extend(b"o\nthree\n");
/// assert_eq!(lines.take_whole().unwrap(), b"two\nthree\n");
/// assert_eq!(lines.halves, 1, "one line was met when only its beginning was there");
/// ```
#[derive(Debug, Default)]
pub struct Lines {
    /// What has been read is appended here.
    pub buffer: Vec<u8>,
    ends_in_a_half: bool,
    /// How many lines have been met when only their beginning was there.
    pub halves: usize,
}

impl Lines {
    /// Takes out the lines that are whole, with their newlines, if there are any.
    pub fn take_whole(&mut self) -> Option<Vec<u8>> {
        let last_newline = self.buffer.iter().rposition(|&byte| byte == b'\n');
        let whole = last_newline.map(|at| {
            let rest = self.buffer.split_off(at + 1);
            mem::replace(&mut self.buffer, rest)
        });
        if whole.is_some() && self.ends_in_a_half {
            self.halves += 1;
        }
        self.ends_in_a_half = !self.buffer.is_empty();
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wherever a text is cut, the same lines come out, and none before its newline is there.
    #[test]
    fn no_cut_tears_a_line() {
        let text = "one\n\ntwo: zwei\r\n다섯\nno newline yet".as_bytes();
        let whole = text.len() - "no newline yet".len();
        for first in 0..=text.len() {
            for second in first..=text.len() {
                let mut lines = Lines::default();
                let mut found = Vec::new();
                for piece in [&text[..first], &text[first..second], &text[second..]] {
                    lines.buffer.extend(piece);
                    let taken = lines.take_whole();
                    assert!(taken.as_ref().is_none_or(|lines| lines.ends_with(b"\n")));
                    found.extend(taken.unwrap_or_default());
                }
                assert_eq!(found, &text[..whole]);
                assert_eq!(lines.buffer, b"no newline yet");
            }
        }
    }

    #[test]
    fn a_line_may_come_byte_by_byte_and_is_one_half_line() {
        let mut lines = Lines::default();
        for byte in b"slow" {
            lines.buffer.push(*byte);
            assert_eq!(lines.take_whole(), None);
        }
        lines.buffer.push(b'\n');
        assert_eq!(lines.take_whole().unwrap(), b"slow\n");
        assert_eq!(lines.halves, 1);
    }

    #[test]
    fn lines_that_come_whole_are_no_halves() {
        let mut lines = Lines::default();
        for _ in 0..3 {
            lines.buffer.extend(b"quick\n");
            assert_eq!(lines.take_whole().unwrap(), b"quick\n");
        }
        assert_eq!(lines.halves, 0);
    }
}
