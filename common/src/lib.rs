//! What every item of the workspace uses.
//!
//! - [`story`]: how an item tells its steps, their facts and figures; [`report`]: the same as JSON;
//!   [`mod@unit`]: the units of both.
//! - [`timeline`]: who ran when, recorded from many threads; [`picture`]: the same as lanes.
//! - [`timing`]: how long a block took, in wall time and in processor time; [`rounds`]: the best of
//!   several rounds, by turns.
//! - [`slow_syscall`]: a system call that really blocks, the chapter's stand-in for slow I/O;
//!   [`SilentSocket`] is what it waits for.
//! - [`witness`]: two pieces of work that are seen being computed at the same time.
//! - [`threads`]: threads and pools that are started and joined with errors.
//! - [`children`]: child processes that do not outlive the program; [`ending`]: its end by a signal.
//! - [`program`]: what the binaries share: flags, errors, exit codes; [`stdout`]: what they print.

pub mod children;
pub mod ending;
pub mod picture;
pub mod program;
pub mod report;
pub mod rounds;
pub mod stdout;
pub mod story;
mod syscall;
mod terminal;
pub mod threads;
pub mod timeline;
pub mod timing;
pub mod unit;
pub mod witness;

pub use syscall::{SilentSocket, slow_syscall};
pub use terminal::{locale, width, wrap};
