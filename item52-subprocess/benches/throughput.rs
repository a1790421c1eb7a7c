//! Throughput of each stage beside that of the `openssl` command on the same input.
//!
//! `cargo bench -p item52-subprocess` encrypts and hashes a file of 1 GiB five times each, from
//! the page cache to `/dev/null`, and prints the best run of each.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use common::timing::measure;

const BYTES: u64 = 1 << 30;
const ROUNDS: u32 = 5;

fn main() -> io::Result<()> {
    // `cargo test --benches` runs benchmarks, too; only `cargo bench` says so.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let path = std::env::temp_dir().join(format!("throughput-{}", std::process::id()));
    io::copy(&mut io::repeat(7).take(BYTES), &mut File::create(&path)?)?;
    let me = env!("CARGO_BIN_EXE_item52-subprocess");
    let stages: [(&str, &[&str], &[&str]); 2] = [
        (
            "encrypt",
            &[me, "encrypt"],
            &["openssl", "enc", "-aes-256-ctr", "-pbkdf2", "-pass", "env:password"],
        ),
        ("hash", &[me, "hash"], &["openssl", "dgst", "-sha256", "-binary"]),
    ];
    let mut stdout = io::stdout();
    writeln!(stdout, "{:<10}{:>14}{:>14}", "stage", "this program", "openssl")?;
    for (stage, ours, theirs) in stages {
        let (ours, theirs) = (best_of(ours, &path), best_of(theirs, &path));
        writeln!(stdout, "{stage:<10}{:>14}{:>14}", shown(ours), shown(theirs))?;
    }
    fs::remove_file(path)
}

fn best_of(command: &[&str], input: &std::path::Path) -> io::Result<Duration> {
    let mut best = Duration::MAX;
    for _ in 0..ROUNDS {
        let mut child = Command::new(command[0]);
        child.args(&command[1..]).env("password", "secret");
        child.stdin(File::open(input)?).stdout(Stdio::null());
        let (status, elapsed) = measure(|| child.status());
        if !status?.success() {
            return Err(io::Error::other("failed"));
        }
        best = best.min(elapsed);
    }
    Ok(best)
}

fn shown(best: io::Result<Duration>) -> String {
    match best {
        Ok(best) => format!("{:.2} GB/s", BYTES as f64 / best.as_secs_f64() / 1e9),
        Err(error) => error.to_string(),
    }
}
