//! `cargo xtask report`: runs and judges the items, and writes one page about all of it.
//!
//! The page itself is made by the package `page`, which is built only here: what makes HTML must not
//! make `verify` slower to build.

use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, bail};
use common::children;
use common::program::complain;

use crate::compare::{Interpreter, find, script_of};
use crate::document::{Document, Judgement, Ran, Shown};
use crate::item;
use crate::judge::{Item, Outcome};
use crate::machine::Machine;
use crate::outfile::OutFile;
use crate::packages::Packages;
use crate::run::{self, Finished};
use crate::sources::{IN_PYTHON, advice, files};
use crate::table::Table;
use crate::verify::{ALL_JUDGED, Event, How, one_by_one, or_all, rows, run_all};

/// The package that makes the page.
const PAGE: &str = "page";

#[derive(Debug, clap::Args)]
pub struct Options {
    /// Which items to run, by number (default: all)
    #[arg(value_name = "ITEM", value_parser = item)]
    items: Vec<&'static Item>,

    #[command(flatten)]
    how: How,

    /// The file to write (default: report.html in the target folder)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Show the items' Python beside the Rust, under this interpreter; may be given several times;
    /// `all` finds those on the PATH and pyenv's
    #[arg(long = "python", value_name = "PATH")]
    pythons: Vec<OsString>,

    /// Show the page in the browser
    #[arg(long)]
    open: bool,
}

/// Runs, judges, and writes the page.
pub fn report(options: &Options) -> anyhow::Result<ExitCode> {
    let mut items = or_all(&options.items);
    items.sort_by_key(|item| item.number);
    items.dedup_by_key(|item| item.number);
    let table = Table::new(false, false);
    let packages = Packages::ask()?;
    let path = options.out.clone().unwrap_or_else(|| packages.target().join("report.html"));
    let out = OutFile::create(&path)?;
    let programs = options.how.programs(&items)?;
    let page = run::build_packages([PAGE].into_iter())?.remove(PAGE).context("there is no page")?;

    let ran = run_each(&table, &items, "", &options.how.run(&programs))?;
    let mut shown: Vec<Shown> = items
        .iter()
        .zip(ran)
        .map(|(item, ran)| show(item, ran.expect("each has run"), &packages, out.path()))
        .collect::<Result<_, _>>()?;

    let found = find(&options.pythons);
    for missing in found.missing() {
        complain(&format!("not shown: {missing}"));
    }
    let mut pythons = Vec::new();
    for python in found.usable() {
        let programs = items.iter().map(|item| {
            let script = script_of(item)?;
            Ok(script.is_file().then_some(script))
        });
        let programs = programs.collect::<anyhow::Result<Vec<_>>>()?;
        let ran = run_in_python(&table, python, (&items, &programs), options.how.time_limit)?;
        if ran.iter().any(Option::is_some) {
            shown.iter_mut().zip(ran).for_each(|(shown, ran)| shown.pythons.push(ran));
            pythons.push(python.to_string());
        }
    }

    let date = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    let document = Document { date, machine: Machine::this(), pythons, items: shown };
    let path = out.finish(&render(&page, &document)?)?;
    table.line(&format!("{}", path.display()))?;
    table.line(&sum(&document.items))?;
    if options.open {
        open(&path)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs `items` and returns how each went, in their order; `how` says it to who watches.
fn run_each(
    table: &Table,
    items: &[&'static Item],
    how: &str,
    run_one: &(impl Fn(&'static Item) -> Finished + Sync),
) -> anyhow::Result<Vec<Option<Ran>>> {
    let mut ran: Vec<Option<Ran>> = items.iter().map(|_| None).collect();
    run_all(&one_by_one(items), run_one, |event| {
        match event {
            Event::Running(line) if line.is_empty() => table.running(""),
            Event::Running(line) => table.running(&format!("{how}{line}")),
            Event::Finished(item, finished) => {
                let judgements = rows(item, &finished).into_iter().map(Judgement::from).collect();
                let elapsed_s = finished.elapsed.as_secs_f64();
                let place = items.iter().position(|known| known.number == item.number);
                if let Some(place) = place {
                    ran[place] = Some(Ran { elapsed_s, report: finished.report.ok(), judgements });
                }
            }
        }
        Ok(())
    })?;
    Ok(ran)
}

/// All that is known of an item that has run.
fn show(item: &Item, run: Ran, packages: &Packages, page: &Path) -> anyhow::Result<Shown> {
    let folder = packages.folder(item);
    let title = run.report.as_ref().map(|report| &*report.title).or(packages.title(item));
    Ok(Shown {
        number: item.number,
        title: title.unwrap_or(item.package).to_owned(),
        package: item.package.into(),
        advice: folder.map(advice).unwrap_or_default(),
        files: folder.map(|folder| files(folder, page)).transpose()?.unwrap_or_default(),
        run,
        pythons: Vec::new(),
    })
}

/// Lets `interpreter` run `programs`, those there are; returns how each item went, in their order.
fn run_in_python(
    table: &Table,
    interpreter: &Interpreter,
    (items, programs): (&[&'static Item], &[Option<PathBuf>]),
    limit: Duration,
) -> anyhow::Result<Vec<Option<Ran>>> {
    let program_of = |item: &Item| {
        let place = items.iter().position(|known| known.number == item.number)?;
        programs[place].as_deref()
    };
    let (there, missing): (Vec<&Item>, Vec<&Item>) =
        items.iter().partition(|item| program_of(item).is_some());
    if !missing.is_empty() {
        let numbers: Vec<String> = missing.iter().map(|item| item.number.to_string()).collect();
        let numbers = numbers.join(", ");
        complain(&format!("not shown: {interpreter}: no {IN_PYTHON} for {numbers}"));
    }
    let python = |item: &'static Item| {
        let program = program_of(item).unwrap_or(Path::new(IN_PYTHON));
        run::run(&[interpreter.path.as_os_str(), program.as_os_str()], item.number, limit)
    };
    let mut ran = run_each(table, &there, &format!("{interpreter}: "), &python)?.into_iter();
    let of_each = items.iter().map(|item| {
        let ran = program_of(item).and_then(|_| ran.next().flatten())?;
        Some(as_in_python(item, ran))
    });
    Ok(of_each.collect())
}

/// Leaves out the claims about what the program in Python does not do at all, and says what it means
/// where one does not hold.
fn as_in_python(item: &Item, mut ran: Ran) -> Ran {
    let Some(report) = &ran.report else { return ran };
    let check_of = |row: &Judgement| item.checks.iter().find(|check| check.claim == row.claim);
    // It has steps of its own besides, which nobody judges.
    ran.judgements.retain(|row| row.claim != ALL_JUDGED);
    ran.judgements.retain(|row| check_of(row).is_none_or(|check| check.is_in(report)));
    for row in &mut ran.judgements {
        let sentence = check_of(row).and_then(|check| check.in_python);
        if let Some(sentence) = sentence.filter(|_| row.outcome == Outcome::Failed) {
            row.meaning = sentence.into();
        }
    }
    ran
}

/// Lets the page be made of `document`.
fn render(page: &Path, document: &Document) -> anyhow::Result<Vec<u8>> {
    let json = serde_json::to_vec(document)?;
    let mut command = Command::new(page);
    let mut child = children::spawn(command.stdin(Stdio::piped()).stdout(Stdio::piped()))
        .with_context(|| format!("cannot run {}", page.display()))?;
    let stdin = child.take_stdin();
    // Beside the reading: neither pipe holds all of it. If it can't be written, the page says why.
    let writing = thread::Builder::new()
        .spawn(move || stdin.map_or(Ok(()), |mut stdin| stdin.write_all(&json)))
        .context("cannot start a thread")?;
    let mut html = Vec::new();
    if let Some(mut stdout) = child.take_stdout() {
        stdout.read_to_end(&mut html).context("cannot read the page")?;
    }
    let status = child.wait().context("cannot wait for the page")?;
    let written = writing.join();
    if !status.success() || !matches!(written, Ok(Ok(()))) {
        bail!("the page could not be made ({status})");
    }
    Ok(html)
}

/// How many checks came out how.
fn sum(items: &[Shown]) -> String {
    let outcomes = || items.iter().flat_map(|item| &item.run.judgements).map(|row| &row.outcome);
    let passed = outcomes().filter(|outcome| **outcome == Outcome::Passed).count();
    let failed = outcomes().filter(|outcome| **outcome == Outcome::Failed).count();
    match outcomes().count() - passed - failed {
        0 => format!("{passed} passed, {failed} failed"),
        skipped => format!("{passed} passed, {failed} failed, {skipped} skipped"),
    }
}

/// Shows `path` with the system's opener. One that runs on is the browser itself: it is left alone.
fn open(path: &Path) -> anyhow::Result<()> {
    let opener = OsStr::new(if cfg!(target_os = "macos") { "open" } else { "xdg-open" });
    let mut command = Command::new(opener);
    command.arg(path).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let what = || format!("cannot open the page with {}", opener.display());
    let mut child = command.process_group(0).spawn().with_context(what)?;
    let patience = Instant::now() + Duration::from_secs(2);
    while Instant::now() < patience {
        match child.try_wait().with_context(what)? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => bail!("{} ({status})", what()),
            None => thread::sleep(Duration::from_millis(10)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use serde_json::json;

    use super::*;
    use crate::judge::{Load, check, is, step};
    use crate::run::Misbehaved;

    fn leaked(number: u32) -> &'static Item {
        let checks = vec![
            check("the lock loses nothing", step("lock").fact("found"), is(500), "why")
                .in_python("it has none"),
            check("fetch_add loses nothing", step("atomic").fact("found"), is(500), "why"),
        ];
        Box::leak(Box::new(Item::new(number, "item", Load::Computes, checks)))
    }

    #[test]
    fn items_run_in_the_order_of_the_chapter_whatever_they_do() {
        let of = |number, load| &*Box::leak(Box::new(Item::new(number, "item", load, Vec::new())));
        let items = [of(53, Load::Waits), of(54, Load::Computes), of(55, Load::Waits)];
        let began = Mutex::new(Vec::new());
        let run_one = |item: &'static Item| {
            began.lock().unwrap().push(item.number);
            let report = Err(Misbehaved("no report".into()));
            Finished { report, left_behind: false, elapsed: Duration::ZERO }
        };
        let ran = run_each(&Table::new(false, false), &items, "", &run_one).unwrap();
        assert!(ran.iter().all(Option::is_some));
        assert_eq!(began.into_inner().unwrap(), [53, 54, 55]);
    }

    #[test]
    fn the_sum_counts_each_outcome() {
        let row = |outcome| Judgement {
            claim: String::new(),
            expected: String::new(),
            found: String::new(),
            why: String::new(),
            notes: String::new(),
            outcome,
            meaning: String::new(),
        };
        let skipped = || Outcome::Skipped("one core".into());
        let judgements = [Outcome::Passed, Outcome::Passed, Outcome::Failed, skipped(), skipped()];
        let shown = |judgements: Vec<Judgement>| Shown {
            number: 9,
            title: String::new(),
            package: String::new(),
            advice: String::new(),
            files: Vec::new(),
            run: Ran { elapsed_s: 0.0, report: None, judgements },
            pythons: Vec::new(),
        };
        let all = shown(judgements.map(row).into());
        assert_eq!(sum(&[all]), "2 passed, 1 failed, 2 skipped");
        assert_eq!(sum(&[shown(vec![row(Outcome::Passed)])]), "1 passed, 0 failed");
    }

    /// A shell stands in for the interpreter, and a script that prints a report for the program.
    #[test]
    fn what_another_language_does_not_do_is_left_out_and_what_it_lacks_is_not_shown() {
        let path = std::env::temp_dir().join(format!("in-python-{}", std::process::id()));
        let steps = json!([{ "name": "lock", "facts": { "found": 499 } }]);
        let report = json!({ "item": 54, "title": "T", "steps": steps });
        std::fs::write(&path, format!("echo '{report}'")).unwrap();
        let (items, programs) = ([leaked(54), leaked(55)], [Some(path.clone()), None]);
        let table = Table::new(false, false);
        let limit = Duration::from_secs(60);
        let sh =
            Interpreter { path: "sh".into(), implementation: "sh".into(), version: String::new() };
        let ran = run_in_python(&table, &sh, (&items, &programs), limit).unwrap();
        std::fs::remove_file(path).unwrap();
        let [Some(ran), None] = &ran[..] else { panic!("{ran:?}") };
        let claims: Vec<_> =
            ran.judgements.iter().map(|row| (&*row.claim, &row.outcome, &*row.meaning)).collect();
        assert_eq!(
            claims,
            [
                ("it runs and reports", &Outcome::Passed, ""),
                ("it leaves nothing running", &Outcome::Passed, ""),
                ("the lock loses nothing", &Outcome::Failed, "it has none"),
            ]
        );
    }
}
