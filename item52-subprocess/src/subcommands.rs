//! What the children of the story do. Each also works in a pipe of the shell. But where stdout is closed
//! (`hash >&-`), Rust opens `/dev/null` in its place before `main`: the output is lost, and the status is 0.

use std::env;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use common::stdout::write_all;
use item52_subprocess::{FLOOD, encrypt, for_each_chunk, hash};

#[derive(Debug, Subcommand)]
pub enum ChildTask {
    /// Encrypt stdin to stdout, as `openssl enc -aes-256-ctr -pbkdf2 -pass env:password` does
    Encrypt {
        /// 16 hexadecimal digits; random if not given
        #[arg(long, value_parser = salt)]
        salt: Option<u64>,
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

/// Parses a salt as the `openssl` command takes it.
fn salt(text: &str) -> Result<u64, &'static str> {
    let sixteen_digits = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = u64::from_str_radix(text, 16).ok().filter(|_| sixteen_digits);
    number.ok_or("a salt is 16 hexadecimal digits")
}

impl ChildTask {
    pub fn work(self) -> anyhow::Result<ExitCode> {
        let write = |bytes: &[u8]| Ok(write_all(bytes)?);
        match self {
            Self::Encrypt { salt } => {
                let password = env::var_os("password")
                    .context("no password: set the environment variable `password`")?;
                let salt = salt.map_or_else(getrandom::u64, Ok).context("cannot make a salt")?;
                encrypt(io::stdin().lock(), write, password.as_bytes(), salt)?;
            }
            Self::Hash => write_all(&hash(io::stdin().lock())?)?,
            Self::Flood { bytes } => {
                for_each_chunk(io::repeat(0).take(bytes), |zeros| write(zeros))?;
            }
            Self::Fail => return Ok(ExitCode::from(3)),
        }
        Ok(ExitCode::SUCCESS)
    }
}
