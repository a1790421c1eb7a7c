//! Work that may fail, and fails for one item alone.

use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::bail;

/// What a worker does to an item. The error, or a panic, fails this item, and no other.
pub type Work<'work, T> = &'work (dyn Fn(&mut T) -> anyhow::Result<()> + Sync);

/// An item that did not come through.
#[derive(Debug)]
pub struct Failure<T> {
    /// The item, as its last worker has left it.
    pub item: T,
    /// Which stage failed, and why: `resize: not a picture`.
    pub reason: anyhow::Error,
}

/// Does `work`, with its panic as an error.
pub fn attempt<T>(work: Work<'_, T>, item: &mut T) -> anyhow::Result<()> {
    // Unwind safe: an item whose work panicked goes no further than the failures.
    catch_unwind(AssertUnwindSafe(|| work(item))).unwrap_or_else(|panic| {
        // What `panic!` was called with.
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        bail!("panicked: {}", text.unwrap_or("for a reason that is no text"))
    })
}
