//! Whole lines out of pieces of any size (item 62).

use std::io;
use std::mem;

/// Puts pieces of text together into whole lines.
///
/// A reader that follows a file sees whatever has been written so far, and a line may arrive in
/// two pieces or in twenty. What comes after the last newline waits here for the rest of its line.
///
/// ```
/// use item62_mix::lines::LineSplitter;
///
/// let mut splitter = LineSplitter::default();
/// assert_eq!(splitter.push(b"one\ntw")?, b"one\n");
/// assert_eq!(splitter.unfinished(), 2, "`tw` waits for its end");
/// assert_eq!(splitter.push(b"o\nthree\n")?, b"two\nthree\n");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct LineSplitter {
    unfinished: Vec<u8>,
}

impl LineSplitter {
    /// The longest line that is put together, in bytes. Without a limit, a file that has no
    /// newline at all would fill the memory.
    pub const LONGEST_LINE: usize = 16 << 20;

    /// Takes the next piece and returns the lines it completes, with their newlines: none, one or
    /// many.
    ///
    /// # Errors
    ///
    /// Fails when the unfinished line is longer than [`LONGEST_LINE`](Self::LONGEST_LINE).
    pub fn push(&mut self, piece: &[u8]) -> io::Result<Vec<u8>> {
        let begin_of_rest = piece.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let (ending, rest) = piece.split_at(begin_of_rest);
        let mut whole = Vec::new();
        if !ending.is_empty() {
            whole = mem::take(&mut self.unfinished);
            whole.extend_from_slice(ending);
        }
        self.unfinished.extend_from_slice(rest);
        if self.unfinished.len() > Self::LONGEST_LINE {
            return Err(io::Error::other("a line is longer than 16 MiB"));
        }
        Ok(whole)
    }

    /// How many bytes wait for the rest of their line.
    pub fn unfinished(&self) -> usize {
        self.unfinished.len()
    }

    /// Drops the unfinished line, because its end will never come; returns its length in bytes.
    pub fn forget(&mut self) -> usize {
        mem::take(&mut self.unfinished).len()
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
                let mut splitter = LineSplitter::default();
                let mut found = Vec::new();
                for piece in [&text[..first], &text[first..second], &text[second..]] {
                    let lines = splitter.push(piece).unwrap();
                    assert!(lines.is_empty() || lines.ends_with(b"\n"));
                    found.extend(lines);
                }
                assert_eq!(found, &text[..whole]);
                assert_eq!(splitter.unfinished(), text.len() - whole);
            }
        }
    }

    #[test]
    fn a_line_may_come_byte_by_byte() {
        let mut splitter = LineSplitter::default();
        for byte in b"slow" {
            assert_eq!(splitter.push(&[*byte]).unwrap(), b"");
        }
        assert_eq!(splitter.push(b"\n").unwrap(), b"slow\n");
        assert_eq!(splitter.unfinished(), 0);
    }

    /// `/dev/zero` has no newline.
    #[test]
    fn a_line_without_end_is_an_error_before_it_fills_the_memory() {
        let piece = vec![0; LineSplitter::LONGEST_LINE];
        let mut splitter = LineSplitter::default();
        assert!(splitter.push(&piece).is_ok());
        assert!(splitter.push(b"\0").is_err());
    }

    #[test]
    fn a_forgotten_beginning_is_not_joined_to_the_next_line() {
        let mut splitter = LineSplitter::default();
        splitter.push(b"begun and nev").unwrap();
        assert_eq!(splitter.forget(), 13);
        assert_eq!(splitter.push(b"new\n").unwrap(), b"new\n");
    }
}
