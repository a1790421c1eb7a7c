//! `cargo xtask exercise`: hands its arguments to the package `exercise`, which is built only here: what
//! parses Rust must not make `verify` slower to build.

use std::convert::Infallible;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use anyhow::Context;

use crate::engine::cargo::Workspace;

/// The package whose program this becomes.
const EXERCISE: &str = "exercise";

#[derive(Debug, clap::Args)]
pub struct Options {
    /// See `cargo xtask exercise --help`
    #[arg(value_name = "ARGUMENT", trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

/// Becomes the program of the package.
pub fn exercise(options: &Options) -> anyhow::Result<ExitCode> {
    let program = Workspace::here()?.build(&[EXERCISE])?.remove(EXERCISE);
    let program = program.context("there is no program of exercises")?;
    let failed = Command::new(&program).args(&options.arguments).exec();
    Err::<Infallible, _>(failed).with_context(|| format!("cannot run {}", program.display()))?;
    unreachable!("the program has taken this one's place")
}
