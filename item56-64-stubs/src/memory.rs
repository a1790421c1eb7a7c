//! How much memory this process has: what a thread costs (item 57) beside a task (item 60).

use std::fs;

/// What a figure of [`Memory`] reads where there is none.
pub const UNKNOWN: &str = "known on Linux only";

/// What the kernel knows of this process, on Linux.
///
/// It counts what the process can address. For each thread the kernel keeps memory of its own as
/// well (a stack of 16 KiB on most machines), which is not in here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Address space that has been reserved, in KiB. Pages that nobody has written to cost
    /// nothing yet.
    pub reserved_kib: u64,
    /// Memory that is in use, in KiB.
    pub resident_kib: u64,
    /// How many threads the process has.
    pub threads: u64,
}

impl Memory {
    /// The figures of this moment; `None` where there is no `/proc/self/status` (proc(5)).
    ///
    /// ```
    /// if let Some(memory) = life::memory::Memory::now() {
    ///     assert!(memory.reserved_kib > memory.resident_kib);
    ///     assert!(memory.threads >= 1);
    /// }
    /// ```
    pub fn now() -> Option<Self> {
        Self::parse(&fs::read_to_string("/proc/self/status").ok()?)
    }

    fn parse(status: &str) -> Option<Self> {
        let figure = |name: &str| -> Option<u64> {
            let value = status.lines().find_map(|line| line.strip_prefix(name))?;
            value.trim_end_matches("kB").trim().parse().ok()
        };
        Some(Self {
            reserved_kib: figure("VmSize:")?,
            resident_kib: figure("VmRSS:")?,
            threads: figure("Threads:")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_are_found_among_the_lines_of_proc_status() {
        let status = "Name:\tlife\nVmPeak:\t 9999 kB\nVmSize:\t 3050548 kB\nVmRSS:\t   11804 kB\n\
                      Threads:\t1001\n";
        let found = Memory { reserved_kib: 3_050_548, resident_kib: 11_804, threads: 1_001 };
        assert_eq!(Memory::parse(status), Some(found));
        assert_eq!(Memory::parse("Name:\tlife\n"), None);
    }
}
