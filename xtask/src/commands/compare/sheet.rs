//! How a comparison is shown: a table for each item, and a summary.

use common::stdout::StdoutFailed;
use common::unit::Unit;

use super::layout::{Cell, DASH, HOLDS, Row, Rows};
use crate::comparison::interpreters::{Interpreter, Interpreters, Missing};
use crate::comparison::{Answer, Beside, Best, Claim, Comparison, Held, Measured, counts};
use crate::machine::Machine;
use crate::output::screen::{Screen, TITLE};
use crate::text::clean;

/// How the tables of a comparison are laid out.
pub struct Sheet<'a> {
    pub screen: &'a Screen,
    pub interpreters: &'a Interpreters,
    /// How often each was run.
    pub repeat: u32,
}

impl Sheet<'_> {
    /// The table of one item: first what differs, then what holds everywhere, then the figures.
    pub fn item(&self, comparison: &Comparison) -> Result<(), StdoutFailed> {
        let Comparison { item, rounds } = comparison;
        let mut reports = rounds.iter().flat_map(|of| &of.runs).flat_map(|run| &run.report);
        let title = reports.next().map_or(item.package.to_owned(), |report| clean(&report.title));
        self.screen.line(&format!("{TITLE}Item {}  {title}{TITLE:#}", item.number))?;
        for (name, of) in self.interpreters.names().iter().zip(rounds.iter()) {
            if let Some(reason) = of.misbehaved() {
                self.screen.aside(&format!("{name}: {}", clean(reason)))?;
            }
        }

        let (mut differing, mut everywhere) = (Vec::new(), Vec::new());
        let (mut notes, mut rust_alone) = (Vec::new(), 0);
        for claim in comparison.claims() {
            let Claim { check, answers, .. } = &claim;
            let known = |answer: &&Answer| answer.held != Held::Unknown;
            if answers.iter().filter(known).all(|answer| answer.held == Held::Holds) {
                everywhere.extend(rows_of(&claim));
                continue;
            }
            let mut in_python = answers.pythons.iter().filter(known).peekable();
            let only_rusts =
                in_python.peek().is_some() && in_python.all(|of| of.held == Held::NotThere);
            if only_rusts && answers.rust.held == Held::Holds {
                rust_alone += 1;
                continue;
            }
            differing.extend(rows_of(&claim));
            notes.extend(self.notes(&claim).into_iter().map(|note| (note, check.claim)));
        }
        let figures = comparison.figures();

        self.rows(differing, everywhere, figures).print(self.screen)?;
        for (note, claims) in grouped(notes) {
            self.screen.aside(&format!("{}: {note}", claims.join("; ")))?;
        }
        for line in self.interpreters.usable().filter_map(Interpreter::about_its_lock) {
            self.screen.aside(&line)?;
        }
        if rust_alone > 0 {
            let claims = if rust_alone == 1 { "claim has" } else { "claims have" };
            self.screen.aside(&format!("{rust_alone} {claims} no counterpart in Python"))?;
        }
        self.screen.line("")
    }

    /// What is to be said of a claim, and of which programs: a note for all of whom the same is to be said.
    fn notes(&self, claim: &Claim) -> Vec<String> {
        let (heads, of_each) = (self.heads(), claim.notes(&self.interpreters.kinds()));
        let notes = heads.iter().zip(of_each.iter());
        let notes = grouped(notes.filter_map(|(head, note)| Some((note.as_ref()?, &**head))));
        notes.into_iter().map(|(note, heads)| format!("in {}: {note}", heads.join(", "))).collect()
    }

    /// How many claims hold where, the ratios that the items' tables name, and on what all of it
    /// ran.
    pub fn summary(&self, compared: &[Comparison]) -> Result<(), StdoutFailed> {
        self.screen.line(&format!("{TITLE}Summary{TITLE:#}"))?;
        let counts = counts(compared, &self.interpreters.names());
        let row = |name: &str, held: Held| {
            let cells = counts.map(|counts| match counts.get(&held) {
                _ if counts.keys().all(|held| *held == Held::Unknown) => DASH.into(),
                count => count.unwrap_or(&0).to_string().into(),
            });
            Row { name: name.into(), cells }
        };
        let mut rows = vec![
            row("claims that hold", Held::Holds),
            row("claims that do not", Held::Fails),
            row("claims without a counterpart", Held::NotThere),
        ];
        if counts.iter().any(|counts| counts.contains_key(&Held::Skipped)) {
            rows.push(row("claims the machine can't show", Held::Skipped));
        }
        let headlines = compared.iter().flat_map(|of| {
            of.headlines().map(|headline| {
                let says = format!("{} {}", of.item.number, headline.says);
                Measured { says, ..headline }
            })
        });
        self.rows(rows, Vec::new(), headlines.collect()).print(self.screen)?;
        let Machine { system, processor, cores, rust } = Machine::this();
        let cores = format!("{cores} {}", if cores == 1 { "core" } else { "cores" });
        let machine = [system, cores, processor].into_iter().filter(|part| !part.is_empty());
        self.screen.line(&clean(&machine.collect::<Vec<_>>().join(", ")))?;
        self.screen.line(&rust)?;
        for python in self.interpreters.usable() {
            self.screen.line(&clean(&format!("{python}  {}", python.path.display())))?;
        }
        // Told before the items ran, too; by now that is far up.
        for missing in self.interpreters.missing() {
            self.screen.aside(&format!("not compared: {missing}"))?;
        }
        Ok(())
    }

    /// What stands over the columns.
    fn heads(&self) -> Beside<String> {
        let head = |asked: &Result<Interpreter, Missing>| match asked {
            Ok(python) => python.head(),
            Err(missing) => missing.name().into(),
        };
        let pythons = self.interpreters.asked.iter().map(head).collect();
        Beside { rust: "Rust".into(), pythons }
    }

    fn rows(&self, claims: Vec<Row>, everywhere: Vec<Row>, figures: Vec<Measured>) -> Rows {
        let headings = self.heads().map(|head| head.clone().into());
        let is_plain = |figure: &Measured| Unit::of(figure.name) == Unit::Plain;
        let note = match self.repeat {
            1 => String::new(),
            repeat if figures.iter().any(is_plain) => {
                format!("best of {repeat}; the middle one, of numbers without a unit")
            }
            repeat => format!("best of {repeat}"),
        };
        let figures = figures.into_iter().flat_map(figure_rows).collect();
        Rows { headings, claims, everywhere, note, figures }
    }
}

/// The values that belong to each key, in the order in which the keys come first.
fn grouped<K: PartialEq, V>(pairs: impl IntoIterator<Item = (K, V)>) -> Vec<(K, Vec<V>)> {
    let mut groups = Vec::<(K, Vec<V>)>::new();
    for (key, value) in pairs {
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, values)) => values.push(value),
            None => groups.push((key, vec![value])),
        }
    }
    groups
}

/// The row of a claim and, where it fails somewhere and a program has a mended way, the row of that.
fn rows_of(claim: &Claim) -> Vec<Row> {
    let cells = claim.answers.map(cell);
    let mended = claim.mended.map(|answer| answer.as_ref().map_or_else(Cell::default, cell));
    let fails = cells.iter().chain(mended.iter()).any(|cell| cell.fails);
    let is_mended = claim.mended.iter().any(Option::is_some);
    let mut rows = vec![Row { name: claim.check.claim.into(), cells }];
    if fails && is_mended {
        rows.push(Row { name: "  mended".into(), cells: mended });
    }
    rows
}

fn cell(Answer { held, found, .. }: &Answer) -> Cell {
    // Beside whether the claim holds, a bare yes or no would read as a misprint.
    let found = if ["yes", "no"].contains(&&**found) { String::new() } else { clean(found) };
    let text = match held {
        Held::Holds => format!("{HOLDS} {found}").trim_end().to_owned(),
        Held::Fails => format!("NO  {found}").trim_end().to_owned(),
        Held::NotThere => "none".into(),
        Held::Skipped => "skipped".into(),
        Held::Unknown => DASH.into(),
    };
    Cell { text, fails: *held == Held::Fails }
}

/// The row of a figure and, where a program has a mended way, the row of that.
fn figure_rows(Measured { says, best, mended, .. }: Measured) -> Vec<Row> {
    let cells = |best: &Beside<Option<Best>>, otherwise: &str| {
        best.map(|best| match best {
            Some(Best { shown, times_rust: Some((_, ratio)), .. }) => {
                format!("{shown} {ratio}").into()
            }
            Some(Best { shown, .. }) => Cell::from(&**shown),
            None => otherwise.into(),
        })
    };
    let mut rows = vec![Row { name: says, cells: cells(&best, DASH) }];
    if mended.iter().any(Option::is_some) {
        rows.push(Row { name: "  mended".into(), cells: cells(&mended, "") });
    }
    rows
}
