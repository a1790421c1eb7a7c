//! Which items run side by side, and what is told while they do.

use std::sync::mpsc;
use std::thread;

use common::threads::spawn;

use crate::judge::{Item, Load, Run};

/// What happens while items run.
#[derive(Debug)]
pub enum Event<'a> {
    /// Other items run now than before: a line that says which.
    Progress(String),
    /// An item has ended.
    Ended(&'a Item, Run),
}

/// Groups of items, one after the other, of which each runs at once: first each item that computes has
/// the machine to itself, then those that wait share it.
pub fn side_by_side<'a>(items: &[&'a Item]) -> Vec<Vec<&'a Item>> {
    let (waiting, computing): (Vec<&Item>, Vec<&Item>) =
        items.iter().partition(|item| item.load == Load::Waits);
    let alone = computing.into_iter().map(|item| vec![item]);
    alone.chain((!waiting.is_empty()).then_some(waiting)).collect()
}

/// Runs the items of each group side by side, and tells `tell` of each as it ends.
pub fn run_all<'a>(
    groups: &[Vec<&'a Item>],
    run: impl Fn(&Item) -> Run + Sync,
    mut tell: impl FnMut(Event<'a>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    for (index, group) in groups.iter().enumerate() {
        let to_come = groups[index + 1..].concat();
        let mut running = group.clone();
        let (sender, ended) = mpsc::channel();
        thread::scope(|scope| -> anyhow::Result<()> {
            for &item in group {
                let (sender, run) = (sender.clone(), &run);
                // The sending fails when nobody listens any more: stdout is closed.
                let watch = move || drop(sender.send((item, run(item))));
                spawn(scope, format!("watch item {}", item.number), watch)?;
            }
            drop(sender);
            tell(Event::Progress(progress(&running, &to_come)))?;
            ended.into_iter().try_for_each(|(item, run)| {
                running.retain(|other| other.number != item.number);
                tell(Event::Ended(item, run))?;
                tell(Event::Progress(progress(&running, &to_come)))
            })
        })?;
    }
    Ok(())
}

/// A line that says what is running and what is still to come.
pub fn progress(running: &[&Item], to_come: &[&Item]) -> String {
    let list = |items: &[&Item]| {
        items.iter().map(|item| item.number.to_string()).collect::<Vec<_>>().join(" ")
    };
    match (running, to_come) {
        ([], _) => String::new(),
        (running, []) => format!("running {} ...", list(running)),
        (running, to_come) => format!("running {} ... then {}", list(running), list(to_come)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_computes_runs_alone_and_before_what_waits_which_runs_at_the_same_time() {
        let item = |number, load| Item::new(number, "item", load, Vec::new());
        let (waits, computes) = (Load::Waits, Load::Computes);
        let items = [item(1, waits), item(2, computes), item(3, waits), item(4, computes)];
        // None of those that wait ends before both have begun.
        let meeting = Barrier::new(2);
        let run = |item: &Item| {
            if item.load == Load::Waits {
                meeting.wait();
            }
            let report = Err(String::new());
            Run { report, out_of_memory: false, left_behind: false, elapsed: Duration::ZERO }
        };
        let mut told = Vec::new();
        run_all(&side_by_side(&items.each_ref()), run, |event| {
            told.push(match event {
                Event::Progress(line) => line,
                Event::Ended(item, _) => format!("{} ended", item.number),
            });
            Ok(())
        })
        .unwrap();
        let alone = [
            "running 2 ... then 4 1 3",
            "2 ended",
            "",
            "running 4 ... then 1 3",
            "4 ended",
            "",
            "running 1 3 ...",
        ];
        assert_eq!(told[..7], alone);
        let last = told[7..].join(", ");
        let one_first = "1 ended, running 3 ..., 3 ended, ";
        assert!([one_first, "3 ended, running 1 ..., 1 ended, "].contains(&&*last), "{last}");
    }
}
