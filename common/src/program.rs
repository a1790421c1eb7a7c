//! What the binaries share: how a program begins, how it fails and how it ends.

use std::io::{self, Write};
use std::process::{ExitCode, Termination};
use std::time::Duration;

use clap::Parser;
use clap::error::ErrorKind;

use crate::ending;
use crate::stdout::StdoutFailed;

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
/// returns a [`clap::Error`], which counts as a wrong flag. A signal ends the program in its own way
/// (see [`ending`]).
pub fn run<Flags: Parser, Outcome: Termination>(
    story: impl FnOnce(Flags) -> anyhow::Result<Outcome>,
) -> ExitCode {
    let told = match Flags::try_parse() {
        Ok(flags) => ending::prepare().and_then(|()| story(flags)).map(Termination::report),
        Err(error) if error.use_stderr() => Err(error.into()),
        Err(help) => match help.print() {
            Ok(()) => Ok(ExitCode::SUCCESS),
            Err(error) => Err(StdoutFailed(error).into()),
        },
    };
    // A story that fails because a signal ended its children must not tell of it.
    ending::finish();
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
    ending::hold_if_begun();
    let _ = writeln!(io::stderr(), "{line}");
}

/// Parses a duration such as `100ms`, `1s` or `2min`; for `#[arg(value_parser = …)]`.
pub fn duration(text: &str) -> Result<Duration, humantime::DurationError> {
    humantime::parse_duration(text)
}

/// The same, within bounds that make sense: `#[arg(value_parser = duration_within("1ms", "1h"))]`.
///
/// # Panics
///
/// The parser panics if a bound is not a duration: a mistake in the program.
pub fn duration_within(
    shortest: &'static str,
    longest: &'static str,
) -> impl Fn(&str) -> Result<Duration, String> + Clone {
    let bound = |text| duration(text).expect("a bound is a duration");
    move |text| {
        let value = duration(text).map_err(|error| error.to_string())?;
        if (bound(shortest)..=bound(longest)).contains(&value) {
            Ok(value)
        } else {
            Err(format!("not within {shortest} and {longest}"))
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
    fn a_duration_beyond_its_bounds_is_refused() {
        let within = duration_within("1ms", "1h");
        assert_eq!(within("1h"), Ok(Duration::from_secs(3600)));
        for wrong in ["0s", "61min", "5 parsecs"] {
            assert!(within(wrong).is_err(), "{wrong}");
        }
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
