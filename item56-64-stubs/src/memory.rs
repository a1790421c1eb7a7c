//! How much memory this process has: what a thread costs (item 57) beside a task (item 60).

use std::fs;

use common::story::Step;

/// What the kernel knows of this process, on Linux.
///
/// It counts what the process can address. For each thread the kernel keeps memory of its own as
/// well (a stack of 16 KiB on most machines), which is not in here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Address space that has been promised to the process. Pages that nobody has written to cost
    /// nothing yet.
    pub reserved_bytes: u64,
    /// Memory that it uses.
    pub resident_bytes: u64,
    /// How many threads it has.
    pub threads: u64,
}

impl Memory {
    /// The figures of this moment; `None` where there is no `/proc/self/status` (proc(5)).
    pub fn now() -> Option<Self> {
        Self::parse(&fs::read_to_string("/proc/self/status").ok()?)
    }

    fn parse(status: &str) -> Option<Self> {
        let figure = |name: &str| -> Option<u64> {
            let value = status.lines().find_map(|line| line.strip_prefix(name))?;
            value.trim_end_matches("kB").trim().parse().ok()
        };
        Some(Self {
            reserved_bytes: figure("VmSize:")? * 1024,
            resident_bytes: figure("VmRSS:")? * 1024,
            threads: figure("Threads:")?,
        })
    }
}

/// Reports what each of `units` (threads or tasks) that came between the first and the second moment
/// costs, and how many threads there were then. Where that can't be known, the facts say so instead.
pub fn tell_cost_of_each(step: &Step<'_>, moments: [Option<Memory>; 2], units: usize) {
    if let [Some(before), Some(during)] = moments {
        // Memory may be given back meanwhile.
        let each = |before, during: u64| during.saturating_sub(before) / units.max(1) as u64;
        step.fact("threads_of_process", during.threads);
        step.fact("reserved_bytes_each", each(before.reserved_bytes, during.reserved_bytes));
        step.fact("resident_bytes_each", each(before.resident_bytes, during.resident_bytes));
    } else {
        for name in ["threads_of_process", "reserved_bytes_each", "resident_bytes_each"] {
            step.fact(name, "known on Linux only");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_are_found_among_the_lines_of_proc_status() {
        let status = "Name:\tlife\nVmPeak:\t 9999 kB\nVmSize:\t 3000 kB\nVmRSS:\t   11 kB\n\
                      Threads:\t1001\n";
        let found =
            Memory { reserved_bytes: 3000 * 1024, resident_bytes: 11 * 1024, threads: 1_001 };
        assert_eq!(Memory::parse(status), Some(found));
        assert_eq!(Memory::parse("Name:\tlife\n"), None);
    }
}
