//! A terminal for a program that a test runs.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use common::children::spawn;

/// What `command` writes to a terminal of so many `columns`, escape sequences and all. The terminal is
/// a pseudoterminal (POSIX, `posix_openpt`).
#[track_caller]
pub fn on_terminal(command: &mut Command, columns: u16) -> String {
    let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudoterminal");
    grantpt(&controller).expect("it is ours");
    unlockpt(&controller).expect("it can be opened");
    let name = ptsname(&controller, Vec::new()).expect("it has a name");
    let name = OsStr::from_bytes(name.as_bytes());
    let user = File::options().read(true).write(true).open(name).expect("it can be opened");
    let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&user, size).expect("it has a size");

    let other = user.try_clone().expect("a copy");
    command.stdin(Stdio::null()).stdout(user).stderr(other);
    command.env("TERM", "xterm").env("LC_ALL", "C.UTF-8");
    let mut child = spawn(command).expect("the program starts");
    // Our copies of its end: as long as there is one, the reading below sees no end.
    command.stdout(Stdio::null()).stderr(Stdio::null());

    let mut shown = Vec::new();
    // When nobody has the other end any more, this fails on Linux (EIO) and ends on macOS.
    let _ = File::from(controller).read_to_end(&mut shown);
    let shown = String::from_utf8(shown).expect("UTF-8");
    let status = child.wait().expect("it ends");
    assert!(status.success(), "{status}: {shown}");
    shown.replace("\r\n", "\n")
}
