//! Items 56 to 60 beside each other: each is run, and its report read.

use std::env;
use std::io::Read;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use common::children;
use common::report::{Report, show};
use serde_json::Value;

/// An item, and where its figures stand in its report: a step, and a fact or figure of it.
struct Shape {
    package: &'static str,
    /// What the work on a cell is handed to.
    unit: &'static str,
    /// A generation of 45 cells.
    small: (&'static str, &'static str),
    /// A generation of 10,000.
    large: Option<(&'static str, &'static str)>,
    /// The step that tells what each unit costs.
    cost: Option<&'static str>,
    /// What lies between a grid and the next one.
    code: &'static [&'static str],
}

const SHAPES: [Shape; 5] = [
    Shape {
        package: "item56-serial",
        unit: "one thread in turn",
        small: ("serial", "generation_s"),
        large: None,
        cost: None,
        code: &[include_str!("../item56-serial/src/step.rs")],
    },
    Shape {
        package: "item57-fan-out",
        unit: "a thread for each",
        small: ("threads", "generation_s"),
        large: Some(("large", "generation_s")),
        cost: Some("large_at_once"),
        code: &[include_str!("../item57-fan-out/src/step.rs")],
    },
    Shape {
        package: "item58-queue",
        unit: "45 workers, queue",
        small: ("large", "small_generation_s"),
        large: Some(("large", "generation_s")),
        cost: None,
        code: &[
            include_str!("../item58-queue/src/step.rs"),
            include_str!("../item58-queue/src/workers.rs"),
        ],
    },
    Shape {
        package: "item59-pool",
        unit: "a pool of 45",
        small: ("sizes", "generation_with_45_s"),
        large: Some(("large", "generation_s")),
        cost: None,
        code: &[
            include_str!("../item59-pool/src/step.rs"),
            include_str!("../item59-pool/src/pool.rs"),
        ],
    },
    Shape {
        package: "item60-coroutines",
        unit: "a task for each",
        small: ("tasks", "generation_s"),
        large: Some(("large", "generation_s")),
        cost: Some("huge_at_once"),
        code: &[include_str!("../item60-coroutines/src/step.rs")],
    },
];

/// Runs the five, one after the other, and returns the lines of the table.
pub fn table() -> anyhow::Result<Vec<String>> {
    let mut lines = vec![
        row([
            "",
            "a cell's work is",
            "generation",
            "generation",
            "bytes each",
            "bytes each",
            "lines of",
        ]),
        row(["", "done by", "of 45 cells", "of 10000", "in use", "reserved", "code"]),
    ];
    for shape in SHAPES {
        let report = run(shape.package).with_context(|| format!("cannot run {}", shape.package))?;
        lines.push(line(&shape, &report)?);
    }
    Ok(lines)
}

fn line(shape: &Shape, report: &Report) -> anyhow::Result<String> {
    let time = |(step, name)| anyhow::Ok(show(name, read(report, step, name)?));
    let large = if let Some(large) = shape.large {
        time(large)?
    } else {
        // Nobody wants to wait for it. No call ends before its time, and none overlaps another.
        let latency = read(report, "serial", "latency_s")?.as_f64();
        let all = latency.context("a latency is a number")? * 10_000.0;
        format!(">= {}", show("all_s", &all.into()))
    };
    let bytes = |name| {
        let Some(step) = shape.cost else { return anyhow::Ok("-".to_owned()) };
        // A text where it can't be known.
        let bytes = read(report, step, name)?.as_u64();
        Ok(bytes.map_or("?".to_owned(), |bytes| bytes.to_string()))
    };
    Ok(row([
        &report.item.to_string(),
        shape.unit,
        &time(shape.small)?,
        &large,
        &bytes("resident_bytes_each")?,
        &bytes("reserved_bytes_each")?,
        &lines_of_code(shape.code).to_string(),
    ]))
}

fn row([item, unit, small, large, used, reserved, lines]: [&str; 7]) -> String {
    format!("{item:2}  {unit:18} {small:>11} {large:>11} {used:>11} {reserved:>11} {lines:>9}")
}

/// A fact or figure of a report.
fn read<'a>(report: &'a Report, step: &str, name: &str) -> anyhow::Result<&'a Value> {
    let found = report.step(step).and_then(|step| step.facts.get(name).or(step.figures.get(name)));
    found.with_context(|| format!("item {} reports no {step}.{name}", report.item))
}

/// Without imports, comments and blank lines.
fn lines_of_code(files: &[&str]) -> usize {
    let is_code =
        |line: &&str| !line.is_empty() && !line.starts_with("//") && !line.starts_with("use ");
    files.iter().flat_map(|file| file.lines()).map(str::trim).filter(is_code).count()
}

/// Builds and runs a package as anybody would, and reads its report.
fn run(package: &str) -> anyhow::Result<Report> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["run", "--quiet", "--package", package, "--", "--json"];
    let mut child = children::spawn(
        Command::new(cargo).args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()),
    )?;
    let mut json = String::new();
    child.take_stdout().context("stdout is not piped")?.read_to_string(&mut json)?;
    let status = child.wait()?;
    ensure!(status.success(), "it failed ({status})");
    serde_json::from_str(&json).context("it printed no report")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_code_are_neither_comments_nor_imports_nor_blank() {
        let file = "//! About.\n\nuse std::io;\n\n/// Does.\nfn f() {\n    // Why.\n    g();\n}\n";
        assert_eq!(lines_of_code(&[file, file]), 6);
    }

    #[test]
    fn a_row_fits_80_columns_and_what_is_missing_is_named() {
        let json = r#"{"item":56,"title":"T","steps":[{"name":"serial",
            "facts":{"latency_s":0.002,"generation_s":0.0946}}]}"#;
        let report: Report = serde_json::from_str(json).unwrap();
        let line = line(&SHAPES[0], &report).unwrap();
        assert!(line.starts_with("56  one thread in turn"), "{line}");
        assert!(line.contains(" 94.6 ms ") && line.contains(" >= 20 s "), "{line}");
        assert!(line.chars().count() <= 80, "{line}");
        let error = super::line(&SHAPES[1], &report).unwrap_err();
        assert_eq!(error.to_string(), "item 56 reports no large.generation_s");
    }
}
