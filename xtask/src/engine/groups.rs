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

/// Groups of items, one after the other, of which each runs at once: first each item that takes
/// all of the machine has it to itself, then those that wait share it.
pub fn side_by_side<'a>(items: &[&'a Item]) -> Vec<Vec<&'a Item>> {
    let (waiting, alone): (Vec<&Item>, Vec<&Item>) =
        items.iter().partition(|item| item.load == Load::Waits);
    let alone = alone.into_iter().map(|item| vec![item]);
    alone.chain((!waiting.is_empty()).then_some(waiting)).collect()
}

/// Runs the items of each group side by side, and tells `tell` of each as it ends. One that the system failed
/// is run again by itself, once, when the others have ended.
pub fn run_all<'a>(
    groups: &[Vec<&'a Item>],
    run: impl Fn(&Item) -> Run + Sync,
    mut tell: impl FnMut(Event<'a>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    for (index, group) in groups.iter().enumerate() {
        let to_come = groups[index + 1..].concat();
        let (mut running, mut again) = (group.clone(), Vec::new());
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
                // Those beside it may have taken what the system would not give it.
                if group.len() > 1 && (run.gave_up || run.denied.is_some()) {
                    again.push(item);
                } else {
                    tell(Event::Ended(item, run))?;
                }
                tell(Event::Progress(progress(&running, &to_come)))
            })
        })?;
        for item in again {
            tell(Event::Progress(progress(&[item], &to_come)))?;
            tell(Event::Ended(item, run(item)))?;
        }
    }
    Ok(())
}

/// In which order the items of these groups run, where there is more than one item.
pub fn order(groups: &[Vec<&Item>]) -> Option<String> {
    let (alone, together): (Vec<_>, Vec<_>) =
        groups.iter().cloned().partition(|group| group.len() == 1);
    let told = [(alone.concat(), "in turn"), (together.concat(), "at once, as each ends")];
    let told = told.iter().filter(|(items, _)| !items.is_empty());
    let told: Vec<String> = told.map(|(items, how)| format!("{} {how}", list(items))).collect();
    (groups.concat().len() > 1).then(|| told.join(", then "))
}

fn list(items: &[&Item]) -> String {
    items.iter().map(|item| item.number.to_string()).collect::<Vec<_>>().join(" ")
}

/// A line that says what is running and what is still to come.
pub fn progress(running: &[&Item], to_come: &[&Item]) -> String {
    match (running, to_come) {
        ([], _) => String::new(),
        (running, []) => format!("running {} ...", list(running)),
        (running, to_come) => format!("running {} ... then {}", list(running), list(to_come)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Barrier, Mutex};

    use super::*;

    fn ended(gave_up: bool) -> Run {
        Run { gave_up, ..Run::that_reported(Err(String::new())) }
    }

    #[test]
    fn the_order_is_told_where_there_is_more_than_one_item() {
        let item = |number, load| Item::new(number, "item", load, Vec::new());
        let items =
            [1, 2, 3, 4].map(|n| item(n, if n % 2 == 1 { Load::Waits } else { Load::TakesAll }));
        let [one, two, three, four] = items.each_ref();
        let order = |items: &[&Item]| order(&side_by_side(items)).unwrap_or_default();
        assert_eq!(order(&[one, two, three, four]), "2 4 in turn, then 1 3 at once, as each ends");
        assert_eq!(order(&[two, four]), "2 4 in turn");
        assert_eq!(order(&[one, three]), "1 3 at once, as each ends");
        assert_eq!(order(&[two]), "");
        assert_eq!(order(&[one, two]), "2 1 in turn");
    }

    #[test]
    fn what_the_system_failed_beside_others_runs_again_alone_and_once() {
        let item = |number| Item::new(number, "item", Load::Waits, Vec::new());
        let items = [item(1), item(2)];
        let ran = Mutex::new(Vec::new());
        let run = |item: &Item| {
            ran.lock().unwrap().push(item.number);
            ended(item.number == 1)
        };
        let mut told = Vec::new();
        let mut tell = |event| {
            if let Event::Ended(item, run) = event {
                told.push((item.number, run.gave_up));
            }
            Ok(())
        };
        run_all(&side_by_side(&items.each_ref()), run, &mut tell).unwrap();
        run_all(&[vec![&items[0]]], run, &mut tell).unwrap();
        assert_eq!(told, [(2, false), (1, true), (1, true)]);
        let mut ran = ran.into_inner().unwrap();
        ran[..2].sort_unstable();
        assert_eq!(ran, [1, 2, 1, 1], "by itself from the beginning: not again");
    }

    #[test]
    fn what_computes_runs_alone_and_before_what_waits_which_runs_at_the_same_time() {
        let item = |number, load| Item::new(number, "item", load, Vec::new());
        let (waits, computes) = (Load::Waits, Load::TakesAll);
        let items = [item(1, waits), item(2, computes), item(3, waits), item(4, computes)];
        // None of those that wait ends before both have begun.
        let meeting = Barrier::new(2);
        let run = |item: &Item| {
            if item.load == Load::Waits {
                meeting.wait();
            }
            ended(false)
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
