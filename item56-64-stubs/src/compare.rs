//! Items 56 to 60 beside each other: each is run, and their reports make a table.

use std::fs;
use std::time::Duration;

use anyhow::Context;
use common::report::Report;
use common::unit::{show, show_time};
use serde::Serialize;
use serde_json::Value;

use crate::packages::{FOLDER, cargo};

/// A package, what the work on a cell is done by, where its report tells how long a generation of 45
/// cells takes, and the files with what lies between a grid and the next one.
type Shape = (&'static str, &'static str, (&'static str, &'static str), &'static [&'static str]);

const SHAPES: [Shape; 5] = [
    ("item56-serial", "one thread in turn", ("serial", "generation_s"), &["step"]),
    ("item57-fan-out", "a thread for each", ("threads", "generation_s"), &["step"]),
    ("item58-queue", "45 workers, queue", ("large", "small_generation_s"), &["step", "workers"]),
    ("item59-pool", "a pool of 45", ("sizes", "generation_with_45_s"), &["step"]),
    ("item60-coroutines", "a task for each", ("tasks", "generation_s"), &["step"]),
];

/// What stands over the columns, in two lines.
const COLUMNS: [(&str, &str); 7] = [
    // Not in a terminal: it has no room there.
    ("item", ""),
    ("a cell's work is", "done by"),
    ("generation", "of 45 cells"),
    ("generation", "of 1000"),
    ("bytes each", "in use"),
    ("bytes each", "reserved"),
    ("lines of", "code"),
];

/// The five beside each other.
#[derive(Debug, Serialize)]
pub struct Table {
    columns: [String; 7],
    rows: Vec<[String; 7]>,
}

/// Runs the five, one after the other, and returns their reports.
pub fn run() -> anyhow::Result<Vec<Report>> {
    let report = |(package, ..): Shape| {
        let report = cargo("run", &["--quiet", "--package", package, "--", "--json"])?;
        serde_json::from_str(&report).context("it printed no report")
    };
    SHAPES.into_iter().map(report).collect()
}

impl Table {
    /// That of these reports.
    pub fn of(reports: &[Report]) -> anyhow::Result<Self> {
        let mut rows = Vec::new();
        for (number, (package, unit, small, files)) in (56..).zip(SHAPES) {
            let report = reports.iter().find(|report| report.item == number);
            let report = report.with_context(|| format!("there is no report of item {number}"))?;
            let [small, large, used, reserved] = figures(small, report)?;
            let mut code = 0;
            for file in files {
                let path = format!("{FOLDER}/{package}/src/{file}.rs");
                let text =
                    fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
                code += lines_of_code(&text);
            }
            let number = number.to_string();
            rows.push([number, unit.into(), small, large, used, reserved, code.to_string()]);
        }
        let columns = COLUMNS.map(|(above, below)| format!("{above} {below}").trim().to_owned());
        Ok(Self { columns, rows })
    }

    /// The lines of the table, for a terminal.
    pub fn draw(&self) -> String {
        let line = |[item, unit, small, large, used, reserved, code]: [&str; 7]| {
            format!(
                "{item:2}  {unit:18} {small:>11} {large:>11} {used:>11} {reserved:>11} {code:>9}"
            )
        };
        let [_, columns @ ..] = COLUMNS;
        let head = |of: fn((&'static str, &'static str)) -> &'static str| {
            let [unit, small, large, used, reserved, code] = columns.map(of);
            ["", unit, small, large, used, reserved, code]
        };
        let heads = [head(|(above, _)| above), head(|(_, below)| below)];
        let rows = self.rows.iter().map(|row| row.each_ref().map(|cell| &**cell));
        heads.into_iter().chain(rows).map(line).collect::<Vec<_>>().join("\n")
    }
}

/// The time of a generation of 45 cells and of 1,000, and the memory of each thread or task, in use and
/// reserved.
fn figures((step, name): (&str, &str), report: &Report) -> anyhow::Result<[String; 4]> {
    let item = report.item;
    let value = |step, name| report.step(step).and_then(|step| step.value(name));
    let small = value(step, name).map(|small| show(name, small));
    let small = small.with_context(|| format!("item {item} has no {step}.{name}"))?;
    let large = if let Some(large) = value("large", "generation_s") {
        show("generation_s", large)
    } else {
        // Nobody wants to wait for it. No call ends before its time, and none overlaps another.
        let latency = value("serial", "latency_s").and_then(Value::as_f64);
        let latency = latency.with_context(|| format!("item {item} has no large grid"))?;
        format!(">= {}", show_time(Duration::from_secs_f64(latency) * 1_000))
    };
    let bytes = |name| match report.steps.iter().find_map(|step| step.value(name)) {
        // A text where it can't be known.
        Some(bytes) if bytes.is_u64() => show("count", bytes),
        Some(_) => "?".to_owned(),
        None => "-".to_owned(),
    };
    Ok([small, large, bytes("resident_bytes_each"), bytes("reserved_bytes_each")])
}

/// Without imports, comments and blank lines.
fn lines_of_code(file: &str) -> usize {
    let is_code =
        |line: &&str| !line.is_empty() && !line.starts_with("//") && !line.starts_with("use ");
    file.lines().map(str::trim).filter(is_code).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_code_are_neither_comments_nor_imports_nor_blank() {
        let file = "//! About.\n\nuse std::io;\n\n/// Does.\nfn f() {\n    // Why.\n    g();\n}\n";
        assert_eq!(lines_of_code(file), 3);
    }

    #[test]
    fn what_a_report_does_not_tell_is_named() {
        let report = r#"{"item":57,"title":"T","steps":[{"name":"threads","facts":{}}]}"#;
        let report = serde_json::from_str(report).unwrap();
        let error = figures(("threads", "generation_s"), &report).unwrap_err();
        assert_eq!(error.to_string(), "item 57 has no threads.generation_s");
    }
}
