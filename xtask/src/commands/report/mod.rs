//! `cargo xtask report`: runs and judges the items, and writes one page about all of it.
//!
//! The page itself is made by the package `page`, which is built only here: what makes HTML must not
//! make `verify` slower to build.

mod sources;

use std::ffi::{OsStr, OsString};
use std::io::{Seek, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, SystemTime};

use anyhow::{Context, ensure};
use common::children::ask;
use common::program::complain;

use super::selection::Programs;
use crate::comparison::interpreters::{Interpreter, Interpreters};
use crate::comparison::{Beside, Comparison, Rounds};
use crate::document::{Document, Ran, Shown};
use crate::engine::cargo::{IN_PYTHON, Workspace};
use crate::engine::groups::progress;
use crate::judge::{Item, Run};
use crate::machine::Machine;
use crate::output::outfile::OutFile;
use crate::output::screen::Screen;
use crate::verdict::{Judgement, Sum};
use sources::{advice, files};

/// The package that makes the page.
const PAGE: &str = "page";

#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    programs: Programs,

    /// The file to write (default: report.html in the target folder)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Show the items' Python beside the Rust, under this interpreter; may be given several times;
    /// `all` finds those on the PATH and pyenv's
    #[arg(long = "python", value_name = "PATH")]
    pythons: Vec<OsString>,

    /// Show the page in the browser; the exit code is 1 if that fails, though the page is written
    #[arg(long)]
    open: bool,
}

/// Runs, judges, and writes the page.
pub fn report(options: &Options, catalogue: &[Item]) -> anyhow::Result<ExitCode> {
    let mut items = options.programs.select(catalogue)?;
    items.sort_by_key(|item| item.number);
    items.dedup_by_key(|item| item.number);
    let screen = Screen::new(false);
    let workspace = Workspace::here()?;
    let path = options.out.clone().unwrap_or_else(|| workspace.target.join("report.html"));
    let out = OutFile::create(&path)?;
    let built = options.programs.build(&items)?;
    let page = workspace.build(&[PAGE])?.remove(PAGE).context("there is no page")?;
    let interpreters = interpreters(options, &items, &workspace);

    let mut shown = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let script = workspace.script(item).ok().filter(|script| script.is_file());
        let commands = interpreters.commands(&built[item.package], script.as_deref());
        let running = progress(&[item], &items[index + 1..]);
        let tell = |name: &str, _| screen.progress(&format!("{name}: {running}"));
        let limit = options.programs.time_limit;
        let comparison = Comparison::by_turns(item, &commands, 1, limit, tell);
        shown.push(show(comparison, &interpreters, &workspace, out.path())?);
    }

    let document = Document {
        date: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
        machine: Machine::this(),
        pythons: interpreters.names().pythons,
        items: shown,
    };
    let path = out.finish(render(&page, &document)?.as_bytes())?;
    screen.line(&format!("{}", path.display()))?;
    screen.line(&sum(&document.items))?;
    if options.open {
        open(&path)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The interpreters whose column the page has; complains about the others, and about programs that are
/// missing.
fn interpreters(options: &Options, items: &[&Item], workspace: &Workspace) -> Interpreters {
    let mut interpreters = Interpreters::find(&options.pythons);
    interpreters.missing().for_each(|missing| complain(&format!("not shown: {missing}")));
    let is_missing = |item: &&&Item| !workspace.script(item).is_ok_and(|script| script.is_file());
    let missing: Vec<String> =
        items.iter().filter(is_missing).map(|item| item.number.to_string()).collect();
    if !missing.is_empty() {
        for python in interpreters.usable() {
            let numbers = missing.join(", ");
            complain(&format!("not shown: {python}: no {IN_PYTHON} for {numbers}"));
        }
    }
    let is_shown = missing.len() < items.len();
    interpreters.asked.retain(|asked| asked.is_ok() && is_shown);
    interpreters
}

/// All that is known of an item that has run.
fn show(
    comparison: Comparison,
    interpreters: &Interpreters,
    workspace: &Workspace,
    page: &Path,
) -> anyhow::Result<Shown> {
    let Comparison { item, rounds: Beside { rust, pythons } } = comparison;
    let folder = workspace.folder(item).ok();
    let of_rust = |run: Run| ran(run.judged(item), run);
    let of_python =
        |run: Run, python: &Interpreter| ran(run.judged_in_python(item, python.kind()), run);
    let first = |rounds: Rounds| rounds.runs.into_iter().next();
    let run = first(rust).map(of_rust).context("the item has run")?;
    let title = run.report.as_ref().map(|report| &*report.title).or(workspace.title(item));
    let files = folder.map(|folder| files(folder, page, &workspace.root)).transpose()?;
    Ok(Shown {
        number: item.number,
        title: title.unwrap_or(item.package).to_owned(),
        package: item.package.into(),
        advice: folder.map(advice).unwrap_or_default(),
        files: files.unwrap_or_default(),
        run,
        pythons: pythons
            .into_iter()
            .zip(interpreters.usable())
            .map(|(rounds, python)| Some(of_python(first(rounds)?, python)))
            .collect(),
    })
}

fn ran(judgements: Vec<Judgement>, run: Run) -> Ran {
    Ran { elapsed_s: run.elapsed.as_secs_f64(), report: run.report.ok(), judgements }
}

/// Lets the page be made of `document`.
fn render(page: &Path, document: &Document) -> anyhow::Result<String> {
    let what = "the program that makes the page";
    // A file, not a pipe: nobody has to write while the page is read.
    let mut json = tempfile::tempfile().context("cannot make a temporary file")?;
    json.write_all(&serde_json::to_vec(document)?).context("cannot write a temporary file")?;
    json.rewind().context("cannot read a temporary file")?;
    ask(Command::new(page).stdin(json), what)
}

/// How many checks came out how.
fn sum(items: &[Shown]) -> String {
    let Sum { passed, failed, skipped } =
        Sum::of(items.iter().flat_map(|item| &item.run.judgements));
    match skipped {
        0 => format!("{passed} passed, {failed} failed"),
        _ => format!("{passed} passed, {failed} failed, {skipped} skipped"),
    }
}

/// Shows `path` with the system's opener. One that runs on is the browser itself: it is left alone.
fn open(path: &Path) -> anyhow::Result<()> {
    let opener = OsStr::new(if cfg!(target_os = "macos") { "open" } else { "xdg-open" });
    let mut command = Command::new(opener);
    command.arg(path).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let what = || format!("cannot open the page with {}", opener.display());
    let mut child = command.process_group(0).spawn().with_context(what)?;
    // Two seconds.
    for _ in 0..200 {
        if let Some(status) = child.try_wait().with_context(what)? {
            ensure!(status.success(), "{} ({status})", what());
            break;
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}
