//! How a comparison is shown: a table for each item, and a summary.

use common::stdout::StdoutFailed;
use common::unit::{show, spoken};

use super::interpreter::{Found, Interpreter, Missing};
use super::layout::{Cell, DASH, HOLDS, Row, Rows};
use super::rounds::{Compared, Held, Named, Rounds, how_many, mended_step};
use crate::judge::Check;
use crate::machine::Machine;
use crate::table::{Table, clean};

/// How the tables of a comparison are laid out.
pub struct Sheet<'a> {
    pub table: &'a Table,
    /// Rust, and the interpreters as they were asked for.
    pub programs: &'a [String],
    pub found: &'a Found,
    /// How often each was run.
    pub repeat: u32,
}

impl Sheet<'_> {
    /// The table of one item: first what differs, then what holds everywhere, then the figures.
    pub fn item(&self, compared: &Compared) -> Result<(), StdoutFailed> {
        let Compared { item, rounds } = compared;
        let title = rounds.iter().flat_map(|of| &of.reports).next();
        let title = title.map_or(item.package.to_owned(), |report| clean(&report.title));
        self.table.title(&format!("Item {}  {title}", item.number))?;
        for (name, of) in self.programs.iter().zip(rounds) {
            if let Some(reason) = &of.misbehaved {
                self.table.aside(&format!("{name}: {}", clean(reason)))?;
            }
        }

        let (mut differing, mut everywhere) = (Vec::new(), Vec::new());
        let (mut sentences, mut rust_alone) = (Vec::<(&str, Vec<&str>)>::new(), 0);
        for check in &item.checks {
            let held: Vec<Held> = rounds.iter().map(|of| of.held(check).0).collect();
            let known = |held: &&Held| **held != Held::Unknown;
            if held.iter().filter(known).all(|held| *held == Held::Holds) {
                everywhere.extend(claim(compared, check));
                continue;
            }
            let mut in_python = held[1..].iter().filter(known).peekable();
            if in_python.peek().is_some() && in_python.all(|held| *held == Held::NotThere) {
                rust_alone += 1;
                continue;
            }
            differing.extend(claim(compared, check));
            if let Some(means) = check.in_python.filter(|_| held[1..].contains(&Held::Fails)) {
                match sentences.iter_mut().find(|(known, _)| *known == means) {
                    Some((_, claims)) => claims.push(check.claim),
                    None => sentences.push((means, vec![check.claim])),
                }
            }
        }
        let figures: Vec<Row> =
            compared.figures().into_iter().flat_map(|named| figure(compared, named)).collect();

        self.rows(differing, everywhere, figures).print(self.table)?;
        for (means, claims) in sentences {
            self.table.aside(&format!("{}: {means}", claims.join("; ")))?;
        }
        if rust_alone > 0 {
            let claims = if rust_alone == 1 { "claim has" } else { "claims have" };
            self.table.aside(&format!("{rust_alone} {claims} no counterpart in Python"))?;
        }
        self.table.line("")
    }

    /// How many claims hold where, the ratios that the items' tables name, and on what all of it
    /// ran.
    pub fn summary(&self, compared: &[Compared]) -> Result<(), StdoutFailed> {
        self.table.title("Summary")?;
        let mut counts = Vec::new();
        for (says, held) in [
            ("claims that hold", Held::Holds),
            ("claims that do not", Held::Fails),
            ("claims without a counterpart", Held::NotThere),
            ("claims the machine can't show", Held::Skipped),
        ] {
            let count = |index| {
                let count = has_run(compared, index).then(|| how_many(compared, index, held));
                count.map_or_else(|| DASH.to_owned(), |count| count.to_string())
            };
            let cells: Vec<String> = (0..self.programs.len()).map(count).collect();
            if held != Held::Skipped || cells.iter().any(|count| count != "0" && count != DASH) {
                counts.push(Row::plain(says, cells));
            }
        }
        let headlines = compared.iter().flat_map(|of| {
            of.item.headlines.iter().flat_map(move |headline| {
                let says = format!("{} {}", of.item.number, headline.says);
                figure_row(of, says, headline.rust(), headline.python())
            })
        });
        let headlines = headlines.collect();
        self.rows(counts, Vec::new(), headlines).print(self.table)?;
        let Machine { system, processor, cores, rust } = Machine::this();
        let cores = format!("{cores} {}", if cores == 1 { "core" } else { "cores" });
        let machine = [system, cores, processor].into_iter().filter(|part| !part.is_empty());
        self.table.line(&clean(&machine.collect::<Vec<_>>().join(", ")))?;
        self.table.line(&rust)?;
        for python in self.found.usable() {
            self.table.line(&clean(&format!("{python}  {}", python.path.display())))?;
        }
        Ok(())
    }

    fn rows(&self, claims: Vec<Row>, everywhere: Vec<Row>, figures: Vec<Row>) -> Rows {
        // The version says enough of a CPython.
        let heading = |asked: &Result<Interpreter, Missing>| match asked {
            Ok(python) if python.implementation == "CPython" => python.version.clone(),
            Ok(python) => python.to_string(),
            Err(missing) => missing.name.clone(),
        };
        let headings = [String::from("Rust")].into_iter();
        let headings = headings.chain(self.found.asked.iter().map(heading)).collect();
        let note = match self.repeat {
            1 => String::new(),
            repeat => format!("best of {repeat}"),
        };
        Rows { headings, claims, everywhere, note, figures }
    }
}

fn has_run(compared: &[Compared], index: usize) -> bool {
    compared.iter().map(|of| &of.rounds[index]).any(Rounds::all_ran)
}

/// The row of a claim and, where it fails somewhere and a program has a mended way, the row of that.
fn claim(compared: &Compared, check: &Check) -> Vec<Row> {
    let cells: Vec<Cell> = compared.rounds.iter().map(|of| cell(&of.held(check))).collect();
    let mended = |of: &Rounds| of.held_when_mended(check).as_ref().map_or_else(Cell::default, cell);
    let mended: Vec<Cell> = compared.rounds.iter().map(mended).collect();
    let fails = cells.iter().chain(&mended).any(|cell| cell.fails);
    let is_mended = mended.iter().any(|cell| !cell.text.is_empty());
    let mut rows = vec![Row { name: check.claim.into(), cells }];
    if fails && is_mended {
        rows.push(Row { name: "  mended".into(), cells: mended });
    }
    rows
}

fn cell((held, found): &(Held, String)) -> Cell {
    let found = clean(found);
    let text = match held {
        Held::Holds => format!("{HOLDS} {found}"),
        Held::Fails => format!("NO  {found}"),
        Held::NotThere => "none".into(),
        Held::Skipped => "skipped".into(),
        Held::Unknown => DASH.into(),
    };
    Cell { text, fails: *held == Held::Fails }
}

/// The row of a figure and, where a program has a mended way, the row of that.
fn figure(compared: &Compared, (step, name): Named) -> Vec<Row> {
    figure_row(compared, format!("{step} {}", spoken(name)), (step, name), (step, name))
}

/// The best figures, and how many times Rust's they are. None where Python has no such figure.
fn figure_row(compared: &Compared, says: String, rust: Named, python: Named) -> Vec<Row> {
    let (step, name) = python;
    let rusts = || compared.rounds[0].best(rust);
    let first = rusts().map_or(DASH.into(), |best| show(rust.1, &rounded(rust.1, best).into()));
    let cells = |python: Named, otherwise: &str| -> Vec<String> {
        let cell = |(index, of): (usize, &Rounds)| {
            let Some(best) = of.best(python) else { return otherwise.to_owned() };
            let best = show(name, &rounded(name, best).into());
            match compared.ratio(index, rust, python) {
                Some(ratio) => format!("{best} {}", times_rust(ratio)),
                None => best,
            }
        };
        compared.rounds.iter().enumerate().skip(1).map(cell).collect()
    };
    let there = |python: Named| compared.rounds[1..].iter().any(|of| of.best(python).is_some());
    let mut rows = vec![Row::plain(says, [first].into_iter().chain(cells(python, DASH)))];
    let mended = mended_step(step);
    if there((&mended, name)) {
        let cells = cells((&mended, name), "");
        rows.push(Row::plain("  mended", [String::new()].into_iter().chain(cells)));
    }
    rows
}

/// Of a count, no digits behind the point.
fn rounded(name: &str, value: f64) -> f64 {
    if name.ends_with("_bytes") || name.ends_with("_per_second") { value.round() } else { value }
}

/// Nine times as much is `× 9.0`, a ninth `÷ 9.0`.
fn times_rust(ratio: f64) -> String {
    let (sign, ratio) = if ratio < 0.5 { ('÷', 1.0 / ratio) } else { ('×', ratio) };
    if ratio < 9.95 { format!("{sign} {ratio:.1}") } else { format!("{sign} {ratio:.0}") }
}
