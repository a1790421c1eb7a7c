//! Throughput of each stage beside that of the `openssl` command on the same input.
//!
//! `cargo bench -p item52-subprocess --profile dev --bench throughput` encrypts and hashes 1 GiB five
//! times each, by turns, from the page cache to `/dev/null`, and prints the best round of each.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};
use common::rounds::best_by_turns;

const BYTES: u64 = 1 << 30;
const ROUNDS: usize = 5;

type Stage = (&'static str, &'static [&'static str], &'static [&'static str]);

const ME: &str = env!("CARGO_BIN_EXE_item52-subprocess");

const STAGES: [Stage; 2] = [
    (
        "encrypt",
        &[ME, "encrypt"],
        &["openssl", "enc", "-aes-256-ctr", "-pbkdf2", "-pass", "env:password"],
    ),
    ("hash", &[ME, "hash"], &["openssl", "dgst", "-sha256", "-binary"]),
];

fn main() -> anyhow::Result<()> {
    // `cargo test --benches` runs benchmarks, too; only `cargo bench` says so.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    // It has no name, so that nothing is left of it however this ends.
    let mut input = tempfile::tempfile().context("cannot make a file")?;
    io::copy(&mut io::repeat(7).take(BYTES), &mut input).context("cannot write the file")?;

    let mut stdout = io::stdout();
    writeln!(stdout, "{:<10}{:>14}{:>14}", "stage", "this program", "openssl")?;
    for (stage, ours, theirs) in STAGES {
        let [ours, theirs] =
            best_by_turns(ROUNDS, [&mut || run(ours, &input), &mut || run(theirs, &input)])?;
        writeln!(stdout, "{stage:<10}{:>14}{:>14}", shown(ours.elapsed), shown(theirs.elapsed))?;
    }
    Ok(())
}

fn run(command: &[&str], mut input: &File) -> anyhow::Result<()> {
    input.rewind()?;
    let mut child = Command::new(command[0]);
    child.args(&command[1..]).env("password", "secret");
    child.stdin(input.try_clone()?).stdout(Stdio::null());
    let status = child.status().with_context(|| format!("cannot run {}", command[0]))?;
    ensure!(status.success(), "{} failed", command[0]);
    Ok(())
}

fn shown(elapsed: Duration) -> String {
    format!("{:.2} GB/s", BYTES as f64 / elapsed.as_secs_f64() / 1e9)
}
