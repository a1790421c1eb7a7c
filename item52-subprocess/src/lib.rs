//! Item 52: use subprocess to manage child processes.
//!
//! - [`Children`] starts child processes and sees to it that each one is ended and waited for,
//!   whatever happens to this program.
//! - [`encrypt`] and [`hash`] are what the children of the pipelines do, as streams.
//! - [`exit_status`] tells how a child ended, in Python's numbers.

mod children;
mod stages;
mod status;

pub use children::{Child, Children, Running};
pub use stages::{Salt, encrypt, hash};
pub use status::exit_status;
