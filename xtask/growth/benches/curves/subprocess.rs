//! Item 52: bytes through `encrypt` and `hash`, and children at once.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};
use common::children;

use crate::curve::{Curve, Shown, repeated, way};
use crate::programs::{is_there, program};
use crate::sizes;

const ME: &str = "item52-subprocess";

/// The stages, their subcommands, and what `openssl` does in their place.
const STAGES: [(&str, &[&str], &[&str]); 2] = [
    ("encrypt", &["encrypt"], &["enc", "-aes-256-ctr", "-pbkdf2", "-pass", "env:password"]),
    ("hash", &["hash"], &["dgst", "-sha256", "-binary"]),
];

pub fn stages() -> Vec<Curve> {
    let notes = [
        "Goal: openssl × 1.25 or more from 1,000,000 on, and 1 or more below.",
        "Goal: openssl × 1.05 or more from 1,000,000 on, and 1 or more below.",
    ];
    let curves = STAGES.into_iter().zip(notes).map(|((name, stage, openssl), note)| {
        let mut ways =
            vec![way("item 52", move |size| run(program(ME)?.as_os_str().to_str(), stage, size))];
        if is_there("openssl", "version") {
            ways.push(way("openssl", move |size| run(Some("openssl"), openssl, size)));
        }
        Curve {
            name,
            says: "item 52: from a file to /dev/null, the start of the program counted",
            unit: "bytes",
            sizes: sizes(&[1_000, 32_000, 1_000_000, 32_000_000], &[1_000_000_000]),
            shown: Shown::Whole,
            ways,
            note,
        }
    });
    curves.collect()
}

fn run(
    command: Option<&str>,
    arguments: &'static [&str],
    size: u64,
) -> anyhow::Result<impl FnMut(u64) -> anyhow::Result<Duration> + use<>> {
    let program = command.context("the path of the program is no text")?.to_owned();
    // It has no name, so that nothing is left of it however this ends.
    let mut input = tempfile::tempfile().context("cannot make a file")?;
    io::copy(&mut io::repeat(7).take(size), &mut input).context("cannot write the file")?;
    Ok(repeated(move || {
        input.rewind()?;
        let mut child = Command::new(&program);
        child.args(arguments).env("password", "secret");
        child.stdin(input.try_clone()?).stdout(Stdio::null());
        ended_well(&mut child)
    }))
}

fn ended_well(command: &mut Command) -> anyhow::Result<()> {
    let name = command.get_program().display().to_string();
    let status = children::spawn(command).and_then(|mut child| child.wait());
    ensure!(status.with_context(|| format!("cannot run {name}"))?.success(), "{name} failed");
    Ok(())
}

/// The program that all children become. A shell starts it, too, for it has it not built in.
fn child() -> Command {
    let mut child = Command::new("sleep");
    child.arg("0").stdin(Stdio::null());
    child
}

pub fn children_at_once() -> Curve {
    let ours = way("common::children", |count| {
        Ok(repeated(move || {
            let started = (0..count).map(|_| children::spawn(&mut child()));
            let started: Vec<_> = started.collect::<io::Result<_>>()?;
            started.into_iter().try_for_each(|mut child| child.wait().map(drop))?;
            Ok(())
        }))
    });
    let bare = way("std::process", |count| {
        Ok(repeated(move || {
            let started = (0..count).map(|_| child().spawn());
            let started: Vec<_> = started.collect::<io::Result<_>>()?;
            started.into_iter().try_for_each(|mut child| child.wait().map(drop))?;
            Ok(())
        }))
    });
    let shell = way("sh, a loop", |count| {
        const LOOP: &str = "i=0; while [ $i -lt $0 ]; do sleep 0 & i=$((i+1)); done; wait";
        Ok(repeated(move || ended_well(Command::new("sh").args(["-c", LOOP, &count.to_string()]))))
    });
    Curve {
        name: "children",
        says: "item 52: to start so many children (`sleep 0`) at once and wait for all, each",
        unit: "children",
        sizes: sizes(&[1, 3, 10, 30, 100], &[]),
        shown: Shown::Each(|count| count),
        ways: vec![ours, bare, shell],
        note: "The start of the shell counts as its own.",
    }
}

/// The most memory that `stage` has used when it has read `size` bytes; `None` where the system doesn't tell.
pub fn memory(stage: &str, size: u64) -> anyhow::Result<Option<String>> {
    let mut command = Command::new(program(ME)?);
    command.arg(stage).env("password", "secret").stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = children::spawn(&mut command)?;
    let mut input = child.take_stdin().context("a child without stdin")?;
    let block = vec![7; 1_000_000];
    for _ in 0..size / 1_000_000 {
        input.write_all(&block)?;
    }
    let peak = peak_of(Path::new(&format!("/proc/{}/status", child.pid().as_raw_nonzero())));
    drop(input);
    ensure!(child.wait()?.success(), "{stage} failed");
    Ok(peak)
}

fn peak_of(status: &Path) -> Option<String> {
    let mut text = String::new();
    File::open(status).ok()?.read_to_string(&mut text).ok()?;
    Some(text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().to_owned())
}
