//! `--table`: a line for each size, with the ways beside each other.

use std::time::{Duration, Instant};

use common::stdout::print_line;
use common::unit::grouped;

use crate::Effort;
use crate::curve::{Curve, Shown, Timed};

/// How often each way is measured at each size, by turns; the median counts.
const ROUNDS: usize = 9;

/// How long a round takes at least, if the work can be repeated.
const ROUND: Duration = Duration::from_millis(30);

/// A size takes no longer than this, if that leaves three rounds.
const PATIENCE: Duration = Duration::from_secs(8);

/// A way at one size.
struct Column {
    work: Timed,
    times: u64,
    /// The seconds of a repetition, in each round.
    took: Vec<f64>,
}

/// Prints the table of `curve`.
///
/// # Errors
///
/// Fails where the first way does. That another one can't be measured is told, and with `--test` it fails, too.
pub fn print(curve: &Curve, effort: Effort) -> anyhow::Result<()> {
    print_line(&format!("{}: {}", curve.name, curve.says))?;
    let names = curve.ways.iter().map(|way| way.name.to_owned());
    let mut rows = vec![[curve.unit.to_owned()].into_iter().chain(names).collect()];
    let mut reasons = Vec::new();
    for &size in &curve.sizes {
        let mut columns = Vec::new();
        for (n, way) in curve.ways.iter().enumerate() {
            let column = if size > way.most { Ok(None) } else { prepare(&way.at, size, effort) };
            match column {
                Err(error) if n > 0 && effort != Effort::Least => {
                    reasons.push(format!("  not measured: {} at {size}: {error:#}", way.name));
                    columns.push(None);
                }
                column => columns.push(column?),
            }
        }
        measure_by_turns(&mut columns, effort)?;
        rows.push(row(size, columns, curve.shown));
    }
    print_rows(&rows)?;
    reasons.iter().try_for_each(|reason| print_line(reason))?;
    print_line(&format!("  {}\n", curve.note))?;
    Ok(())
}

/// Prints rows of cells in columns that are as wide as their widest cell.
pub fn print_rows(rows: &[Vec<String>]) -> anyhow::Result<()> {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    for row in rows {
        let cells = row.iter().enumerate();
        let cells =
            cells.map(|(n, cell)| format!("  {cell:>width$}", width = width(n).unwrap_or(0)));
        print_line(&cells.collect::<String>())?;
    }
    Ok(())
}

/// A first repetition, of which nothing is told, says how many make a round.
fn prepare(
    at: &dyn Fn(u64) -> anyhow::Result<Timed>,
    size: u64,
    effort: Effort,
) -> anyhow::Result<Option<Column>> {
    let mut work = at(size)?;
    let start = Instant::now();
    work(1)?;
    // From outside: what a way says of itself may leave out what it takes to set it up.
    let elapsed = start.elapsed().max(Duration::from_nanos(1));
    let wanted = if effort == Effort::Least { 1 } else { ROUND.as_nanos() / elapsed.as_nanos() };
    let times = u64::try_from(wanted)?;
    Ok(Some(Column { work, times: times.clamp(1, 1_000_000), took: Vec::new() }))
}

fn measure_by_turns(columns: &mut [Option<Column>], effort: Effort) -> anyhow::Result<()> {
    let start = Instant::now();
    for round in 0..if effort == Effort::Least { 1 } else { ROUNDS } {
        if round >= 3 && start.elapsed() > PATIENCE {
            break;
        }
        for Column { work, times, took } in columns.iter_mut().flatten() {
            took.push(work(*times)?.as_secs_f64() / *times as f64);
        }
    }
    Ok(())
}

/// What is shown of a size: the first way, and the others beside it.
fn row(size: u64, columns: Vec<Option<Column>>, shown: Shown) -> Vec<String> {
    let medians = columns.into_iter().map(|column| {
        let mut took = column?.took;
        took.sort_by(f64::total_cmp);
        Some(took[took.len() / 2])
    });
    let medians: Vec<Option<f64>> = medians.collect();
    let cell = |(n, median): (usize, &Option<f64>)| match (median, medians[0]) {
        (None, _) => "-".to_owned(),
        (Some(took), Some(first)) if n > 0 => {
            format!("{} × {:.2}", shown.tell(*took, size), took / first)
        }
        (Some(took), _) => shown.tell(*took, size),
    };
    [grouped(&size.to_string())].into_iter().chain(medians.iter().enumerate().map(cell)).collect()
}
