//! `cargo bench -p growth`: builds and starts `curves`, which measures. Nothing else builds it: this starter
//! needs nothing but the standard library, and `curves` needs a feature that only this starter asks for.

use std::convert::Infallible;
use std::env;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    // `cargo test --benches` starts benchmarks, too; only `cargo bench` says so.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // The profile of `cargo run`: what is measured is what a reader runs, and it has been built.
    cargo.args(["bench", "--package", "growth", "--profile", "dev"]);
    cargo.args(["--features", "measure", "--bench", "curves", "--"]);
    cargo.args(arguments.iter().filter(|argument| *argument != "--bench"));
    let Err::<Infallible, _>(failed) = Err(cargo.exec());
    eprintln!("cannot start cargo: {failed}");
    ExitCode::FAILURE
}
