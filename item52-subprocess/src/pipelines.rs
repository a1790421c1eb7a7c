//! Children connected by pipes: what one prints, the next one reads.

use std::io::{self, PipeWriter, Write};
use std::path::Path;
use std::time::Instant;

use anyhow::Context;
use common::children::{Captured, Connected, start_captured, start_connected};
use common::timeline::lane;
use duct::cmd;

use crate::exit_status;
use crate::job::{Job, tail};

/// Two children, encrypt and hash, and since when both have been running.
pub type Pipeline = (Instant, Connected, Captured);

/// Starts a pipeline for `job`: our bytes | encrypt | hash | its digest. The two stages are subcommands
/// of this program, `me`. Returns our end of the first pipe, too.
pub fn start_pipeline(me: &Path, job: &Job) -> anyhow::Result<(PipeWriter, Pipeline)> {
    // A pipe has two ends. Each end goes to the process that uses it, and no other process keeps a copy: as
    // long as any process could still write, the reader would not see the end.
    let (plain, input) = io::pipe().context("cannot make a pipe to encrypt")?;
    let (sealed, to_hash) = io::pipe().context("cannot make a pipe from encrypt to hash")?;
    let encrypt = job.encrypt(me).stdin_file(plain).stdout_file(to_hash).unchecked();
    let encrypt = start_connected(encrypt).context("cannot start encrypt")?;
    let hash = cmd!(me, "hash").stdin_file(sealed).unchecked();
    let hash = start_captured(hash).context("cannot start hash")?;
    Ok((input, (Instant::now(), encrypt, hash)))
}

/// Writes to each of `inputs` what its encrypt is to read.
pub fn feed(inputs: Vec<PipeWriter>, jobs: &[Job]) -> anyhow::Result<()> {
    for (mut input, job) in inputs.into_iter().zip(jobs) {
        input.write_all(&job.data).context("cannot write to encrypt")?;
        // Dropped here, which closes the pipe: encrypt sees the end of its input.
    }
    Ok(())
}

/// Waits for all pipelines. Returns how their children ended, and the last ten bytes of each digest.
pub fn finish(pipelines: Vec<Pipeline>) -> anyhow::Result<(Vec<i32>, Vec<String>)> {
    let (mut statuses, mut tails) = (Vec::new(), Vec::new());
    for (n, (start, encrypt, mut hash)) in pipelines.into_iter().enumerate() {
        statuses.push(exit_status(encrypt.wait().context("cannot wait for encrypt")?.status));
        lane(format!("encrypt {n}")).record("lives", start);
        let output = hash.wait_with_output().context("cannot read from hash")?;
        lane(format!("hash {n}")).record("lives", start);
        statuses.push(exit_status(output.status));
        tails.push(tail(&output.stdout));
    }
    Ok((statuses, tails))
}
