//! The table: what there is to write, in the order of the chapter.

mod item52;
mod item53;
mod item54;
mod item55;
mod item56to60;
mod item61;
mod item62to64;

use crate::Exercise;

/// All exercises.
pub fn exercises() -> impl Iterator<Item = &'static Exercise> {
    let all: [&[Exercise]; 7] = [
        &item52::EXERCISES,
        &item53::EXERCISES,
        &item54::EXERCISES,
        &item55::EXERCISES,
        &item56to60::EXERCISES,
        &item61::EXERCISES,
        &item62to64::EXERCISES,
    ];
    all.into_iter().flatten()
}
