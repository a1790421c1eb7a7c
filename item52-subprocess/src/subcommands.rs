//! What the children of the story do. Each also works in a pipe of the shell.

use std::env;
use std::fs::File;
use std::io::{self, Read, StdinLock, Write};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use common::report::StdoutFailed;
use item52_subprocess::{FLOOD, Salt, encrypt, hash};

#[derive(Debug, Subcommand)]
pub enum ChildTask {
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
        #[arg(long, default_value_t = FLOOD)]
        bytes: u64,
    },
    /// Exit with code 3
    Fail,
}

impl ChildTask {
    pub fn work(self) -> anyhow::Result<ExitCode> {
        let mut input = Input { stdin: io::stdin().lock(), failed: false };
        // Stdout itself would look for line ends in what it writes, in order to flush after each.
        let output = io::stdout().as_fd().try_clone_to_owned();
        let mut output = File::from(output.context("cannot open standard output")?);
        let worked = match self {
            Self::Encrypt { salt } => {
                let password = env::var_os("password")
                    .context("no password: set the environment variable `password`")?;
                let salt = match salt {
                    Some(salt) => salt,
                    None => Salt::random().context("cannot make a salt")?,
                };
                encrypt(&mut input, output, password.as_bytes(), salt)
            }
            Self::Hash => hash(&mut input).and_then(|digest| output.write_all(&digest)),
            Self::Flood { bytes } => {
                io::copy(&mut io::repeat(0).take(bytes), &mut output).map(drop)
            }
            Self::Fail => return Ok(ExitCode::from(3)),
        };
        match worked {
            Ok(()) => Ok(ExitCode::SUCCESS),
            Err(error) if input.failed => Err(error).context("cannot read standard input"),
            Err(error) => Err(StdoutFailed(error).into()),
        }
    }
}

/// Stdin, which knows whether an error was its own.
struct Input {
    stdin: StdinLock<'static>,
    failed: bool,
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.stdin.read(buffer);
        self.failed = read.is_err();
        read
    }
}
