//! What is no time: the memory of a stage of item 52, of a thread and of a task.

use std::process::Command;

use anyhow::Context;
use common::children::ask;
use common::stdout::print_line;
use common::timing::three_digits;
use serde_json::Value;

use crate::programs::program;
use crate::{Effort, sizes, subprocess};

/// Prints what memory is used.
pub fn print(effort: Effort) -> anyhow::Result<()> {
    print_line("memory: the most that a stage of item 52 has used, whatever goes through it")?;
    print_line(&format!("  {:>12}  {:>22}  {:>22}", "bytes", "encrypt", "hash"))?;
    for size in sizes(&[1_000_000, 32_000_000], &[1_000_000_000]) {
        let [encrypt, hash] = ["encrypt", "hash"].map(|stage| subprocess::memory(stage, size));
        let told = |peak: Option<String>| peak.unwrap_or_else(|| "-".to_owned());
        let (encrypt, hash) = (told(encrypt?), told(hash?));
        print_line(&format!("  {size:>12}  {encrypt:>22}  {hash:>22}"))?;
    }
    print_line(
        "\nalive: so many at once, and what each costs in memory; the generation they make",
    )?;
    let names = ["resident each", "reserved each", "generation"];
    let names = names.map(|name| format!("  {name:>16}")).concat();
    print_line(&format!("  {:<10}{:>12}{names}", "", "alive"))?;
    let sizes_of = |small: &[&'static str], large: &[&'static str]| {
        let wanted = if effort == Effort::Least { 1 } else { small.len() };
        let large = if effort == Effort::Large { large } else { &[] };
        [&small[..wanted], large].concat()
    };
    for size in sizes_of(&["25x40"], &["100x100"]) {
        alive("threads", "item57-fan-out", "--large", size, "large_at_once")?;
    }
    for size in sizes_of(&["25x40", "100x100", "250x400"], &["1000x1000"]) {
        alive("tasks", "item60-coroutines", "--huge", size, "huge_at_once")?;
    }
    print_line("  The calls of threads take 2 ms, those of tasks 500 ms.")?;
    print_line("  Goal: 100,000 tasks within 750 ms, at 1 KiB each or less; 1,000,000 finish.\n")?;
    Ok(())
}

fn alive(unit: &str, item: &str, flag: &str, size: &str, step: &str) -> anyhow::Result<()> {
    let report = ask(Command::new(program(item)?).args(["--json", flag, size]), item)?;
    let report: Value = serde_json::from_str(&report).context("cannot read its report")?;
    let steps = report["steps"].as_array().context("a report without steps")?;
    let step = steps.iter().find(|found| found["name"] == step).context("no such step")?;
    let found = |name: &str| {
        let value = [&step["facts"][name], &step["figures"][name]];
        value.into_iter().find_map(Value::as_f64)
    };
    let count = found("threads_started").or_else(|| found("tasks_alive")).unwrap_or_default();
    let bytes = |name| found(name).map_or("-".to_owned(), |bytes| format!("{bytes} B"));
    let took = found("generation_s").or_else(|| found("elapsed_s")).unwrap_or_default();
    let cells = [
        bytes("resident_bytes_each"),
        bytes("reserved_bytes_each"),
        format!("{} s", three_digits(took)),
    ];
    let cells = cells.map(|cell| format!("  {cell:>16}")).concat();
    print_line(&format!("  {unit:<10}{count:>12}{cells}"))?;
    Ok(())
}
