//! `cargo xtask exercise`: the command line.

use std::fs;
use std::iter::zip;
use std::process::ExitCode;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::error::ErrorKind;
use clap::{Error, Parser};
use common::program::duration_within;
use common::stdout::{print_line, write_json};
use common::{width, wrap};
use exercise::exercises::exercises;
use exercise::judge::{Row, is_solved, judge};
use exercise::source::{bodies, functions, line_of};
use exercise::store::{Progress, Store, Undone};
use exercise::{Exercise, hints};
use serde_json::json;
use xtask::engine::cargo::Workspace;
use xtask::expectations::items;
use xtask::judge::Item;
use xtask::output::screen::{Screen, TITLE, word};
use xtask::verdict::Outcome;

/// Write the heart of an item yourself, and have it judged
///
/// Without a name, it lists the exercises. With a name alone, it begins: the bodies of a few functions
/// are taken out of your checkout, and kept. Exit code 0: it is done, and with --check: solved; 1: it is
/// not; 2: wrong usage.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask exercise")]
struct Flags {
    /// Which exercise, as the list calls it: 54-lock
    name: Option<String>,

    #[command(flatten)]
    action: Action,

    /// How long the item, or a test, may take; then it hangs, and is ended
    #[arg(long, value_name = "DURATION", default_value = "30s")]
    #[arg(value_parser = duration_within("10ms", "1day"))]
    time_limit: Duration,

    /// With --check: print one JSON object
    #[arg(long, requires = "check")]
    json: bool,
}

#[expect(clippy::struct_excessive_bools, reason = "each is a flag, and they exclude each other")]
#[derive(Debug, clap::Args)]
#[group(id = "action", multiple = false)]
struct Action {
    /// Judge what you wrote
    #[arg(long, requires = "name")]
    check: bool,
    /// Judge it whenever you save it, until it is solved
    #[arg(long, requires = "name")]
    watch: bool,
    /// One hint more; after the last, all again
    #[arg(long, requires = "name")]
    hint: bool,
    /// Show what you wrote and the original
    #[arg(long, requires = "name")]
    diff: bool,
    /// Put the original back, and keep what you wrote
    #[arg(long, requires = "name")]
    undo: bool,
    /// Begin anew, and keep what you wrote
    #[arg(long, requires = "name")]
    reset: bool,
}

fn main() -> ExitCode {
    common::program::run(|flags: Flags| {
        let workspace = Workspace::here()?;
        match &flags.name {
            None => list(&workspace),
            Some(name) => One::of(named(name)?, &workspace)?.act(&flags),
        }
    })
}

fn list(workspace: &Workspace) -> anyhow::Result<ExitCode> {
    let all: Vec<&Exercise> = exercises().collect();
    let most = all.iter().map(|exercise| exercise.name.len()).max().unwrap_or_default();
    let mut solved = 0;
    for exercise in &all {
        let One { store, .. } = One::of(exercise, workspace)?;
        let state = store.state()?;
        solved += usize::from(store.progress().was_solved());
        let head = format!("{:most$}  {:9}  ", exercise.name, state.word());
        let mut lines = wrap(exercise.task, width().max(80) - head.len()).into_iter();
        print_line(&format!("{head}{}", lines.next().unwrap_or_default()))?;
        let indent = " ".repeat(head.len());
        lines.try_for_each(|line| print_line(&format!("{indent}{line}")))?;
    }
    print_line(&format!("\nSolved: {solved} of {}.", all.len()))?;
    print_line("cargo xtask exercise NAME begins one.")?;
    Ok(ExitCode::SUCCESS)
}

/// The exercise of this name, or which ones may have been meant.
fn named(name: &str) -> anyhow::Result<&'static Exercise> {
    if let Some(exercise) = exercises().find(|exercise| exercise.name == name) {
        return Ok(exercise);
    }
    let names = || exercises().map(|exercise| exercise.name);
    let mut near: Vec<&str> = names().filter(|one| one.contains(name)).collect();
    if near.is_empty() {
        let likeness = |one: &&str| strsim::jaro_winkler(name, one);
        near.extend(names().filter(|one| likeness(one) > 0.8));
        near.sort_by(|a, b| likeness(b).total_cmp(&likeness(a)));
    }
    let near: Vec<String> = near.iter().take(4).map(|one| format!("'{one}'")).collect();
    let tip = match &near[..] {
        [] => "cargo xtask exercise lists them".to_owned(),
        near => format!("did you mean {}?", near.join(" or ")),
    };
    let complaint = format!("there is no exercise '{name}': {tip}");
    Err(Error::raw(ErrorKind::ValueValidation, complaint).into())
}

/// An exercise, its item, and what is kept of it.
struct One<'a> {
    exercise: &'a Exercise,
    item: Item,
    workspace: &'a Workspace,
    store: Store,
}

impl<'a> One<'a> {
    fn of(exercise: &'a Exercise, workspace: &'a Workspace) -> anyhow::Result<Self> {
        let item = items().into_iter().find(|item| item.number == exercise.item);
        let item = item.context("the exercise is of no item")?;
        let file = workspace.folder(&item)?.join(exercise.file);
        let store = Store::new(&workspace.root, exercise, file);
        Ok(Self { exercise, item, workspace, store })
    }

    fn act(&self, flags: &Flags) -> anyhow::Result<ExitCode> {
        let Flags { action, time_limit, json, .. } = flags;
        match action {
            Action { check: true, .. } => {
                let solved = self.check(*time_limit, *json)?;
                return Ok(ExitCode::from(u8::from(!solved)));
            }
            Action { watch: true, .. } => self.watch(*time_limit)?,
            Action { diff: true, .. } => self.diff()?,
            changes => {
                // Two commands at the same time would keep each other's half of the work.
                let _lock = Store::lock(&self.workspace.root)?;
                match changes {
                    Action { hint: true, .. } => self.hint()?,
                    Action { undo: true, .. } => self.undo()?,
                    Action { reset: true, .. } => self.begin(true)?,
                    _ => self.begin(false)?,
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    fn begin(&self, anew: bool) -> anyhow::Result<()> {
        // A file has one original: an exercise must not take another's cut for it. And of two files that
        // are cut, the judge of one would blame the other.
        let Exercise { name, item, .. } = *self.exercise;
        for other in exercises().filter(|other| other.item == item) {
            let is_begun = || One::of(other, self.workspace)?.store.begun();
            if other.name != name && is_begun()?.is_some() {
                let other = other.name;
                anyhow::bail!(
                    "{other}, of the same item, is begun: cargo xtask exercise {other} --undo puts the \
                     original back and keeps yours"
                );
            }
        }
        if anew {
            if let Some(path) = self.store.reset(self.exercise)? {
                print_line(&format!("Yours is kept: {}", self.shown(&path)))?;
            }
        } else if !self.store.begin(self.exercise)? {
            print_line("It was begun before; --reset begins anew.")?;
        }
        self.introduce()
    }

    fn undo(&self) -> anyhow::Result<()> {
        let what = match self.store.undo(self.exercise)? {
            Undone::Nothing => "there is nothing to undo.".to_owned(),
            Undone::NothingWritten => "the original is back.".to_owned(),
            Undone::Kept(path) => {
                format!("the original is back; yours is kept: {}", self.shown(&path))
            }
        };
        Ok(print_line(&format!("{}: {what}", self.exercise.name))?)
    }

    /// Says what is to be done, where, and who judges it.
    fn introduce(&self) -> anyhow::Result<()> {
        let Exercise { name, task, functions, section, besides, .. } = self.exercise;
        let mut lines = wrap(&format!("{name}  {task}"), width().max(80)).into_iter();
        let first = lines.next().unwrap_or_default();
        print_line(&first.replacen(name, &format!("{TITLE}{name}{TITLE:#}"), 1))?;
        lines.try_for_each(|line| print_line(&line))?;
        let text = self.store.current()?;
        for (function, todo) in *functions {
            // The reader may have made something else of it.
            let body = bodies(&text, &[function]).ok().and_then(|mut bodies| bodies.pop());
            let line =
                body.map_or(String::new(), |body| format!(":{}", line_of(&text, body.start)));
            let place = format!("{}{line}", self.shown(&self.store.file));
            print_line(&format!("\n  write    {function}\n           {place}"))?;
            let todo = wrap(todo, width().max(80) - 11);
            todo.iter().try_for_each(|line| print_line(&format!("           {line}")))?;
        }
        print_line("           All else in the file is right as it is.")?;
        print_line("           You may add functions and `use`s of your own.\n")?;
        let readme = self.workspace.folder(&self.item)?.join("README.md");
        print_line(&format!("  read     {}, \"{section}\"", self.shown(&readme)))?;
        for (file, names) in *besides {
            let line = format!("{file}: {}", names.join("; "));
            let lines = wrap(&line, width().max(80) - 11);
            lines.iter().try_for_each(|line| print_line(&format!("           {line}")))?;
        }
        print_line("           (The README's \"The code that matters\" shows the answer.)")?;
        print_line(&format!("  judge    cargo xtask exercise {name} --check"))?;
        print_line("  besides  --watch, --hint, --diff (shows the original), --undo, --reset")?;
        Ok(())
    }

    fn must_be_begun(&self) -> anyhow::Result<()> {
        let name = self.exercise.name;
        ensure!(self.store.begun()?.is_some(), "{name} is not begun: cargo xtask exercise {name}");
        Ok(())
    }

    fn check(&self, limit: Duration, json: bool) -> anyhow::Result<bool> {
        let name = self.exercise.name;
        self.must_be_begun()?;
        let screen = Screen::new(json);
        let tell = |row: &Row| tell(row, &screen);
        let wait = |what: &str| screen.progress(what);
        let rows = judge(self.exercise, &self.item, self.workspace, limit, tell, wait);
        screen.progress("");
        let rows = rows?;
        let failed: Vec<String> =
            rows.iter().filter(|row| row.has_failed()).map(Row::known_as).collect();
        let (solved, count) = (is_solved(&rows), failed.len());
        let skipped = rows.iter().filter(|row| matches!(row.outcome, Outcome::Skipped(_))).count();
        let lock = Store::lock(&self.workspace.root)?;
        let since = Vec::new();
        self.store.save(&Progress { failed, solved, since, ..self.store.progress() })?;
        drop(lock);
        if json {
            write_json(&json!({ "exercise": name, "solved": solved, "rows": rows }))?;
            return Ok(solved);
        }
        let then = "--diff shows the original beside yours, --undo puts it back.";
        let line = match (solved, skipped, count) {
            (true, 0, _) => format!("Solved. {then}"),
            (true, ..) => format!("Solved, as far as this machine can show it now. {then}"),
            (false, _, 0) => {
                "Not judged: this machine can't show it now. Try again when it is less \
                              busy."
                    .into()
            }
            (false, _, 1) => "Not solved: 1 row does not hold. --hint has a hint.".into(),
            (false, ..) => format!("Not solved: {count} rows do not hold. --hint has a hint."),
        };
        print_line("")?;
        wrap(&line, screen.width).iter().try_for_each(|line| print_line(line))?;
        Ok(solved)
    }

    fn watch(&self, limit: Duration) -> anyhow::Result<()> {
        let now = || fs::read(&self.store.file).ok();
        for round in 1.. {
            if round > 1 {
                print_line(&format!("{TITLE}---- check {round} ----{TITLE:#}"))?;
            }
            let judged = now();
            let solved = self.check(limit, false)?;
            if now() != judged {
                print_line("It has changed meanwhile.\n")?;
            } else if solved {
                return Ok(());
            } else {
                print_line("Waiting until you save it; Ctrl-C ends this.\n")?;
            }
            // An editor may be about to replace the file, so that it is gone for a moment.
            while now().is_none_or(|now| Some(now) == judged) {
                sleep(Duration::from_millis(200));
            }
        }
        Ok(())
    }

    /// Gives one hint more; after the last, all of them again.
    fn hint(&self) -> anyhow::Result<()> {
        self.must_be_begun()?;
        let Exercise { hints, .. } = self.exercise;
        let mut progress = self.store.progress();
        let next = hints::next(hints, &progress);
        if let Some(place) = next {
            progress.give(place);
        }
        self.store.save(&progress)?;
        let print =
            |text: &str| wrap(text, width().max(80)).iter().try_for_each(|line| print_line(line));
        let general = hints::in_general(hints, &progress.failed, self.item.package);
        if let Some(general) = general {
            print(&general)?;
            if next.is_none() {
                return Ok(());
            }
        }
        for (number, place) in zip(1.., &progress.hints) {
            if next.is_none_or(|next| next == *place) {
                let hint = &hints[*place];
                let other = hints::is_of_another_mistake(hint, &progress.failed);
                let about = if other { ", about another mistake" } else { "" };
                print(&format!("Hint {number} of {}{about}: {}", hints.len(), hint.1))?;
            }
        }
        if next.is_none() {
            print_line("There are no more hints that fit; --diff shows the original.")?;
        }
        Ok(())
    }

    /// Shows each function as the reader has written it, and as it was; then those that the reader has
    /// added.
    fn diff(&self) -> anyhow::Result<()> {
        let name = self.exercise.name;
        let original = self.store.begun()?.map_or_else(|| self.store.current(), Ok)?;
        let yours = self.store.yours()?.with_context(|| {
            format!("nothing of yours is kept of {name}: cargo xtask exercise {name} begins it")
        })?;
        for (function, _) in self.exercise.functions {
            for (whose, text) in [("yours", &yours), ("the original", &original)] {
                print_line(&format!("{TITLE}{function}, {whose}{TITLE:#}"))?;
                match bodies(text, &[function]) {
                    Ok(bodies) => print_line(&with_signature(text, bodies[0].clone()))?,
                    Err(error) => print_line(&format!("{error:#}"))?,
                }
                print_line("")?;
            }
        }
        let before = functions(&original).unwrap_or_default();
        let mut added = functions(&yours).unwrap_or_default();
        added.retain(|name| !before.contains(name));
        for name in &added {
            if let Ok(bodies) = bodies(&yours, &[name]) {
                print_line(&format!("{TITLE}{name}, added by you{TITLE:#}"))?;
                print_line(&format!("{}\n", with_signature(&yours, bodies[0].clone())))?;
            }
        }
        Ok(())
    }

    /// A path as one would write it in the workspace.
    fn shown(&self, path: &std::path::Path) -> String {
        path.strip_prefix(&self.workspace.root).unwrap_or(path).display().to_string()
    }
}

/// The body and the signature before it, as they stand in the file.
fn with_signature(text: &str, body: std::ops::Range<usize>) -> String {
    let begin = text[..body.start].rfind("fn ").unwrap_or(body.start);
    let line = text[..begin].rfind('\n').map_or(0, |newline| newline + 1);
    text[line..body.end].replace('\r', "")
}

fn tell(row: &Row, screen: &Screen) -> anyhow::Result<()> {
    let Row { name, claim, expected, found, outcome, why, .. } = row;
    let (style, word) = word(outcome);
    screen.line(&format!("{style}{word}{style:#}  {claim}"))?;
    match outcome {
        Outcome::Passed => return Ok(()),
        Outcome::Skipped(reason) => return Ok(screen.aside(reason)?),
        Outcome::Failed if expected.is_empty() => screen.aside(found)?,
        Outcome::Failed => {
            let what = if name.contains('.') { &format!("{name}: ") } else { "" };
            screen.aside(&format!("{what}expected {expected}\nfound {found}"))?;
        }
    }
    if !why.is_empty() {
        screen.aside(&format!("it must hold: {why}"))?;
    }
    Ok(())
}
