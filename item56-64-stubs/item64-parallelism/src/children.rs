//! Child processes that compute: pairs go in through one pipe, answers come back through another.

use std::env;
use std::io::{BufReader, Read as _, Write as _};
use std::mem;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, bail, ensure};
use item64_parallelism::gcd::{Answer, Pair};

/// All children of this program that have not been waited for.
///
/// Whatever happens, none is left behind: [`join`](Self::join) when all went well,
/// [`end`](Self::end) when something failed or a signal came. And should this process be killed
/// outright, the system closes its ends of the pipes, and a child whose input has ended, ends.
#[derive(Clone, Debug, Default)]
pub struct Children {
    list: Arc<Mutex<List>>,
}

#[derive(Debug, Default)]
struct List {
    running: Vec<Child>,
    /// No new child after the end.
    ended: bool,
}

/// The two pipes of one child. Dropping them ends it.
#[derive(Debug)]
pub struct Worker {
    pairs: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Children {
    /// Starts this same program once more, as a worker.
    pub fn start(&self) -> anyhow::Result<Worker> {
        let program = env::current_exe().context("cannot find this program's own file")?;
        // Under the lock: a child that `end` does not know of would be left behind.
        let mut list = self.lock();
        ensure!(!list.ended, "no child is started when the program ends");
        let mut child = Command::new(&program)
            .arg("worker")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {} as a child", program.display()))?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        list.running.push(child);
        let (pairs, answers) = pipes.context("a child was started without its pipes")?;
        Ok(Worker { pairs, answers: BufReader::new(answers) })
    }

    /// Closes the pipes of `workers`, which ends the children, and waits for them.
    pub fn join(&self, workers: Vec<Worker>) -> anyhow::Result<()> {
        for Worker { pairs, mut answers } in workers {
            drop(pairs);
            // The end of its output says that a child has ended. Waiting here, and not for the
            // child itself, leaves the lock to `end`.
            let left = answers.read_to_end(&mut Vec::new()).context("cannot read from a child")?;
            ensure!(left == 0, "a child sent more answers than it got pairs");
        }
        for mut child in mem::take(&mut self.lock().running) {
            let status = child.wait().context("cannot wait for a child")?;
            ensure!(status.success(), "a child failed: {status}");
        }
        Ok(())
    }

    /// Kills and waits for those that are left, and lets none be started again.
    pub fn end(&self) {
        let mut list = self.lock();
        list.ended = true;
        for mut child in list.running.drain(..) {
            // Killing fails if the child has ended by itself, waiting if it was waited for.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// How many have been started and not been waited for.
    pub fn left(&self) -> usize {
        self.lock().running.len()
    }

    fn lock(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Worker {
    /// Sends `pair` to the child and waits for its answer.
    pub fn ask(&mut self, pair: Pair) -> anyhow::Result<Answer> {
        // One write for the whole line: two would be two trips.
        self.pairs.write_all(format!("{pair}\n").as_bytes()).context("cannot write to a child")?;
        match Answer::read(&mut self.answers).context("cannot read from a child")? {
            Some(answer) => Ok(answer),
            None => bail!("a child ended before it answered"),
        }
    }
}
