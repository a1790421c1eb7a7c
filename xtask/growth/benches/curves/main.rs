//! How cost grows with size, beside other ways to do the same. `cargo bench -p growth` starts this.
//!
//! - [`curve`]: what is measured, the same for both ways to show it: [`charts`] by criterion, [`table`].
//! - One file for each item; [`memory`] has what is no time.

mod charts;
mod curve;
mod generation;
mod lock;
mod memory;
mod mix;
mod parallel;
mod port;
mod programs;
mod queue;
mod subprocess;
mod table;
mod waits;

// Items 57 to 60 are programs without a library. What makes a generation is compiled here as the file that it
// is; these files find each other by their names.
#[allow(dead_code)]
#[path = "../../../../item56-64-stubs/item60-coroutines/src/calls.rs"]
mod calls;
#[path = "../../../../item56-64-stubs/item59-pool/src/step.rs"]
mod pool_step;
#[path = "../../../../item56-64-stubs/item58-queue/src/step.rs"]
mod step;
#[path = "../../../../item56-64-stubs/item60-coroutines/src/step.rs"]
mod task_step;
#[path = "../../../../item56-64-stubs/item57-fan-out/src/step.rs"]
mod thread_step;
#[path = "../../../../item56-64-stubs/item58-queue/src/workers.rs"]
mod workers;

use std::env;
use std::process::ExitCode;

use criterion::Criterion;

use curve::Curve;

/// How much is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effort {
    /// With `--test`: the smallest size of each curve, once.
    Least,
    /// What takes minutes.
    Usual,
    /// With `GROWTH_LARGE` set: the largest sizes, too.
    Large,
}

impl Effort {
    fn wanted() -> Self {
        if env::args().any(|argument| argument == "--test") {
            Self::Least
        } else if env::var_os("GROWTH_LARGE").is_some() {
            Self::Large
        } else {
            Self::Usual
        }
    }
}

/// The sizes that are measured.
fn sizes<T: Clone>(usual: &[T], large: &[T]) -> Vec<T> {
    match Effort::wanted() {
        Effort::Least => vec![usual[0].clone()],
        Effort::Usual => usual.to_vec(),
        Effort::Large => [usual, large].concat(),
    }
}

/// All curves, in the order of the items.
fn curves() -> Vec<Curve> {
    let mut curves = subprocess::stages();
    curves.extend([
        subprocess::children_at_once(),
        waits::slow_calls(),
        waits::spans(),
        lock::increments(),
        queue::pipelines(),
        queue::bounds(),
        generation::generations(),
        port::games(),
        mix::lines(),
        parallel::speed_up(),
        parallel::trips(),
    ]);
    curves
}

fn main() -> ExitCode {
    if env::args().any(|argument| argument == "--table") {
        return match print_tables() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("error: {error:#}");
                ExitCode::FAILURE
            }
        };
    }
    let mut criterion = Criterion::default().configure_from_args();
    for curve in curves() {
        charts::draw(&mut criterion, &curve);
    }
    criterion.final_summary();
    ExitCode::SUCCESS
}

/// Prints the tables whose names contain a word that was asked for, or all.
fn print_tables() -> anyhow::Result<()> {
    let wanted: Vec<String> = env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let is_wanted =
        |name: &str| wanted.is_empty() || wanted.iter().any(|word| name.contains(&**word));
    for curve in curves().iter().filter(|curve| is_wanted(curve.name)) {
        table::print(curve, Effort::wanted())?;
    }
    if is_wanted("memory") {
        memory::print()?;
    }
    Ok(())
}
