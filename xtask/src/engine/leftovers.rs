//! Finds what an item has started and left behind, also where it left the item's process group.

use std::process::Command;

use rustix::process::Pid;

/// The environment variable that an item's children inherit from it.
const VARIABLE: &str = "STARTED_BY_VERIFY";

/// What everything started by one run of an item carries in its environment.
#[derive(Debug)]
pub struct Mark(String);

impl Mark {
    /// Lets `command`, and what that starts, carry a mark of its own.
    pub fn put_on(command: &mut Command) -> Self {
        use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
        // Relaxed: it deals out numbers, each once.
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let mark = format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Relaxed));
        command.env(VARIABLE, &mark);
        Self(mark)
    }

    /// Ends all processes that carry the mark; says whether there were any. The item itself, whose
    /// process group was `group`, has been waited for.
    pub fn end_all_that_carry_it(&self, group: Pid) -> bool {
        system::end_all(&format!("{VARIABLE}={}", self.0), group)
    }
}

#[cfg(target_os = "linux")]
mod system {
    use std::fs;
    use std::thread::sleep;
    use std::time::Duration;

    use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

    /// Looks again until there are none: one that is about to be ended may start another.
    pub fn end_all(mark: &str, _group: Pid) -> bool {
        let mut found = false;
        for _ in 0..100 {
            if end_those_there(mark) == 0 {
                break;
            }
            found = true;
            sleep(Duration::from_millis(2));
        }
        found
    }

    /// How many there were. Opened before its environment is read, so that what is ended is what
    /// was read, even if it ends meanwhile and its number is given to another.
    fn end_those_there(mark: &str) -> usize {
        let Ok(processes) = fs::read_dir("/proc") else { return 0 };
        let ended = processes.filter_map(|entry| {
            let pid = entry.ok()?.file_name().to_str()?.parse().ok().and_then(Pid::from_raw)?;
            let process = pidfd_open(pid, PidfdFlags::empty()).ok()?;
            let environment = fs::read(format!("/proc/{}/environ", pid.as_raw_nonzero())).ok()?;
            let marked = environment.split(|byte| *byte == 0).any(|entry| entry == mark.as_bytes());
            marked.then(|| pidfd_send_signal(&process, Signal::KILL).ok()).flatten()
        });
        ended.count()
    }
}

/// Elsewhere, what has left the process group of the item can't be told.
#[cfg(not(target_os = "linux"))]
mod system {
    use rustix::process::{Pid, Signal, kill_process_group};

    /// The leader of the group has been waited for: whoever still answers was left behind.
    pub fn end_all(_mark: &str, group: Pid) -> bool {
        kill_process_group(group, Signal::KILL).is_ok()
    }
}
