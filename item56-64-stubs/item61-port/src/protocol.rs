//! What goes over the wire: all that a server or a client in another language has to know.
//!
//! The *client* thinks of a number, the *server* guesses it. Each says lines of UTF-8 text, words
//! with a space between them, of [`LONGEST_LINE`] bytes at most.
//!
//! | the client says | the server |
//! |---|---|
//! | `PARAMS low high` | begins a game: forgets what it knew, guesses in `low..=high` from now on |
//! | `NUMBER` | answers with a number that it has not guessed in this game |
//! | `REPORT Correct` | answers each further `NUMBER` with its last guess |
//! | `REPORT Unsure`, `REPORT Warmer`, `REPORT Colder` | takes note, and makes nothing of it, as the book's |
//! | `PARAMS 0 -1` | an empty range: forgets what it knew, the game is over |
//!
//! Only `NUMBER` is answered, by one line that holds the number. Bounds are whole numbers of 64
//! bits with a sign, and `low` is at most `high`.
//!
//! The client hangs up when it has played enough. The server need not hang up in return. To what
//! makes no sense, to a peer who is silent for too long, and to one peer too many it says one line,
//! `ERROR` and the reason, and closes the connection.

use anyhow::{Context, bail, ensure};

/// The longest line, in bytes, its newline included. The longest that makes sense has 48: `PARAMS`
/// and two numbers of 64 bits.
pub const LONGEST_LINE: usize = 128;

/// The text of a line, without its newline.
///
/// `line` is what came up to a newline, to the end of the connection or to the limit of
/// [`LONGEST_LINE`] bytes.
///
/// # Errors
///
/// Says what is wrong with a line that did not come whole, or is no text.
///
/// ```
/// use item61_port::protocol::text;
///
/// assert_eq!(text(b"NUMBER\n")?, "NUMBER");
/// assert_eq!(text(b"NUMB").unwrap_err().to_string(), "the line was cut off");
/// # anyhow::Ok(())
/// ```
pub fn text(line: &[u8]) -> anyhow::Result<&str> {
    let Some(line) = line.strip_suffix(b"\n") else {
        ensure!(line.len() < LONGEST_LINE, "the line is longer than {LONGEST_LINE} bytes");
        bail!("the line was cut off");
    };
    // Telnet ends its lines with "\r\n".
    Ok(str::from_utf8(line).context("the line is no text")?.trim_end_matches('\r'))
}
