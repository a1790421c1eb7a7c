//! Builds an item, runs it and those of its tests that are about an exercise, and says in rows what holds.

use std::env;
use std::iter::zip;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::slice;
use std::time::Duration;

use anyhow::Context;
use common::report::Report;
use common::unit::show_time;
use serde::Serialize;
use serde_json::Value;
use xtask::engine::cargo::{Workspace, cargo, programs};
use xtask::engine::{self, child};
use xtask::judge::{Check, Item};
use xtask::text::{clean, short};
use xtask::verdict::{Judgement, Outcome};

use crate::source::bodies;
use crate::{Exercise, Test};

/// So often an item is run where the machine can't show something: it may be less busy the next time.
const RUNS: u32 = 3;

/// The row of what hangs.
pub const HANGS: &str = "hang";

/// A row: what must hold, and whether it does.
#[derive(Debug, Serialize)]
pub struct Row {
    /// What hints and wrong answers call it.
    pub name: String,
    /// What must hold.
    pub claim: String,
    /// What that is, where it is a figure of the item's report.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// Whether it holds.
    pub outcome: Outcome,
    /// Why it must; mostly empty.
    pub why: String,
    /// The codes of the compiler's errors, where it does not compile.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
}

impl Row {
    fn new(name: &str, claim: &str, failed: Option<String>) -> Self {
        let outcome = if failed.is_some() { Outcome::Failed } else { Outcome::Passed };
        let (name, claim, found) = (name.into(), claim.into(), failed.unwrap_or_default());
        let (expected, why, codes) = Default::default();
        Self { name, claim, expected, found, outcome, why, codes }
    }

    /// What hints know it by: its name, and the codes of the compiler's errors.
    pub fn known_as(&self) -> String {
        [slice::from_ref(&self.name), &self.codes].concat().join(" ")
    }

    /// Whether it does not hold.
    pub fn has_failed(&self) -> bool {
        self.outcome == Outcome::Failed
    }
}

/// Whether these rows are of a solution. Where all that would tell is skipped, they are not: then nothing
/// has been judged.
pub fn is_solved(rows: &[Row]) -> bool {
    let tells = |row: &&Row| !["build", "written"].contains(&row.name.as_str());
    let mut telling = rows.iter().filter(tells);
    !rows.iter().any(Row::has_failed) && telling.any(|row| row.outcome == Outcome::Passed)
}

/// Judges what is in the file of `exercise`; `tell` gets each row as it is known, and `wait` what is waited for
/// next. What hangs for longer than `limit` is ended, and nothing more is tried.
pub fn judge(
    exercise: &Exercise,
    item: &Item,
    workspace: &Workspace,
    limit: Duration,
    mut tell: impl FnMut(&Row) -> anyhow::Result<()>,
    wait: impl Fn(&str),
) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    let mut add = |rows: &mut Vec<Row>, row: Row| {
        let goes_on = !row.has_failed();
        tell(&row)?;
        rows.push(row);
        anyhow::Ok(goes_on)
    };
    let folder = workspace.folder(item)?;
    let (missing, is_cut) = match std::fs::read_to_string(folder.join(exercise.file)) {
        Err(error) => (Some(format!("cannot read {}: {error}", exercise.file)), true),
        Ok(text) => {
            let missing = missing(exercise, &text);
            let is_cut = missing.len() == exercise.functions.len();
            ((!missing.is_empty()).then(|| format!("still to do: {}", missing.join(", "))), is_cut)
        }
    };
    let written = Row::new("written", "it is written", missing);
    // There is nothing to build yet: the compiler would only warn of what is not used any more.
    if is_cut {
        add(&mut rows, written)?;
        return Ok(rows);
    }
    let built = workspace.build(&[item.package]);
    let failed =
        built.as_ref().err().map(|error| format!("the compiler says why, above ({error:#})"));
    let codes = if failed.is_some() { codes_of_errors(item, workspace) } else { Vec::new() };
    let compiles = Row { codes, ..Row::new("build", "it compiles", failed) };
    if !add(&mut rows, compiles)? || !add(&mut rows, written)? {
        return Ok(rows);
    }
    let program = &built?[item.package];
    let at_most = format!("at most {} ..", show_time(limit));

    let is_about_it = |step: &String| exercise.steps.contains(&step.as_str());
    let mut more_runs = 1..RUNS;
    let judgements = loop {
        wait(&format!("running {}, {at_most}", item.package));
        let run = engine::run(item, &[program], limit);
        if run.hung {
            add(&mut rows, Row::new(HANGS, "it ends", Some(hung(limit, exercise))))?;
            return Ok(rows);
        }
        let mut judgements = run.judged(item);
        judgements.retain(|Judgement { step, outcome, .. }| {
            // What else is claimed of the item is of interest where it no longer holds.
            let is_shown = step.as_ref().map_or(run.report.is_err(), is_about_it);
            is_shown || *outcome == Outcome::Failed
        });
        let is_skipped = |judgement: &Judgement| matches!(judgement.outcome, Outcome::Skipped(_));
        if !judgements.iter().any(is_skipped) || more_runs.next().is_none() {
            let report = run.report.ok();
            break judgements
                .into_iter()
                .map(|judgement| {
                    let is_besides = judgement.step.as_ref().is_some_and(|step| !is_about_it(step));
                    let mut row = of_report(item, report.as_ref(), judgement);
                    if is_besides {
                        row.why.push_str("; this part of the item uses what you wrote, too");
                    }
                    row
                })
                .collect::<Vec<_>>();
        }
    };
    for row in judgements {
        add(&mut rows, row)?;
    }

    for test in exercise.tests {
        let name = test.name();
        let claim = match test {
            Test::Unit(_) | Test::Of(..) => format!("test {name}"),
            Test::Model(_) => format!("every interleaving: {name}"),
        };
        let model_checker = workspace.target.join("loom");
        if matches!(test, Test::Model(_)) && !model_checker.exists() {
            wait("building the model checker, once, which takes 1 to 2 minutes ..\n");
        }
        let program = build_test(*test, item, workspace);
        wait(&format!("{claim}, {at_most}"));
        let ended = match program {
            Ok(program) => run_test(&program, name, folder, limit)?,
            Err(error) => Ended::Failed(format!("{error:#}")),
        };
        let (row, hangs) = match ended {
            Ended::Passed => (Row::new(name, &claim, None), false),
            Ended::Failed(reason) => (Row::new(name, &claim, Some(reason)), false),
            Ended::Hung => {
                let ended = format!("it was ended after {}", show_time(limit));
                (Row::new(name, &claim, Some(ended)), true)
            }
        };
        add(&mut rows, row)?;
        if hangs {
            add(&mut rows, Row::new(HANGS, "it ends", Some(hung(limit, exercise))))?;
            break;
        }
    }
    Ok(rows)
}

/// The functions that are still cut.
fn missing(exercise: &Exercise, text: &str) -> Vec<&'static str> {
    let is_cut = |name: &str| {
        let body = bodies(text, &[name]).ok().and_then(|mut bodies| bodies.pop());
        body.is_some_and(|body| text[body].contains("todo!("))
    };
    exercise.functions.iter().map(|(name, _)| *name).filter(|name| is_cut(name)).collect()
}

/// What the row of `check` is called: the fact that it judges, without the label of spans (`at_once.spans`,
/// not `at_once.spans (wait)`).
pub fn name_of(check: &Check) -> String {
    let (judged, _) = check.names();
    judged.split(" (").next().unwrap_or_default().to_owned()
}

/// A row of the item's table.
fn of_report(item: &Item, report: Option<&Report>, judgement: Judgement) -> Row {
    let check = item.checks.iter().find(|check| check.is_judged_by(&judgement));
    let name = check.map_or_else(|| "report".to_owned(), name_of);
    let Judgement { claim, mut expected, mut found, outcome, why, .. } = judgement;
    let why = if check.is_some() { why } else { String::new() };
    // A text of several lines, and another one that it must be like: the line in which they differ.
    let named =
        expected.split_once('.').and_then(|(step, name)| report?.fact(step, name)?.as_str());
    if let Some(other) = named {
        let mut lines = zip(1.., zip(other.lines(), found.lines()));
        if let Some((number, (one, another))) = lines.find(|(_, (one, another))| one != another) {
            let of_line = |text: &str| format!("{} (line {number})", short(text, 40));
            (expected, found) = (format!("{}, as {expected}", of_line(one)), of_line(another));
        }
    }
    let codes = Vec::new();
    Row { name, claim, expected: clean(&expected), found: clean(&found), outcome, why, codes }
}

fn hung(limit: Duration, exercise: &Exercise) -> String {
    let limit = show_time(limit);
    format!("it hangs or is very slow, and was ended after {limit}: {}", exercise.hangs)
}

/// The codes of the errors that the compiler has just shown. It is asked again, for a program: what it tells
/// people goes to the terminal directly.
fn codes_of_errors(item: &Item, workspace: &Workspace) -> Vec<String> {
    let mut command = cargo(&workspace.root);
    command.args(["build", "--bins", "--package", item.package, "--message-format", "json"]);
    let Ok(output) = command.stderr(Stdio::null()).output() else { return Vec::new() };
    let messages = String::from_utf8_lossy(&output.stdout);
    let code = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        let message = message.get("message").filter(|message| message["level"] == "error")?;
        Some(message["code"]["code"].as_str()?.to_owned())
    };
    let mut codes: Vec<String> = messages.lines().filter_map(code).collect();
    codes.dedup();
    codes
}

enum Ended {
    Passed,
    Failed(String),
    Hung,
}

fn run_test(program: &Path, name: &str, folder: &Path, limit: Duration) -> anyhow::Result<Ended> {
    let mut command = Command::new(program);
    command.arg(name).current_dir(folder).env("RUST_BACKTRACE", "0");
    let printed = child::printed(&mut command, limit);
    let printed = printed.with_context(|| format!("cannot run {}", program.display()))?;
    let Ok(status) = printed.status else { return Ok(Ended::Hung) };
    let stdout = String::from_utf8_lossy(&printed.stdout);
    Ok(if !status.success() {
        Ended::Failed(reason(&stdout, &String::from_utf8_lossy(&printed.stderr)))
    } else if stdout.contains(" 0 passed") {
        Ended::Failed("there is no such test".into())
    } else {
        Ended::Passed
    })
}

/// What a test says of its failure: the line after that which says where it panicked.
fn reason(stdout: &str, stderr: &str) -> String {
    let mut lines = stdout.lines().chain(stderr.lines()).map(str::trim);
    let panicked = lines.by_ref().find(|line| line.contains("panicked at"));
    let said = lines.take_while(|line| !line.starts_with("note:") && !line.is_empty());
    match panicked {
        Some(_) => clean(&said.collect::<Vec<_>>().join("; ")),
        None => "it failed".into(),
    }
}

/// Builds the program that a test is in.
fn build_test(test: Test, item: &Item, workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let mut command = cargo(&workspace.root);
    command.args(["test", "--no-run", "--package", item.package]);
    match test {
        Test::Unit(_) => command.arg("--lib"),
        Test::Of(file, _) => command.args(["--test", file]),
        Test::Model(_) => {
            command.arg("--quiet");
            // Hardly optimised: these are small, and whoever waits for the first build has waited enough.
            let level = env::var_os("CARGO_PROFILE_DEV_OPT_LEVEL").unwrap_or_else(|| "1".into());
            command.args(["--test", "interleavings", "--target-dir"]);
            command.arg(workspace.target.join("loom")).env("RUSTFLAGS", "--cfg loom");
            command.env("CARGO_PROFILE_DEV_OPT_LEVEL", level)
        }
    };
    let built = programs(&mut command, "cargo test")?;
    let program = built.into_iter().find(|program| program.is_test);
    Ok(program.context("cargo test made no program")?.path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_only_skipped_is_not_solved() {
        let row = |name, outcome| Row { outcome, ..Row::new(name, "", None) };
        let [build, written] = ["build", "written"].map(|name| Row::new(name, "", None));
        let skipped = row("a.b", Outcome::Skipped("one core".into()));
        let mut rows = vec![build, written, skipped];
        assert!(!is_solved(&rows), "nothing has been judged");
        rows.push(row("a.c", Outcome::Passed));
        assert!(is_solved(&rows), "as far as this machine can show it");
        rows.push(row("a.d", Outcome::Failed));
        assert!(!is_solved(&rows));
    }

    #[test]
    fn of_a_text_that_must_be_like_another_the_first_line_that_differs_is_told() {
        use xtask::judge::{Load, check, is, step};
        let [a, b] = ["a", "b"].map(|name| step(name).fact("factors"));
        let check = check("b finds what a finds", b, is(a)).because("so it is");
        let steps = serde_json::json!([
            { "name": "a", "facts": { "factors": "1 2\n1 3\n1 5\n1 7 49 343" } },
            { "name": "b", "facts": { "factors": "1 2\n1 5\n1 3\n1 7 49 343" } },
        ]);
        let report = serde_json::json!({ "item": 1, "title": "", "steps": steps });
        let report: Report = serde_json::from_value(report).unwrap();
        let judgement = check.judge(&report);
        let item = Item::new(1, "item", Load::TakesAll, vec![check]);
        let row = of_report(&item, Some(&report), judgement);
        assert!(row.has_failed() && row.name == "b.factors");
        assert_eq!(row.expected, "1 3 (line 2), as a.factors");
        assert_eq!(row.found, "1 5 (line 2)");
    }

    #[test]
    fn of_a_test_that_fails_the_words_of_its_panic_are_told() {
        let stdout = "\n---- t stdout ----\n\nthread 't' (7) panicked at src/lib.rs:3:5:\nassertion \
                      `left == right` failed\n  left: 1\n right: 2\nnote: run with\n";
        assert_eq!(reason(stdout, ""), "assertion `left == right` failed; left: 1; right: 2");
        assert_eq!(reason("", ""), "it failed");
    }
}
