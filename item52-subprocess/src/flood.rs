//! How a child comes to wait for ever: its pipe is full, and nobody reads from it.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Context;
use common::children::{spawn, start_captured};
use duct::cmd;

use crate::exit_status;
use crate::timeout::wait_or_terminate;

/// How many bytes the child writes: more than a pipe holds, on any system.
pub const FLOOD: u64 = 1 << 20;

/// Waits for the child, for `timeout` at most, without reading what it writes. The child is this
/// program, `me`. Returns the child's status, and how many bytes had found room in the pipe.
pub fn flood_unread(me: &Path, timeout: Duration) -> anyhow::Result<(i32, u64)> {
    let flood = spawn(Command::new(me).arg("flood").stdout(Stdio::piped()));
    let mut flood = flood.context("cannot start a child")?;
    let mut pipe = flood.take_stdout().context("the child has no pipe")?;
    let status = wait_or_terminate(&mut flood, timeout)?;
    Ok((status, io::copy(&mut pipe, &mut io::sink()).context("cannot read from a child")?))
}

/// Reads while it waits, and returns the child's status and how many bytes it read.
pub fn flood_read(me: &Path) -> anyhow::Result<(i32, usize)> {
    let mut flood = start_captured(cmd!(me, "flood")).context("cannot start a child")?;
    let output = flood.wait_with_output().context("a child failed")?;
    Ok((exit_status(output.status), output.stdout.len()))
}
