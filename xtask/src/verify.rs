//! `cargo xtask verify`: runs items side by side, judges them, and prints the verdicts as they come.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use clap::CommandFactory;
use clap::error::ErrorKind;
use common::program::duration_within;
use common::threads::spawn;

use crate::judge::{Item, Load, Verdict, unjudged};
use crate::run::{self, Finished, Misbehaved};
use crate::table::{Row, Table};
use crate::{Cli, item, items};

#[derive(Debug, clap::Args)]
pub struct Verify {
    /// Which items to run, by number (default: all)
    #[arg(value_name = "ITEM", value_parser = item)]
    items: Vec<&'static Item>,

    #[command(flatten)]
    how: How,

    /// Print one JSON object instead of the table
    #[arg(long)]
    json: bool,

    /// Say of each check why it must hold
    #[arg(long)]
    explain: bool,

    /// How many times to run them all
    #[arg(long, value_name = "N", default_value_t = 1)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
}

/// How the items are run.
#[derive(Debug, clap::Args)]
pub struct How {
    // Beside 25 busy loops on two cores, the 10,000 threads of item 57 took 135 s.
    /// How long one item may take; then it is ended, and fails
    #[arg(long, value_name = "DURATION", default_value = "300s")]
    #[arg(value_parser = duration_within("10ms", "1day"))]
    pub time_limit: Duration,

    /// Judge the report of this program (one that takes --json) instead of the item's own
    #[arg(long, value_name = "PATH")]
    program: Option<PathBuf>,
}

/// Runs and judges; the exit code says whether all checks passed.
pub fn verify(options: &Verify) -> anyhow::Result<ExitCode> {
    let items = or_all(&options.items);
    let mut table = Table::new(options.json, options.explain);
    let programs = options.how.programs(&items)?;
    for round in 1..=options.repeat {
        if options.repeat > 1 {
            table.line(&format!("Round {round} of {}", options.repeat))?;
        }
        run_all(&side_by_side(&items), &options.how.run(&programs), |event| match event {
            Event::Running(line) => {
                table.running(&line);
                Ok(())
            }
            Event::Finished(item, finished) => {
                let title = match &finished.report {
                    Ok(report) => &report.title,
                    Err(_) => item.package,
                };
                table.item(item, title, finished.elapsed, rows(item, &finished))
            }
        })?;
    }
    table.finish()
}

impl How {
    /// The programs of `items` by their packages; built, unless one was given.
    pub fn programs(&self, items: &[&Item]) -> anyhow::Result<Programs> {
        match &self.program {
            None => run::build(items),
            Some(path) if items.len() == 1 => Ok([(items[0].package, path.clone())].into()),
            Some(_) => {
                let message = "--program goes with one ITEM";
                Err(Cli::command().error(ErrorKind::ArgumentConflict, message).into())
            }
        }
    }

    /// What runs an item of those whose `programs` these are.
    pub fn run(&self, programs: &Programs) -> impl Fn(&'static Item) -> Finished + Sync {
        |item| run::run(&[programs[item.package].as_os_str()], item.number, self.time_limit)
    }
}

/// The programs of items, by their packages.
pub type Programs = BTreeMap<&'static str, PathBuf>;

/// What happens while items run.
pub enum Event {
    /// Other items run now than before: a line that says which.
    Running(String),
    /// An item has ended.
    Finished(&'static Item, Finished),
}

/// Items that run at the same time, one such group after the other.
pub type Groups = Vec<Vec<&'static Item>>;

/// What a run that judges needs: first each item that computes has the machine to itself, then those
/// that wait share it.
pub fn side_by_side(items: &[&'static Item]) -> Groups {
    let (waiting, computing): (Vec<&Item>, Vec<&Item>) =
        items.iter().partition(|item| item.load == Load::Waits);
    let mut groups = one_by_one(&computing);
    if !waiting.is_empty() {
        groups.push(waiting);
    }
    groups
}

/// What a run needs whose figures and pictures are looked at: no item disturbs another.
pub fn one_by_one(items: &[&'static Item]) -> Groups {
    items.iter().map(|item| vec![*item]).collect()
}

/// Runs the items of each group side by side, and tells `tell` of each as it ends.
pub fn run_all(
    groups: &Groups,
    run_one: &(impl Fn(&'static Item) -> Finished + Sync),
    mut tell: impl FnMut(Event) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    for (done, group) in groups.iter().enumerate() {
        let waiting = groups[done + 1..].iter().flatten();
        let waiting: Vec<u32> = waiting.map(|item| item.number).collect();
        let mut running: Vec<u32> = group.iter().map(|item| item.number).collect();
        let (sender, finished) = mpsc::channel();
        thread::scope(|scope| -> anyhow::Result<()> {
            for &item in group {
                let sender = sender.clone();
                // Fails when nobody listens any more: stdout is closed.
                let watch = move || drop(sender.send((item, run_one(item))));
                spawn(scope, "a thread to watch an item", watch)?;
            }
            drop(sender);
            tell(Event::Running(progress(&running, &waiting)))?;
            finished.into_iter().try_for_each(|(item, finished)| {
                running.retain(|number| *number != item.number);
                tell(Event::Finished(item, finished))?;
                tell(Event::Running(progress(&running, &waiting)))
            })
        })?;
    }
    Ok(())
}

/// What is running and what is still to come.
fn progress(running: &[u32], waiting: &[u32]) -> String {
    let list = |numbers: &[u32]| numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(" ");
    match (running, waiting) {
        ([], _) => String::new(),
        (running, []) => format!("running {} ...", list(running)),
        (running, waiting) => format!("running {} ... then {}", list(running), list(waiting)),
    }
}

/// These items, or all if none is named.
pub fn or_all(named: &[&'static Item]) -> Vec<&'static Item> {
    if named.is_empty() { items().iter().collect() } else { named.to_vec() }
}

/// The claim that a report has no fact without a check.
pub const ALL_JUDGED: &str = "each of its facts is judged";

/// Judges how an item ran and, if there is a report, what it says.
pub fn rows(item: &'static Item, finished: &Finished) -> Vec<Row> {
    let of_contract = |claim, verdict| Row {
        claim,
        verdict,
        why: "the contract of an item (CONTRIBUTING.md)",
        notes: String::new(),
    };
    let left = if finished.left_behind { "a child" } else { "nothing" };
    let leaves_nothing = of_contract(
        "it leaves nothing running",
        Verdict::new("nothing", left, !finished.left_behind),
    );
    let runs = |found: &str, passed| {
        of_contract("it runs and reports", Verdict::new("a report", found, passed))
    };
    let report = match &finished.report {
        Err(Misbehaved(reason)) => return vec![runs(reason, false), leaves_nothing],
        Ok(report) => report,
    };
    let unjudged = unjudged(report, &item.checks);
    let all_judged = match &unjudged[..] {
        [] => Verdict::new("none unjudged", "none unjudged", true),
        facts => Verdict::new("none unjudged", &facts.join(", "), false),
    };
    let checks = item.checks.iter().map(|check| Row {
        claim: check.claim,
        verdict: check.judge(report),
        why: check.why,
        notes: check.notes(report).unwrap_or_default().into(),
    });
    [runs("a report", true), leaves_nothing]
        .into_iter()
        .chain(checks)
        .chain([of_contract(ALL_JUDGED, all_judged)])
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    use super::*;

    fn item(number: u32, load: Load) -> &'static Item {
        Box::leak(Box::new(Item::new(number, "item", load, Vec::new())))
    }

    fn numbers(groups: &Groups) -> Vec<Vec<u32>> {
        groups.iter().map(|group| group.iter().map(|item| item.number).collect()).collect()
    }

    #[test]
    fn what_computes_runs_alone_and_before_what_waits() {
        let items = [
            item(1, Load::Waits),
            item(2, Load::Computes),
            item(3, Load::Waits),
            item(4, Load::Computes),
        ];
        assert_eq!(numbers(&side_by_side(&items)), [vec![2], vec![4], vec![1, 3]]);
        assert_eq!(numbers(&side_by_side(&items[1..2])), [vec![2]]);
    }

    /// How many items run at once at most, and what the line of progress says. Those of a group wait for
    /// each other, so that none ends before all have begun.
    fn run(groups: &Groups) -> (usize, Vec<String>) {
        let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let meeting = Barrier::new(groups.iter().map(Vec::len).max().unwrap_or(0));
        let run_one = |_: &'static Item| {
            most.fetch_max(running.fetch_add(1, Relaxed) + 1, Relaxed);
            meeting.wait();
            running.fetch_sub(1, Relaxed);
            let report = Err(Misbehaved(String::new()));
            Finished { report, left_behind: false, elapsed: Duration::ZERO }
        };
        let mut lines = Vec::new();
        run_all(groups, &run_one, |event| {
            if let Event::Running(line) = event {
                lines.push(line);
            }
            Ok(())
        })
        .unwrap();
        (most.into_inner(), lines)
    }

    #[test]
    fn what_is_looked_at_has_the_machine_to_itself() {
        let items = [item(1, Load::Waits), item(2, Load::Computes), item(3, Load::Waits)];
        assert_eq!(numbers(&one_by_one(&items)), [vec![1], vec![2], vec![3]]);
        let (at_once, lines) = run(&one_by_one(&items));
        assert_eq!(at_once, 1);
        assert_eq!(
            lines,
            ["running 1 ... then 2 3", "", "running 2 ... then 3", "", "running 3 ...", ""]
        );
    }

    #[test]
    fn those_that_wait_run_at_the_same_time() {
        let (at_once, lines) = run(&side_by_side(&[item(1, Load::Waits), item(3, Load::Waits)]));
        assert_eq!((at_once, &*lines[0], lines.len()), (2, "running 1 3 ...", 3));
    }

    #[test]
    fn the_progress_line_says_what_is_running_and_what_is_to_come() {
        assert_eq!(progress(&[53], &[52, 55]), "running 53 ... then 52 55");
        assert_eq!(progress(&[52, 55], &[]), "running 52 55 ...");
        assert_eq!(progress(&[], &[]), "");
    }
}
