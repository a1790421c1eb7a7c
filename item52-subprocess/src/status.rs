//! How a child ended.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// The exit status in Python's way (`Popen.returncode`): the exit code, or, when a signal ended
/// the child, the number of the signal, negative.
///
/// ```
/// use std::os::unix::process::ExitStatusExt;
/// use std::process::ExitStatus;
/// use item52_subprocess::exit_status;
///
/// // As wait(2) encodes them: an exit code in the second byte, a signal in the first.
/// assert_eq!(exit_status(ExitStatus::from_raw(3 << 8)), 3);
/// assert_eq!(exit_status(ExitStatus::from_raw(15)), -15);
/// ```
pub fn exit_status(status: ExitStatus) -> i32 {
    let ended_by = || status.signal().map(|signal| -signal);
    status.code().or_else(ended_by).expect("a child that has ended exited or was ended by a signal")
}
