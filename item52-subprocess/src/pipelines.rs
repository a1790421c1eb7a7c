//! Children connected by pipes: what one prints, the next one reads.

use std::io::{self, Write};
use std::path::Path;

use anyhow::Context;
use common::children::{start_captured, start_connected};
use common::timeline::Lanes;
use duct::cmd;

use crate::exit_status;
use crate::job::{Job, tail};
use crate::life::Life;
use crate::proofs::still_running;

/// What the pipelines gave.
#[derive(Debug)]
pub struct Pipelines {
    /// How many of their children were running before any got its input.
    pub running_at_once: usize,
    /// How each encrypt ended, then each hash.
    pub statuses: Vec<i32>,
    /// The last ten bytes of each digest.
    pub tails: Vec<String>,
}

/// Runs a pipeline for each of `jobs`, all at once: our bytes | encrypt | hash | its digest. The
/// two stages are subcommands of this program, `me`.
///
/// # Errors
///
/// Fails when the system gives no more processes or pipes; the children that were started are ended.
pub fn pipelines(lanes: &Lanes, me: &Path, jobs: &[Job]) -> anyhow::Result<Pipelines> {
    let (mut inputs, mut encrypts, mut hashes) = (Vec::new(), Vec::new(), Vec::new());
    for (n, job) in jobs.iter().enumerate() {
        // A pipe has two ends. Each goes to the process that uses it, and nobody keeps a copy: as
        // long as somebody could still write, the reader would not see the end.
        let (plain, input) = io::pipe().context("cannot make a pipe to encrypt")?;
        let (sealed, to_hash) = io::pipe().context("cannot make a pipe from encrypt to hash")?;
        let life = Life::begin(lanes, format!("encrypt {n}"));
        let encrypt = job.encrypt(me).stdin_file(plain).stdout_file(to_hash).unchecked();
        encrypts.push((start_connected(encrypt).context("cannot start encrypt")?, life));
        let life = Life::begin(lanes, format!("hash {n}"));
        let hash = cmd!(me, "hash").stdin_file(sealed).unchecked();
        hashes.push((start_captured(hash).context("cannot start hash")?, life));
        inputs.push(input);
    }
    // None of them can have ended, for none has seen the end of its input.
    let running_at_once = still_running(encrypts.iter().map(|(encrypt, _)| encrypt.try_wait()))?
        + still_running(hashes.iter().map(|(hash, _)| hash.try_wait()))?;

    for (mut input, job) in inputs.into_iter().zip(jobs) {
        input.write_all(&job.data).context("cannot write to encrypt")?;
        // Dropped here, which closes the pipe: encrypt sees the end of its input.
    }
    let (mut statuses, mut tails) = (Vec::new(), Vec::new());
    for (encrypt, life) in encrypts {
        statuses.push(exit_status(encrypt.wait().context("cannot wait for encrypt")?.status));
        life.end();
    }
    for (mut hash, life) in hashes {
        let output = hash.wait_with_output().context("cannot read from hash")?;
        statuses.push(exit_status(output.status));
        tails.push(tail(&output.stdout));
        life.end();
    }
    Ok(Pipelines { running_at_once, statuses, tails })
}

/// One pipeline more, by an expression: duct makes the pipe from `encrypt` to `hash`, and checks how
/// both ended. Returns the last ten bytes of the digest.
///
/// # Errors
///
/// Fails when a child can't be started, or fails.
pub fn one_expression(me: &Path, job: &Job) -> anyhow::Result<String> {
    let (plain, mut input) = io::pipe().context("cannot make a pipe to encrypt")?;
    let pipeline = job.encrypt(me).stdin_file(plain).pipe(cmd!(me, "hash"));
    let mut pipeline = start_captured(pipeline).context("cannot start a pipeline")?;
    // All of it can be written before anything is read, because hash prints only at the end.
    input.write_all(&job.data).context("cannot write to a pipeline")?;
    drop(input);
    Ok(tail(&pipeline.wait_with_output().context("a pipeline failed")?.stdout))
}
