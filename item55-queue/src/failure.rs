//! Work that may fail, and fails for one item alone.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::anyhow;

/// What a worker does to an item. The error, or a panic, fails this item, and no other.
pub type Work<'work, T> = &'work (dyn Fn(&mut T) -> anyhow::Result<()> + Sync);

/// An item that did not come through.
#[derive(Debug)]
pub struct Failure<T> {
    /// The item, as its last worker has left it.
    pub item: T,
    /// The stage that failed.
    pub stage: &'static str,
    /// Why.
    pub reason: anyhow::Error,
}

impl<T> fmt::Display for Failure<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:#}", self.stage, self.reason)
    }
}

/// Does `work`, with its panic as an error.
///
/// # Errors
///
/// Fails when the work does.
pub fn attempt<T>(work: Work<'_, T>, item: &mut T) -> anyhow::Result<()> {
    // Unwind safe: an item whose work panicked goes no further than the failures.
    catch_unwind(AssertUnwindSafe(|| work(item)))
        .unwrap_or_else(|panic| Err(anyhow!("panicked: {}", message(&*panic))))
}

/// What `panic!` was called with.
fn message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("for a reason that is no text")
}
