//! What a user can ask for. A command reads its options, lets the rest of the house work, and shows what
//! came of it.

pub mod compare;
pub mod exercise;
pub mod list;
pub mod readme;
pub mod report;
mod selection;
pub mod trace;
pub mod verify;
