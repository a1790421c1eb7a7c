//! Item 62: mix threads and coroutines to ease the transition to asyncio.
//!
//! Five logs grow, and a program merges their lines into one file. It is ported in two steps:
//!
//! 1. [`threads`]: a thread follows each log; a lock guards the merged file.
//! 2. [`mixed`]: the same followers, as blocking calls in tokio's pool; a task owns the file.
//! 3. [`tasks`]: the followers are tasks, too.
//!
//! All three use [`lines`], which makes whole lines of what has been read, and follow a
//! [`logs::Log`]. That is the item. Beside it: [`trial`] lets a version run and counts what became of
//! the lines, and [`folder`] is where the logs lie.

pub mod folder;
pub mod lines;
pub mod logs;
pub mod mixed;
pub mod settings;
pub mod tasks;
pub mod threads;
pub mod trial;
