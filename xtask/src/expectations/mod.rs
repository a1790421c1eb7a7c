//! What each item must report: a table for each item of everything that `verify` checks.
//!
//! Each row names a claim, the figure in the item's report, what the figure must be, and why: the
//! notes' figure, or the law it follows from. No row compares a time with another machine's; what
//! a row relies on instead is listed in CONTRIBUTING.md.

#![allow(clippy::too_many_lines, reason = "a table is as long as its item")]

mod item52;
mod item53;
mod item54;
mod item55;
mod item56;
mod item57;
mod item58;
mod item59;
mod item60;
mod item61;
mod item62;
mod item63;
mod item64;
mod witness;

use crate::judge::Item;

/// The chapter's items, in its order.
pub fn items() -> Vec<Item> {
    vec![
        item52::item(),
        item53::item(),
        item54::item(),
        item55::item(),
        item56::item(),
        item57::item(),
        item58::item(),
        item59::item(),
        item60::item(),
        item61::item(),
        item62::item(),
        item63::item(),
        item64::item(),
    ]
}
