//! Item 62: mix threads and coroutines to ease the transition to asyncio.
//!
//! Five logs grow, and a program merges their lines into one file. It is ported in two steps:
//!
//! 1. [`threads`]: a thread follows each log; a lock guards the merged file.
//! 2. [`mixed`]: the same followers, as blocking calls in tokio's pool; a task owns the file.
//! 3. [`tasks`]: the followers are tasks, too.
//!
//! All three follow a [`logs::Log`], and use [`lines`] to make whole lines of what has been read. Beside
//! the versions, [`trial`] lets one run and counts what became of the lines, and [`folder`] makes the place
//! where the logs lie.

pub mod folder;
pub mod lines;
pub mod logs;
pub mod mixed;
pub mod settings;
pub mod tasks;
pub mod threads;
pub mod trial;
