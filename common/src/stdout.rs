//! Standard output: everything that a program tells goes through here, and nothing goes on when a signal
//! is ending the program.

use std::fmt;
use std::io::{self, Write};

use serde::Serialize;

use crate::ending;

/// Stdout did not take what was written; a closed pipe among the causes.
#[derive(Debug)]
pub struct StdoutFailed(pub io::Error);

impl fmt::Display for StdoutFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot write to standard output")
    }
}

impl std::error::Error for StdoutFailed {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

/// Prints a line, without its colours where there is no terminal.
pub fn print_line(text: &str) -> Result<(), StdoutFailed> {
    write_to(|| anstream::stdout().lock(), format!("{text}\n").as_bytes())
}

/// Writes `value` as one JSON object on a line of its own.
pub fn write_json(value: &impl Serialize) -> Result<(), StdoutFailed> {
    // Serialised first: a failure half-way would leave half an object behind.
    let mut json = serde_json::to_vec(value).map_err(|error| StdoutFailed(error.into()))?;
    json.push(b'\n');
    write_all(&json)
}

/// Writes these bytes, as they are.
pub fn write_all(bytes: &[u8]) -> Result<(), StdoutFailed> {
    write_to(|| io::stdout().lock(), bytes)
}

fn write_to<W: Write>(stdout: impl FnOnce() -> W, bytes: &[u8]) -> Result<(), StdoutFailed> {
    // What a signal has cut short is not told.
    ending::hold_if_begun();
    let mut stdout = stdout();
    stdout.write_all(bytes).and_then(|()| stdout.flush()).map_err(StdoutFailed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stdout_did_not_take_is_told_with_the_cause() {
        let failed = StdoutFailed(io::ErrorKind::StorageFull.into());
        let told = format!("{:#}", anyhow::Error::from(failed));
        assert_eq!(told, "cannot write to standard output: no storage space");
    }
}
