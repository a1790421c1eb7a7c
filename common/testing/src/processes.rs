//! Which processes run, and whose children they are: Linux tells it in `/proc` (proc(5)).

use std::fmt::Display;
use std::fs;

use crate::eventually;

/// The children of a process, by their numbers.
pub fn children_of(pid: impl Display) -> Vec<u32> {
    // A child belongs to the thread that started it.
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let lists = threads.filter_map(|of| fs::read_to_string(of.path().join("children")).ok());
    let children: Vec<String> = lists.collect();
    let children = children.iter().flat_map(|list| list.split_whitespace());
    children.map(|pid| pid.parse().expect("a number")).collect()
}

/// Waits until a process has ended. A zombie that nobody has taken from the table yet has, too.
#[track_caller]
pub fn assert_ended(pid: u32) {
    eventually("a process has ended", || {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
        state.is_none_or(|state| ['Z', 'X'].contains(&state)).then_some(())
    });
}
