//! A child process that computes: pairs go in through one pipe, answers come back through another,
//! each on a line.
//!
//! A child ends when its input does. So it does not outlive its parent, not even one that was
//! killed: the system closes the pipes of the dead.

use std::io::{self, BufRead, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, bail, ensure};
use common::children::{self, spawn};
use common::report::StdoutFailed;

use crate::Pair;

/// A child at work. Dropping it ends it and waits for it, and so does a signal to this program.
#[derive(Debug)]
pub struct Child {
    process: children::Child,
    pairs: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Child {
    /// Starts `program` so many times, with `arguments` that make it [`serve`], and waits until each
    /// has answered once: only then it is at work.
    ///
    /// # Errors
    ///
    /// Fails when one can't be started. The others are ended.
    pub fn start_all(
        program: &Path,
        arguments: &[&str],
        count: usize,
    ) -> anyhow::Result<Vec<Self>> {
        let children = (0..count).map(|_| Self::start(program, arguments));
        let mut children: Vec<Self> = children.collect::<anyhow::Result<_>>()?;
        for child in &mut children {
            child.exchange(Pair(1, 1))?;
        }
        Ok(children)
    }

    fn start(program: &Path, arguments: &[&str]) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = spawn(&mut command)
            .with_context(|| format!("cannot start {} as a child", program.display()))?;
        let pipes = process.take_stdin().zip(process.take_stdout());
        let (pairs, answers) = pipes.context("a child was started without its pipes")?;
        Ok(Self { process, pairs, answers: BufReader::new(answers) })
    }

    /// Sends `pair` to the child and waits for its divisor.
    ///
    /// # Errors
    ///
    /// Fails when there is no answer, or one that is no number.
    pub fn ask(&mut self, pair: Pair) -> anyhow::Result<u32> {
        let answer = self.exchange(pair)?;
        answer.parse().with_context(|| format!("a child answered {answer:?}"))
    }

    /// Sends `pair` to the child and waits for a line.
    ///
    /// # Errors
    ///
    /// Fails when there is none.
    pub fn exchange(&mut self, pair: Pair) -> anyhow::Result<String> {
        // One write for the whole line: two would be two trips.
        self.pairs.write_all(format!("{pair}\n").as_bytes()).context("cannot write to a child")?;
        match read_line(&mut self.answers).context("cannot read from a child")? {
            Some(answer) => Ok(answer),
            None => bail!("a child ended before it answered"),
        }
    }

    /// Closes its input, which ends it, and waits for it.
    ///
    /// # Errors
    ///
    /// Fails when it has not ended well.
    pub fn join(self) -> anyhow::Result<()> {
        let Self { mut process, pairs, mut answers } = self;
        drop(pairs);
        let left = answers.read_to_end(&mut Vec::new()).context("cannot read from a child")?;
        ensure!(left == 0, "a child sent more answers than it got pairs");
        let status = process.wait().context("cannot wait for a child")?;
        ensure!(status.success(), "a child failed: {status}");
        Ok(())
    }
}

/// The life of a child: reads pairs from stdin and writes their answers to stdout, until there are
/// no more.
///
/// # Errors
///
/// Fails when it can't read or write, or reads what is no pair.
pub fn serve(answer: impl Fn(Pair) -> String) -> anyhow::Result<()> {
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    while let Some(line) = read_line(&mut input).context("cannot read a pair from stdin")? {
        let pair = line.parse().context("cannot read a pair from stdin")?;
        writeln!(output, "{}", answer(pair)).and_then(|()| output.flush()).map_err(StdoutFailed)?;
    }
    Ok(())
}

/// Nobody sends a longer line. One without an end, as from `/dev/zero`, is not read for ever.
const LONGEST_LINE: u64 = 64 << 10;

/// The next line, without its newline; `None` at the end of the input.
fn read_line(input: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = String::new();
    match input.take(LONGEST_LINE).read_line(&mut line)? {
        0 => Ok(None),
        _ => Ok(Some(line.trim_end().to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_the_input_is_no_error() {
        assert_eq!(read_line(&mut io::empty()).unwrap(), None);
        assert_eq!(read_line(&mut &b"12 18"[..]).unwrap().as_deref(), Some("12 18"));
    }

    #[test]
    fn a_line_without_end_is_not_read_for_ever() {
        let line = read_line(&mut BufReader::new(io::repeat(b'1'))).unwrap().unwrap();
        assert_eq!(line.len() as u64, LONGEST_LINE);
        assert!(read_line(&mut BufReader::new(io::repeat(0xff))).is_err());
    }
}
