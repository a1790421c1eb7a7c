//! Reads what `cargo xtask report` has gathered, one JSON document, and writes the page.

use std::io;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use common::stdout::write_all;

/// Makes one HTML file of the JSON document on stdin
#[derive(Debug, Parser)]
struct Flags {}

fn main() -> ExitCode {
    common::program::run(|Flags {}| {
        let json = io::read_to_string(io::stdin()).context("cannot read standard input")?;
        let document = serde_json::from_str(&json).context("this is no report")?;
        Ok(write_all(page::render(&document).as_bytes())?)
    })
}
