//! What the binaries share: how a program begins, how it fails and how it ends.

use std::io::{self, Write};
use std::process::{ExitCode, Termination};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use clap::error::ErrorKind;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals};
use signal_hook::low_level::emulate_default_handler;

use crate::report::StdoutFailed;

/// Parses the command line into `Flags` and runs `story` with them; call it from `main`.
///
/// | what happened | stderr | exit code |
/// |---|---|---|
/// | the story ran | | 0 |
/// | stdout's reader went away (`… \| head -1`) | | 0 |
/// | the system failed | one line that names what was attempted | 1 |
/// | a flag or its value is wrong | one line that names it | 2 |
///
/// `--help` is printed to stdout, exit code 0. A story that finds its flags at odds with each other
/// returns a [`clap::Error`], which counts as a wrong flag.
pub fn run<Flags: Parser, Outcome: Termination>(
    story: impl FnOnce(Flags) -> anyhow::Result<Outcome>,
) -> ExitCode {
    let told = match Flags::try_parse() {
        Ok(flags) => story(flags).map(Termination::report),
        Err(error) if error.use_stderr() => Err(error.into()),
        Err(help) => match help.print() {
            Ok(()) => Ok(ExitCode::SUCCESS),
            Err(error) => Err(StdoutFailed(error).into()),
        },
    };
    match told {
        Ok(exit_code) => exit_code,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let (complaint, exit_code) = match error.downcast_ref::<clap::Error>() {
                Some(usage) => (first_paragraph(usage), 2),
                None => (format!("error: {error:#}"), 1),
            };
            complain(&complaint);
            ExitCode::from(exit_code)
        }
    }
}

/// Writes `line` to stderr, if it can: `eprintln!` panics when stderr is closed or full.
pub fn complain(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Parses a duration such as `100ms`, `1s` or `2min`; for `#[arg(value_parser = …)]`.
///
/// # Errors
///
/// Says what is wrong with `text`, in one line.
pub fn duration(text: &str) -> Result<Duration, humantime::DurationError> {
    humantime::parse_duration(text)
}

/// Runs `clean_up` and then ends the program when it receives SIGHUP, SIGINT or SIGTERM, the way
/// the signal would have ended it, so that a shell sees the usual status.
///
/// For programs that own something which would outlive them: child processes, above all. A thread
/// waits for the signals until the guard is dropped, which joins it. Keep the guard until the
/// program ends: once it is dropped, these signals are ignored.
///
/// # Errors
///
/// Fails when the handlers can't be installed or the thread can't be started.
pub fn on_termination(clean_up: impl FnOnce() + Send + 'static) -> anyhow::Result<SignalGuard> {
    let mut signals =
        Signals::new([SIGHUP, SIGINT, SIGTERM]).context("cannot install the signal handlers")?;
    let handle = signals.handle();
    let thread = thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            if let Some(signal) = signals.forever().next() {
                clean_up();
                let _ = emulate_default_handler(signal);
            }
        })
        .context("cannot start the thread that waits for signals")?;
    Ok(SignalGuard { handle, thread: Some(thread) })
}

/// Keeps the clean-up of [`on_termination`] in force until it is dropped.
#[derive(Debug)]
pub struct SignalGuard {
    handle: Handle,
    thread: Option<JoinHandle<()>>,
}

impl Drop for SignalGuard {
    fn drop(&mut self) {
        self.handle.close();
        if let Some(thread) = self.thread.take() {
            // It only fails if `clean_up` panicked, which has been reported.
            let _ = thread.join();
        }
    }
}

/// Clap explains an error in several paragraphs; the first holds what is wrong.
fn first_paragraph(error: &clap::Error) -> String {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return "error: a subcommand is missing (see --help)".into();
    }
    let text = error.render().to_string();
    let lines = text.lines().take_while(|line| !line.is_empty()).map(str::trim);
    lines.collect::<Vec<_>>().join(" ")
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let failed = error.downcast_ref::<StdoutFailed>();
    failed.is_some_and(|StdoutFailed(cause)| cause.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Parser)]
    struct Flags {
        #[arg(long, default_value = "5", allow_negative_numbers = true)]
        #[arg(value_parser = clap::value_parser!(u16).range(1..))]
        threads: u16,
        #[arg(long, default_value = "1ms", value_parser = duration)]
        latency: Duration,
        #[arg(long)]
        mode: Option<Mode>,
    }

    #[derive(Clone, Debug, clap::ValueEnum)]
    enum Mode {
        Slow,
        Fast,
    }

    fn complaint(arguments: &[&str]) -> String {
        let arguments = ["program"].iter().chain(arguments);
        first_paragraph(&Flags::try_parse_from(arguments).unwrap_err())
    }

    #[test]
    fn durations_are_written_with_their_unit() {
        let flags = Flags::try_parse_from(["program", "--latency", "100ms"]).unwrap();
        assert_eq!(flags.latency, Duration::from_millis(100));
    }

    #[test]
    fn a_bad_value_is_one_line_that_names_the_flag_and_the_value() {
        for (arguments, words) in [
            (["--threads", "0"], ["--threads", "'0'"]),
            (["--threads", "-1"], ["--threads", "'-1'"]),
            (["--threads", "five"], ["--threads", "'five'"]),
            (["--latency", "5 parsecs"], ["--latency", "parsecs"]),
            (["--mode", "medium"], ["medium", "slow, fast"]),
            (["--no-such-flag", "1"], ["--no-such-flag", "unexpected"]),
        ] {
            let line = complaint(&arguments);
            assert!(line.starts_with("error: "), "{line}");
            assert_eq!(line.lines().count(), 1, "{line}");
            for word in words {
                assert!(line.contains(word), "{line:?} lacks {word:?}");
            }
        }
    }

    #[test]
    fn only_a_closed_stdout_is_a_quiet_end() {
        let broken = || io::Error::from(io::ErrorKind::BrokenPipe);
        let full = io::Error::from(io::ErrorKind::StorageFull);
        assert!(is_closed_pipe(&StdoutFailed(broken()).into()));
        assert!(!is_closed_pipe(&StdoutFailed(full).into()));
        assert!(!is_closed_pipe(&broken().into()), "a child's pipe is not our stdout");
    }
}
