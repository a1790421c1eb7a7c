//! What is no time: the memory of a stage of item 52, of a thread and of a task.

use std::process::Command;

use anyhow::Context;
use common::children::ask;
use common::stdout::print_line;
use common::unit::{grouped, show};
use serde_json::Value;

use crate::programs::program;
use crate::table::print_rows;
use crate::{sizes, subprocess};

/// Prints what memory is used.
pub fn print() -> anyhow::Result<()> {
    print_line(
        "memory (item 52): the most that a stage has used when so much has gone through it",
    )?;
    let mut rows = vec![["bytes", "encrypt", "hash"].map(str::to_owned).to_vec()];
    for size in sizes(&[1_000_000, 32_000_000], &[1_000_000_000]) {
        let peak = |stage| anyhow::Ok(subprocess::memory(stage, size)?.unwrap_or_default());
        rows.push(vec![grouped(&size.to_string()), peak("encrypt")?, peak("hash")?]);
    }
    print_rows(&rows)?;
    print_line(
        "\nalive (items 57 and 60): so many at once, what each costs, and how long all took",
    )?;
    let names = ["", "alive", "resident each", "reserved each", "all took"];
    let mut rows = vec![names.map(str::to_owned).to_vec()];
    for size in sizes(&["25x40"], &["100x100"]) {
        rows.push(alive("threads", "item57-fan-out", ["--large", size], "large_at_once")?);
    }
    for size in sizes(&["25x40", "100x100", "250x400"], &["1000x1000"]) {
        rows.push(alive("tasks", "item60-coroutines", ["--huge", size], "huge_at_once")?);
    }
    print_rows(&rows)?;
    print_line("  The call of a thread takes 2 ms, that of a task 500 ms.")?;
    print_line("  Goal: 100,000 tasks within 750 ms, at 1 KiB each or less; 1,000,000 finish.\n")?;
    Ok(())
}

/// What `step` of an item tells, run with a grid of so many cells.
fn alive(unit: &str, item: &str, flag: [&str; 2], step: &str) -> anyhow::Result<Vec<String>> {
    let report = ask(Command::new(program(item)?).arg("--json").args(flag), item)?;
    let report: Value = serde_json::from_str(&report).context("cannot read its report")?;
    let steps = report["steps"].as_array().context("a report without steps")?;
    let step = steps.iter().find(|found| found["name"] == step).context("no such step")?;
    let found = |name: &str| {
        let kinds = ["facts", "figures"].into_iter();
        kinds.map(|kind| &step[kind][name]).find(|value| !value.is_null())
    };
    let tell = |names: [&'static str; 2]| {
        let found = names.into_iter().find_map(|name| Some((name, found(name)?)));
        found.map_or("-".to_owned(), |(name, value)| show(name, value))
    };
    let told = [
        ["threads_started", "tasks_alive"],
        ["resident_bytes_each"; 2],
        ["reserved_bytes_each"; 2],
        ["generation_s", "elapsed_s"],
    ];
    Ok([unit.to_owned()].into_iter().chain(told.map(tell)).collect())
}
