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
mod street;
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

/// What comes of a claim of `item` where the step that it is about reports these facts.
#[cfg(test)]
fn outcome(item: &Item, claim: &str, facts: &serde_json::Value) -> crate::verdict::Outcome {
    let check = item.checks.iter().find(|check| check.claim == claim).unwrap();
    let step = serde_json::json!({ "name": check.step(), "facts": facts });
    let report = serde_json::json!({ "item": item.number, "title": "", "steps": [step] });
    check.judge(&serde_json::from_value(report).unwrap()).outcome
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_checks_of_an_item_have_the_same_step_and_claim() {
        for item in items() {
            let mut seen = BTreeSet::new();
            for check in &item.checks {
                assert!(seen.insert((check.step(), check.claim)), "{}: {check:?}", item.number);
            }
        }
    }

    #[test]
    fn a_claim_fits_its_column() {
        for item in items() {
            for check in &item.checks {
                assert!(check.claim.chars().count() <= 33, "{}: {check:?}", item.number);
            }
        }
    }
}
