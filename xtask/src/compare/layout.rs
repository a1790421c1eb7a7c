//! Rows and columns: as many interpreters side by side as the terminal has room for.

use common::stdout::StdoutFailed;

use crate::table::{FAIL, Table, short};

/// What a column takes at most where several interpreters share the line.
const MOST: usize = 16;
const GAP: usize = 2;

pub const HOLDS: &str = "yes";
/// Where nothing is known.
pub const DASH: &str = "-";

/// A name, and a cell for each program: Rust's first.
pub struct Row {
    pub name: String,
    pub cells: Vec<Cell>,
}

#[derive(Clone, Default)]
pub struct Cell {
    pub text: String,
    /// It stands out.
    pub fails: bool,
}

impl Row {
    /// A row in which nothing stands out.
    pub fn plain(name: impl Into<String>, cells: impl IntoIterator<Item = String>) -> Self {
        let cell = |text| Cell { text, fails: false };
        Self { name: name.into(), cells: cells.into_iter().map(cell).collect() }
    }
}

/// What a table shows.
pub struct Rows {
    /// Over the columns.
    pub headings: Vec<String>,
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
    pub fn print(&self, table: &Table) -> Result<(), StdoutFailed> {
        let Self { headings, claims, everywhere, note, figures } = self;
        let pythons: Vec<usize> = (1..headings.len()).collect();
        let name = self.all().map(|row| wide(&row.name)).max().unwrap_or(0).max(20);
        let most = |room: usize, columns: usize| (room / columns).saturating_sub(GAP).max(MOST);
        let room = table.width().saturating_sub(name);
        let rust = self.widest(&[0]).min(most(room, headings.len()));
        let room = room.saturating_sub(GAP + rust);
        let python = self.widest(&pythons).min(most(room, pythons.len()));
        let columns = Columns { name, rust, python };

        let at_once = (room / (python + GAP)).max(1);
        let blocks = pythons.len().div_ceil(at_once);
        for block in pythons.chunks(pythons.len().div_ceil(blocks)) {
            let print = |row: &Row| columns.print(table, row, block);
            print(&Row::plain("", headings.clone()))?;
            claims.iter().try_for_each(print)?;
            if blocks == 1 {
                everywhere.iter().try_for_each(print)?;
            }
            if !figures.is_empty() && !note.is_empty() {
                table.note(note)?;
            }
            figures.iter().try_for_each(print)?;
        }
        if blocks > 1 && !everywhere.is_empty() {
            let columns = Columns { python: room - GAP, ..columns };
            let print = |row: &Row| columns.print(table, row, &[1]);
            print(&Row::plain("", [headings[0].clone(), "Python, all".into()]))?;
            everywhere.iter().map(summed_up).try_for_each(|row| print(&row))?;
        }
        Ok(())
    }

    fn all(&self) -> impl Iterator<Item = &Row> {
        self.claims.iter().chain(&self.everywhere).chain(&self.figures)
    }

    fn widest(&self, columns: &[usize]) -> usize {
        let cells = |row: &Row| columns.iter().map(|at| wide(&row.cells[*at].text)).max();
        let headings = columns.iter().map(|at| wide(&self.headings[*at]));
        self.all().filter_map(cells).chain(headings).max().unwrap_or(0)
    }
}

/// How wide they are.
struct Columns {
    name: usize,
    rust: usize,
    python: usize,
}

impl Columns {
    /// A line with Rust's cell and those of a block.
    fn print(&self, table: &Table, row: &Row, block: &[usize]) -> Result<(), StdoutFailed> {
        let rusts = [(0, self.rust)].into_iter();
        let cells = rusts.chain(block.iter().map(|at| (*at, self.python)));
        let (mut line, mut gap) = (String::new(), 0);
        let mut add = |text: &str, width: usize, fails: bool| {
            let text = short(text, width);
            let blanks = " ".repeat(gap);
            gap = width + GAP - wide(&text);
            if text.is_empty() {
                gap += blanks.len();
            } else if fails {
                line.extend([blanks, format!("{FAIL}{text}{FAIL:#}")]);
            } else {
                line.extend([blanks, text]);
            }
        };
        add(&row.name, self.name, false);
        for (at, width) in cells {
            add(&row.cells[at].text, width, row.cells[at].fails);
        }
        table.line(&line)
    }
}

fn wide(text: &str) -> usize {
    text.chars().count()
}

/// A row that holds under all interpreters, with what was found under any.
fn summed_up(row: &Row) -> Row {
    let [rust, pythons @ ..] = &row.cells[..] else { unreachable!("Rust has a column") };
    let mut different: Vec<&str> = Vec::new();
    for cell in pythons.iter().filter(|cell| cell.text != DASH) {
        let found = cell.text.strip_prefix(HOLDS).unwrap_or(&cell.text).trim_start();
        if !different.contains(&found) {
            different.push(found);
        }
    }
    let found = format!("{HOLDS} {}", different.join(", "));
    let found = if different.is_empty() { DASH.into() } else { found };
    Row::plain(row.name.clone(), [rust.text.clone(), found])
}
