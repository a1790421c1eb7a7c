//! Reads what `cargo xtask report` has gathered, one JSON document, and writes the page.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use common::report::StdoutFailed;

/// Makes one HTML file of the JSON document on stdin
#[derive(Debug, Parser)]
struct Flags {}

fn main() -> ExitCode {
    common::program::run(|Flags {}| {
        let json = io::read_to_string(io::stdin()).context("cannot read standard input")?;
        let document = serde_json::from_str(&json).context("this is no report")?;
        let nonce = getrandom::u64().context("the system has no random number")?;
        let page = page::render(&document, nonce);
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(page.as_bytes());
        Ok(written.and_then(|()| stdout.flush()).map_err(StdoutFailed)?)
    })
}
