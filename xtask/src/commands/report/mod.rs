//! `cargo xtask report`: runs and judges the items, and writes one page: the READMEs, with what came of the
//! runs in them.
//!
//! The page itself is made by the package `page`, which is built only here: what makes HTML must not
//! make `verify` slower to build.

mod texts;

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{Seek, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, SystemTime};

use anyhow::{Context, ensure};
use common::children::ask;
use common::program::complain;
use common::report::Report;
use serde::Serialize;

use super::selection::Programs;
use crate::comparison::interpreters::{Interpreter, Interpreters};
use crate::comparison::{Beside, Comparison, Rounds};
use crate::document::{Document, Language, Made, Ran, Shown, Table};
use crate::engine::cargo::{IN_PYTHON, Workspace};
use crate::engine::groups::progress;
use crate::judge::{Item, Run};
use crate::machine::Machine;
use crate::output::outfile::OutFile;
use crate::output::screen::Screen;
use crate::verdict::{Judgement, Sum};
use texts::{Texts, address, preferred};

/// The package that makes the page.
const PAGE: &str = "page";

#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    programs: Programs,

    /// The file to write (default: report.html in the target folder)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// The language of the page (default: Korean where the locale is, else English)
    #[arg(long, value_name = "LANGUAGE")]
    lang: Option<Language>,

    /// Run nothing: show the READMEs alone
    #[arg(long, conflicts_with_all = ["pythons", "program", "repeat"])]
    no_run: bool,

    /// Show the items' Python beside the Rust, under this interpreter; may be given several times;
    /// `all` finds those on the PATH and pyenv's
    #[arg(long = "python", value_name = "PATH")]
    pythons: Vec<OsString>,

    /// Run each so often, and show the best figure of all rounds (default: 3 beside Python, else 1)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    repeat: Option<u32>,

    /// Where the files lie that the page links to, for a page that others read (default: this workspace)
    #[arg(long, value_name = "ADDRESS")]
    sources: Option<String>,

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
    let texts = Texts { root: &workspace.root, language: options.lang.unwrap_or_else(preferred) };
    let mut document = Document {
        language: texts.language,
        root: options.sources.as_ref().map_or_else(
            || address(out.path(), &workspace.root),
            |address| format!("{}/", address.trim_end_matches('/')),
        ),
        front: texts.read(Path::new("README.md")),
        chapters: texts.chapters(&items, &workspace),
        made: None,
        fan_out: None,
    };
    // Before the items have run for nothing.
    let page = workspace.build(&[PAGE])?.remove(PAGE).context("there is no page")?;
    if !options.no_run {
        run(options, &items, &workspace, &screen, &mut document)?;
    }
    let path = out.finish(render(&page, &document)?.as_bytes())?;
    screen.line(&format!("{}", path.display()))?;
    if !options.no_run {
        screen.line(&sum(&document))?;
    }
    if options.open {
        open(&path)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs the items, and puts what came of it into the `document`.
fn run(
    options: &Options,
    items: &[&Item],
    workspace: &Workspace,
    screen: &Screen,
    document: &mut Document,
) -> anyhow::Result<()> {
    let built = options.programs.build(items)?;
    let interpreters = interpreters(options, items, workspace);
    let is_alone = interpreters.usable().next().is_none();
    let rounds = options.repeat.unwrap_or(if is_alone { 1 } else { 3 });
    for (index, item) in items.iter().enumerate() {
        let script = workspace.script(item).ok().filter(|script| script.is_file());
        let commands = interpreters.commands(&built[item.package], script.as_deref());
        let running = progress(&[item], &items[index + 1..]);
        let tell = |name: &str, _| screen.progress(&format!("{name}: {running}"));
        let limit = options.programs.time_limit;
        let comparison = Comparison::by_turns(item, &commands, rounds, limit, tell);
        let of_item = |shown: &&mut Shown| shown.number == item.number;
        if let Some(shown) = document.items_mut().find(of_item) {
            show(&comparison, &interpreters, shown);
        }
    }
    if options.programs.program().is_none() {
        document.fan_out = fan_out(document, workspace)?;
    }
    document.made = Some(Made {
        date: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
        machine: Machine::this(),
        program: options.programs.program().map(|path| path.display().to_string()),
        pythons: interpreters.names().pythons,
        rounds,
    });
    Ok(())
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

/// Puts into `shown` how the item has run.
fn show(comparison: &Comparison, interpreters: &Interpreters, shown: &mut Shown) {
    let Comparison { item, rounds: Beside { rust, pythons } } = comparison;
    shown.run = ran(rust, item, |run| run.judged(item));
    if let Some(report) = shown.run.as_ref().and_then(|run| run.report.as_ref()) {
        shown.title.clone_from(&report.title);
    }
    let pythons = pythons.iter().zip(interpreters.usable());
    let ran = |(rounds, python): (&Rounds, &Interpreter)| {
        ran(rounds, item, |run| run.judged_in_python(item, python.kind()))
    };
    shown.pythons = pythons.map(ran).collect();
}

/// What came of the rounds of a program, if there were any.
fn ran(rounds: &Rounds, item: &Item, judge: impl Fn(&Run) -> Vec<Judgement>) -> Option<Ran> {
    Some(Ran {
        elapsed_s: rounds.runs.first()?.elapsed.as_secs_f64(),
        report: rounds.best_report(item),
        judgements: rounds.judged(judge),
        mended: rounds.judged_when_mended(&item.checks),
    })
}

/// Lets the package that compares items 56 to 60 make a table of their reports, if all have reported.
fn fan_out(document: &Document, workspace: &Workspace) -> anyhow::Result<Option<Table>> {
    const PACKAGE: &str = "item56-64-stubs";
    let of_shape = document.items().filter(|item| (56..=60).contains(&item.number));
    let reports: Vec<&Report> =
        of_shape.filter_map(|item| item.run.as_ref()?.report.as_ref()).collect();
    if reports.len() < 5 {
        return Ok(None);
    }
    let program = workspace.build(&[PACKAGE])?.remove(PACKAGE).context("there is no comparison")?;
    let mut command = Command::new(program);
    command.args(["compare", "--json", "--reports"]).stdin(json(&reports)?);
    let table = ask(&mut command, "the comparison of items 56 to 60")?;
    serde_json::from_str(&table).context("cannot read the comparison of items 56 to 60").map(Some)
}

/// Lets the page be made of `document`.
fn render(page: &Path, document: &Document) -> anyhow::Result<String> {
    ask(Command::new(page).stdin(json(document)?), "the program that makes the page")
}

/// A file that holds `value`, to be read from its beginning: with a pipe somebody would have to write while
/// somebody reads.
fn json(value: &impl Serialize) -> anyhow::Result<File> {
    let mut json = tempfile::tempfile().context("cannot make a temporary file")?;
    json.write_all(&serde_json::to_vec(value)?).context("cannot write a temporary file")?;
    json.rewind().context("cannot read a temporary file")?;
    Ok(json)
}

/// How many checks came out how.
fn sum(document: &Document) -> String {
    let judged = document.items().filter_map(|item| item.run.as_ref());
    let Sum { passed, failed, skipped } = Sum::of(judged.flat_map(|run| &run.judgements));
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
