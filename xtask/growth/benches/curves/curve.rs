//! What is measured: a curve is one kind of work at growing sizes, done in several ways.

use std::time::Duration;

use common::timing::{Human, measure};
use common::unit::grouped;

/// Does the work so many times, and says how long that took.
pub type Timed = Box<dyn FnMut(u64) -> anyhow::Result<Duration>>;

/// One way to do the work.
pub struct Way {
    pub name: &'static str,
    /// No size beyond this is tried.
    pub most: u64,
    /// Prepares the work at a size.
    pub at: Box<dyn Fn(u64) -> anyhow::Result<Timed>>,
}

/// What is shown of the time that a repetition took.
#[derive(Clone, Copy)]
pub enum Shown {
    /// All of it.
    Whole,
    /// The part of each unit, for there are so many of them at a size.
    Each(fn(u64) -> u64),
    /// So many units a second.
    PerSecond(fn(u64) -> u64),
}

/// The same work at growing sizes, in several ways: the first is that of the items, and the others are
/// compared with it.
pub struct Curve {
    /// A name for files and filters.
    pub name: &'static str,
    /// What is measured.
    pub says: &'static str,
    /// What a size counts.
    pub unit: &'static str,
    pub sizes: Vec<u64>,
    pub shown: Shown,
    pub ways: Vec<Way>,
    /// What a line of the table ought to say, or how it is to be read.
    pub note: &'static str,
}

/// A way without a limit of its own.
pub fn way<W>(name: &'static str, at: impl Fn(u64) -> anyhow::Result<W> + 'static) -> Way
where
    W: FnMut(u64) -> anyhow::Result<Duration> + 'static,
{
    let at = move |size| Ok(Box::new(at(size)?) as Timed);
    Way { name, most: u64::MAX, at: Box::new(at) }
}

/// Work that is timed from outside.
pub fn repeated(
    mut work: impl FnMut() -> anyhow::Result<()>,
) -> impl FnMut(u64) -> anyhow::Result<Duration> {
    move |times| {
        let (outcome, elapsed) = measure(|| (0..times).try_for_each(|_| work()));
        outcome.map(|()| elapsed)
    }
}

impl Way {
    pub fn up_to(self, most: u64) -> Self {
        Self { most, ..self }
    }
}

impl Shown {
    /// What is told of a repetition at `size` that took so many seconds.
    pub fn tell(self, seconds: f64, size: u64) -> String {
        let time = |seconds: f64| Human::from_nanoseconds(seconds * 1e9).to_string();
        match self {
            Self::Whole => time(seconds),
            Self::Each(units) => time(seconds / units(size) as f64),
            Self::PerSecond(units) => format!("{}/s", rounded(units(size) as f64 / seconds)),
        }
    }
}

/// A rate with three digits that count, which are more than such figures deserve.
fn rounded(value: f64) -> String {
    let scale = 10_f64.powf((value.log10().floor() - 2.0).max(0.0));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive rate")]
    let rounded = ((value / scale).round() * scale) as u64;
    grouped(&rounded.to_string())
}
