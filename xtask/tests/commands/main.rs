//! The commands of `cargo xtask`, each as a user runs it: by its binary.
//!
//! Most run `own-table`, which has one item, 9 `misbehave`, and a table of four checks for it.

mod compare;
#[cfg(target_os = "linux")]
mod ends;
mod helpers;
#[cfg(target_os = "linux")]
mod limits;
mod pages;
mod python;
mod readme;
mod verify;
