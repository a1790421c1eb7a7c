//! What every item of the workspace uses.
//!
//! - [`timing`]: how long a block took, in wall time and in processor time.
//! - [`slow_syscall`]: a system call that really blocks, the chapter's stand-in for slow I/O;
//!   [`SilentSocket`] is what it waits for.
//! - [`timeline`]: who ran when, recorded from many threads and drawn as lanes.
//! - [`report`]: the facts an item found, told to a person or written as JSON.
//! - [`contract`]: what every binary promises, for the tests.
//! - [`program`]: what the binaries share: flags, errors, exit codes, the end by a signal.

pub mod contract;
pub mod program;
pub mod report;
mod syscall;
mod terminal;
pub mod timeline;
pub mod timing;

pub use syscall::{SilentSocket, slow_syscall};
