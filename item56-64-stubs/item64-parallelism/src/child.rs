//! A child process that computes: pairs go in through one pipe, answers come back through another,
//! each on a line.
//!
//! A child ends when its input does. So no child outlives its parent, not even a parent that was killed:
//! the system closes the pipes of a process that has ended.

use std::io::{self, BufReader, Write as _};
use std::path::Path;
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, ensure};
use common::children::{self, spawn};
use common::stdout::write_json;

use crate::Pair;
use crate::wire::{Answer, read_line};

/// A child at work. Dropping it ends it and waits for it, and so does a signal to this program.
#[derive(Debug)]
pub struct Child {
    process: children::Child,
    pairs: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Child {
    /// Starts `program` so many times as a `worker`, and waits until each child has answered once: only
    /// then the child is at work. If one child can't be started, the others are ended.
    pub fn start_all(program: &Path, count: usize) -> anyhow::Result<Vec<Self>> {
        let children = (0..count).map(|_| Self::start(program));
        let mut children: Vec<Self> = children.collect::<anyhow::Result<_>>()?;
        for child in &mut children {
            child.ask(Pair(1, 1))?;
        }
        Ok(children)
    }

    fn start(program: &Path) -> anyhow::Result<Self> {
        let (process, pairs, answers) = start(program, "worker")?;
        Ok(Self { process, pairs, answers })
    }

    /// Sends `pair` to the child and waits for its answer.
    pub fn ask(&mut self, pair: Pair) -> anyhow::Result<Answer> {
        // One write for the whole line: after two, the child could wake twice.
        self.pairs.write_all(format!("{pair}\n").as_bytes()).context("cannot write to a child")?;
        let answer = read_line(&mut self.answers).context("cannot read from a child")?;
        let answer = answer.context("a child ended before it answered")?;
        serde_json::from_str(&answer).with_context(|| format!("a child answered {answer:?}"))
    }

    /// Closes the child's input, which ends the child, and waits for it.
    pub fn join(self) -> anyhow::Result<()> {
        join(self.process, self.pairs)
    }
}

/// Starts `program` in this role, with a pipe to the child and a pipe from the child.
pub(crate) fn start(
    program: &Path,
    role: &str,
) -> anyhow::Result<(children::Child, ChildStdin, BufReader<ChildStdout>)> {
    let mut command = Command::new(program);
    command.arg(role).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut process = spawn(&mut command)
        .with_context(|| format!("cannot start {} as a child", program.display()))?;
    let pipes = process.take_stdin().zip(process.take_stdout());
    let (to, from) = pipes.context("a child was started without its pipes")?;
    Ok((process, to, BufReader::new(from)))
}

/// Closes `input`, which ends the child, and waits for it.
pub(crate) fn join(mut process: children::Child, input: ChildStdin) -> anyhow::Result<()> {
    drop(input);
    let status = process.wait().context("cannot wait for a child")?;
    ensure!(status.success(), "a child failed: {status}");
    Ok(())
}

/// What a child does all its life: reads pairs from stdin and writes their answers to stdout, until there
/// are no more pairs.
pub fn serve() -> anyhow::Result<()> {
    let mut input = io::stdin().lock();
    while let Some(line) = read_line(&mut input).context("cannot read a pair from stdin")? {
        let pair = line.parse().context("cannot read a pair from stdin")?;
        write_json(&Answer::to(pair))?;
    }
    Ok(())
}
