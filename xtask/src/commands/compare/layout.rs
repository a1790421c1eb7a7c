//! Rows and columns: as many interpreters side by side as the terminal has room for.

use common::stdout::StdoutFailed;

use crate::comparison::Beside;
use crate::output::screen::{ASIDE, FAIL, Screen};
use crate::text::{columns, short};

/// What a column takes at most where several interpreters share the line.
const MOST: usize = 16;
const GAP: usize = 2;

pub const HOLDS: &str = "yes";
/// Where nothing is known.
pub const DASH: &str = "-";

/// A name, and a cell for each program.
pub struct Row {
    pub name: String,
    pub cells: Beside<Cell>,
}

#[derive(Clone, Default)]
pub struct Cell {
    pub text: String,
    /// It stands out.
    pub fails: bool,
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self { text: text.into(), fails: false }
    }
}

/// What a table shows.
pub struct Rows {
    /// Over the columns.
    pub headings: Beside<Cell>,
    pub claims: Vec<Row>,
    /// Claims that hold in all programs.
    pub everywhere: Vec<Row>,
    /// Over the figures.
    pub note: String,
    pub figures: Vec<Row>,
}

impl Rows {
    /// Prints claims and figures. Where not all interpreters fit side by side, blocks of some of
    /// them stand below each other, and what holds everywhere stands once at the end.
    pub fn print(self, screen: &Screen) -> Result<(), StdoutFailed> {
        let Self { headings, claims, everywhere, note, figures } = self;
        let headings = Row { name: String::new(), cells: headings };
        let rows = || [&headings].into_iter().chain(&claims).chain(&everywhere).chain(&figures);
        let widest = |texts: &mut dyn Iterator<Item = &str>| texts.map(columns).max().unwrap_or(0);
        let most = |room: usize, columns: usize| (room / columns).saturating_sub(GAP).max(MOST);
        let pythons = headings.cells.pythons.len();

        let name = widest(&mut rows().map(|row| &*row.name)).max(20);
        let room = screen.width.saturating_sub(name);
        let rust = widest(&mut rows().map(|row| &*row.cells.rust.text));
        let rust = rust.min(most(room, 1 + pythons));
        let room = room.saturating_sub(GAP + rust);
        let cells = rows().flat_map(|row| &row.cells.pythons);
        let python = widest(&mut cells.map(|cell| &*cell.text)).min(most(room, pythons));

        let at_once = (room / (python + GAP)).max(1);
        let blocks = pythons.div_ceil(at_once);
        let in_a_block = pythons.div_ceil(blocks);
        for first in (0..pythons).step_by(in_a_block) {
            let block = first..pythons.min(first + in_a_block);
            let print = |row: &Row| {
                let cells = [(&row.cells.rust, rust)].into_iter();
                let pythons = row.cells.pythons[block.clone()].iter().map(|cell| (cell, python));
                screen.line(&line(&row.name, name, cells.chain(pythons)))
            };
            print(&headings)?;
            claims.iter().try_for_each(print)?;
            if blocks == 1 {
                everywhere.iter().try_for_each(print)?;
            }
            if !figures.is_empty() && !note.is_empty() {
                screen.line(&format!("{ASIDE}{note}{ASIDE:#}"))?;
            }
            figures.iter().try_for_each(print)?;
        }
        if blocks > 1 && !everywhere.is_empty() {
            let print = |row_name: &str, rusts: &Cell, all: &Cell| {
                screen.line(&line(row_name, name, [(rusts, rust), (all, room - GAP)].into_iter()))
            };
            print("", &headings.cells.rust, &"Python, all".into())?;
            for Row { name, cells } in &everywhere {
                print(name, &cells.rust, &summed_up(&cells.pythons))?;
            }
        }
        Ok(())
    }
}

/// A name and cells, each in a column of some width.
fn line<'a>(name: &str, width: usize, cells: impl Iterator<Item = (&'a Cell, usize)>) -> String {
    let mut line = short(name, width);
    let mut gap = width + GAP - columns(&line);
    for (Cell { text, fails }, width) in cells {
        let text = short(text, width);
        let after = width + GAP - columns(&text);
        if text.is_empty() {
            gap += after;
            continue;
        }
        let cell = if *fails { format!("{FAIL}{text}{FAIL:#}") } else { text };
        line.extend([" ".repeat(gap), cell]);
        gap = after;
    }
    line
}

/// What was found under any of the interpreters, of a claim that holds under all of them.
fn summed_up(pythons: &[Cell]) -> Cell {
    let mut different: Vec<&str> = Vec::new();
    for cell in pythons.iter().filter(|cell| cell.text != DASH) {
        let found = cell.text.strip_prefix(HOLDS).unwrap_or(&cell.text).trim_start();
        if !different.contains(&found) {
            different.push(found);
        }
    }
    let found = format!("{HOLDS} {}", different.join(", "));
    if different.is_empty() { DASH.into() } else { found.trim_end().into() }
}
