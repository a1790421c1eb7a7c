//! The story of item 52, in the order of the notes, and the children it starts.

mod story;

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::process::ExitCode;
use std::time::Duration;
use std::{env, process};

use anyhow::Context;
use clap::{Parser, Subcommand};
use common::program::duration;
use common::report::{OutputFlags, StdoutFailed};
use item52_subprocess::{Salt, encrypt, hash};

/// Item 52: run child processes, beside each other and connected by pipes
#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    child: Option<ChildTask>,

    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, clap::Args)]
struct Flags {
    /// How long the sleeping children sleep
    #[arg(long, default_value = "1s", value_parser = duration)]
    sleep: Duration,

    /// How many children sleep at once
    #[arg(long, default_value_t = 10, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    children: u16,

    /// How many pipelines run at once
    #[arg(long, default_value_t = 3, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    pipelines: u16,

    /// How many random bytes each pipeline encrypts
    #[arg(long, default_value_t = 100, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u32))]
    bytes: u32,

    /// How long to wait for a child that takes too long
    #[arg(long, default_value = "100ms", value_parser = duration)]
    timeout: Duration,

    #[command(flatten)]
    output: OutputFlags,
}

/// What the children of the story do; each also works in a pipe of the shell.
#[derive(Debug, Subcommand)]
enum ChildTask {
    /// Encrypt stdin to stdout, as `openssl enc -aes-256-ctr -pbkdf2 -pass env:password` does
    Encrypt {
        /// 16 hexadecimal digits; random if not given
        #[arg(long)]
        salt: Option<Salt>,
    },
    /// Write the raw SHA-256 digest of stdin to stdout
    Hash,
    /// Write zeros to stdout
    Flood {
        /// How many
        #[arg(long, default_value_t = story::FLOOD)]
        bytes: u64,
    },
    /// Exit with code 3
    Fail,
}

fn main() -> ExitCode {
    common::program::run(|cli: Cli| match cli.child {
        None => story::tell(&cli.flags),
        Some(task) => work(&task),
    })
}

fn work(task: &ChildTask) -> anyhow::Result<()> {
    let input = io::stdin().lock();
    // Stdout itself would look for line ends in what it writes, in order to flush after each.
    let mut output = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    match task {
        ChildTask::Encrypt { salt } => {
            let password = env::var_os("password")
                .context("no password: set the environment variable `password`")?;
            let salt = match salt {
                Some(salt) => *salt,
                None => Salt::random().context("cannot make a salt")?,
            };
            encrypt(input, output, password.as_bytes(), salt)
        }
        ChildTask::Hash => hash(input).and_then(|digest| output.write_all(&digest)),
        ChildTask::Flood { bytes } => {
            io::copy(&mut io::repeat(0).take(*bytes), &mut output).map(drop)
        }
        ChildTask::Fail => process::exit(3),
    }
    .map_err(stream_failed)
}

/// A reader that went away is no failure of ours; anything else is.
fn stream_failed(error: io::Error) -> anyhow::Error {
    if error.kind() == io::ErrorKind::BrokenPipe {
        StdoutFailed(error).into()
    } else {
        anyhow::Error::new(error).context("cannot copy stdin to stdout")
    }
}
