//! How a comparison is shown: a table for each item, and a summary.

use std::thread::available_parallelism;

use common::report::{StdoutFailed, show, spoken};

use super::{Compared, Held, Interpreter};
use crate::table::{Table, clean, short};

/// Of a claim or a time.
const NAME: usize = 35;
/// Of a program: with what was found or, where there are many interpreters, in a word.
const WIDE: usize = 14;
const NARROW: usize = 8;

fn cell_width(interpreters: &[Interpreter]) -> usize {
    if interpreters.len() > 1 { NARROW } else { WIDE }
}

/// The columns that fit: Rust's and those of some interpreters, as blocks below each other.
fn blocks(table: &Table, interpreters: &[Interpreter]) -> Vec<Vec<usize>> {
    let cell = cell_width(interpreters) + 1;
    let in_a_block = ((table.width() - NAME) / cell).saturating_sub(1).max(1);
    let columns: Vec<usize> = (1..=interpreters.len()).collect();
    if columns.is_empty() {
        return vec![Vec::new()];
    }
    columns.chunks(in_a_block).map(<[usize]>::to_vec).collect()
}

fn row(table: &Table, width: usize, name: &str, cells: &[String]) -> Result<(), StdoutFailed> {
    let mut line = vec![format!("{:<NAME$}", short(name, NAME - 1))];
    line.extend(cells.iter().map(|cell| format!("{:<width$}", short(cell, width))));
    table.line(line.join(" ").trim_end())
}

fn versions(interpreters: &[Interpreter], block: &[usize]) -> Vec<String> {
    let mut names = vec![String::from("Rust")];
    names.extend(block.iter().map(|column| {
        let Interpreter { implementation, version, .. } = &interpreters[column - 1];
        if implementation == "CPython" {
            version.clone()
        } else {
            interpreters[column - 1].to_string()
        }
    }));
    names
}

/// The table of one item: first what differs, then what holds everywhere, then the times.
pub fn item(
    table: &Table,
    compared: &Compared,
    interpreters: &[Interpreter],
) -> Result<(), StdoutFailed> {
    let Compared { item, rounds } = compared;
    let title = rounds.iter().flat_map(|of| &of.reports).next();
    let title = title.map_or(item.package.to_owned(), |report| clean(&report.title));
    table.title(&format!("Item {}  {title}", item.number))?;
    let mut names = vec![String::from("Rust")];
    names.extend(interpreters.iter().map(Interpreter::to_string));
    for (name, of) in names.iter().zip(rounds) {
        if let Some(reason) = &of.misbehaved {
            table.aside(&format!("{name}: {}", clean(reason)))?;
        }
    }

    let mut differing = Vec::new();
    let (mut everywhere, mut rust_alone, mut skipped) = (0, 0, 0);
    for check in &item.checks {
        let held: Vec<(Held, String)> = rounds.iter().map(|of| of.held(check)).collect();
        let known = held.iter().filter(|(held, _)| *held != Held::Unknown);
        if held.iter().any(|(held, _)| *held == Held::Fails) {
            differing.push((check, held));
        } else if known.clone().skip(1).any(|(held, _)| *held == Held::NotThere) {
            rust_alone += 1;
        } else if held.iter().any(|(held, _)| *held == Held::Skipped) {
            skipped += 1;
        } else {
            everywhere += 1;
        }
    }
    let width = cell_width(interpreters);
    for block in blocks(table, interpreters) {
        row(table, width, "", &versions(interpreters, &block))?;
        for (check, held) in &differing {
            let columns = [0].iter().chain(&block);
            let cells: Vec<_> = columns.map(|column| cell(&held[*column], width)).collect();
            row(table, width, check.claim, &cells)?;
            let mended = |column: &usize| {
                let mended = rounds[*column].held_when_mended(check);
                mended.map_or(String::new(), |held| cell(&held, width))
            };
            let cells: Vec<String> = [0].iter().chain(&block).map(mended).collect();
            if cells.iter().any(|cell| !cell.is_empty()) {
                row(table, width, "  mended", &cells)?;
            }
        }
        for time in compared.times() {
            let in_python = block.iter().filter(|column| rounds[**column].best(time).is_some());
            if in_python.count() > 0 {
                let says = format!("{} {}", time.0, spoken(time.1));
                times(table, width, &says, compared, time, &block)?;
            }
        }
    }
    let mut sentences: Vec<(&str, Vec<&str>)> = Vec::new();
    for (check, _) in &differing {
        let Some(sentence) = check.in_python else { continue };
        match sentences.iter_mut().find(|(known, _)| *known == sentence) {
            Some((_, claims)) => claims.push(check.claim),
            None => sentences.push((sentence, vec![check.claim])),
        }
    }
    for (sentence, claims) in sentences {
        table.aside(&format!("{}: {sentence}", claims.join("; ")))?;
    }
    let plural = |count: usize| if count == 1 { "claim" } else { "claims" };
    table.aside(&format!(
        "{everywhere} other {} hold in all; {rust_alone} have no counterpart in Python",
        plural(everywhere)
    ))?;
    if skipped > 0 {
        table.aside(&format!("{skipped} skipped: this machine can't show them now"))?;
    }
    table.line("")
}

fn cell((held, found): &(Held, String), width: usize) -> String {
    let with_found = |word: &str| {
        if width == WIDE { format!("{word:<3} {found}") } else { word.to_owned() }
    };
    match held {
        Held::Holds => with_found("yes"),
        Held::Fails => with_found("NO"),
        Held::NotThere => "none".into(),
        Held::Skipped => "skipped".into(),
        Held::Unknown => "-".into(),
    }
}

/// The best times, and how many times longer than Rust's they are.
fn times(
    table: &Table,
    width: usize,
    says: &str,
    compared: &Compared,
    time: (&str, &str),
    block: &[usize],
) -> Result<(), StdoutFailed> {
    let (_, name) = time;
    let shown = |column: usize| {
        let best = compared.rounds[column].best(time);
        best.map_or("-".into(), |best| show(name, &best.into()))
    };
    let ratio = |column: usize| match compared.ratio(column, time).map(times_rust) {
        None => "-".into(),
        Some(ratio) if width == WIDE => format!("{}  {ratio}", shown(column)),
        Some(ratio) => ratio,
    };
    let mut cells = vec![shown(0)];
    cells.extend(block.iter().map(|column| ratio(*column)));
    row(table, width, says, &cells)
}

/// Nine times as long is `× 9.0`, a ninth `÷ 9.0`.
fn times_rust(ratio: f64) -> String {
    let (sign, ratio) = if ratio < 0.1 { ('÷', 1.0 / ratio) } else { ('×', ratio) };
    if ratio < 10.0 { format!("{sign} {ratio:.1}") } else { format!("{sign} {ratio:.0}") }
}

/// How many claims hold where, the ratios that the items' tables name, and on what all of it ran.
pub fn summary(
    table: &Table,
    compared: &[Compared],
    interpreters: &[Interpreter],
) -> Result<(), StdoutFailed> {
    table.title("Summary")?;
    let width = cell_width(interpreters);
    for block in blocks(table, interpreters) {
        row(table, width, "", &versions(interpreters, &block))?;
        let columns: Vec<usize> = [0].into_iter().chain(block.iter().copied()).collect();
        for (says, wanted) in [
            ("claims that hold", Held::Holds),
            ("claims that do not", Held::Fails),
            ("claims without a counterpart", Held::NotThere),
        ] {
            let count = |column: &usize| {
                let checks = compared.iter().flat_map(|of| {
                    of.item.checks.iter().map(|check| of.rounds[*column].held(check).0)
                });
                checks.filter(|held| *held == wanted).count().to_string()
            };
            let cells: Vec<String> = columns.iter().map(count).collect();
            row(table, width, says, &cells)?;
        }
        for of in compared {
            for (step, name) in &of.item.headlines {
                let says = format!("{} {} {}", of.item.number, step.name(), spoken(name));
                times(table, width, &says, of, (step.name(), name), &block)?;
            }
        }
    }
    table.line(&machine())
}

/// The machine and the compiler.
pub fn machine() -> String {
    let cores = available_parallelism().map_or(1, usize::from);
    let (system, release) = crate::run::system();
    let plural = if cores == 1 { "core" } else { "cores" };
    format!("{system} {release}, {cores} {plural}, {}", crate::run::compiler())
}
