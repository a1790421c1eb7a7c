//! How long things take: every item of the chapter measures itself with these.

use std::fmt;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// Runs `work` and returns its value together with the wall time it took.
///
/// ```
/// let (sum, elapsed) = common::timing::measure(|| (1..=10).sum::<u32>());
/// assert_eq!(sum, 55);
/// assert!(elapsed.as_secs() < 60);
/// ```
pub fn measure<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let value = work();
    (value, start.elapsed())
}

/// The processor time that this process has used so far, summed over its threads.
///
/// Divided by wall time it says how many cores were busy. A loaded machine makes wall time
/// longer, but it cannot add to this clock (`clock_gettime(2)`, `CLOCK_PROCESS_CPUTIME_ID`).
pub fn process_cpu_time() -> Duration {
    read_clock(ClockId::ProcessCPUTime)
}

/// The processor time that the calling thread has used so far (`CLOCK_THREAD_CPUTIME_ID`).
///
/// A thread that waits in the kernel uses next to none; one that polls uses all it can get.
pub fn thread_cpu_time() -> Duration {
    read_clock(ClockId::ThreadCPUTime)
}

fn read_clock(clock: ClockId) -> Duration {
    Duration::try_from(clock_gettime(clock)).expect("processor time is never negative")
}

/// The system's monotonic clock, in nanoseconds since a moment that all processes of the machine
/// share (`CLOCK_MONOTONIC`). An [`Instant`] is the same clock, but can't be sent to another process.
pub fn monotonic_ns() -> u64 {
    // 64 bits last for 584 years.
    u64::try_from(read_clock(ClockId::Monotonic).as_nanos()).unwrap_or(u64::MAX)
}

/// The [`Instant`] at which [`monotonic_ns`] was `ns`. The two clocks are compared once, so that of two
/// such moments, whoever noted them, the later one stays the later by as much.
pub fn instant_of(ns: u64) -> Instant {
    static COMPARED: LazyLock<(Instant, u64)> = LazyLock::new(|| (Instant::now(), monotonic_ns()));
    let (instant, then) = *COMPARED;
    let difference = Duration::from_nanos(ns.abs_diff(then));
    let shifted =
        if ns < then { instant.checked_sub(difference) } else { instant.checked_add(difference) };
    shifted.unwrap_or(instant)
}

/// Prints a duration the way a person says it: three significant digits, a fitting unit.
///
/// ```
/// use std::time::Duration;
/// use common::timing::Human;
///
/// assert_eq!(Human::from(Duration::from_millis(1_042)).to_string(), "1.04 s");
/// assert_eq!(Human::from(Duration::from_micros(101_200)).to_string(), "101 ms");
/// assert_eq!(Human::from_nanoseconds(2.534).to_string(), "2.53 ns");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Human {
    nanoseconds: f64,
}

impl Human {
    /// For a mean of many durations, which need not be whole.
    pub fn from_nanoseconds(nanoseconds: f64) -> Self {
        Self { nanoseconds }
    }
}

impl From<Duration> for Human {
    fn from(duration: Duration) -> Self {
        Self::from_nanoseconds(duration.as_nanos() as f64)
    }
}

impl fmt::Display for Human {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Half a unit in the third digit below the next unit already reads as that unit.
        let (value, unit) = match self.nanoseconds {
            n if n < 999.5 => (n, "ns"),
            n if n < 999.5e3 => (n / 1e3, "µs"),
            n if n < 999.5e6 => (n / 1e6, "ms"),
            n => (n / 1e9, "s"),
        };
        write!(f, "{} {unit}", three_digits(value))
    }
}

/// A number with three significant digits, or all that stand before its point.
///
/// ```
/// use common::timing::three_digits;
///
/// assert_eq!(three_digits(1.7349), "1.73");
/// assert_eq!(three_digits(0.00512), "0.00512");
/// assert_eq!(three_digits(1286.4), "1286");
/// assert_eq!(three_digits(2.0), "2");
/// ```
pub fn three_digits(value: f64) -> String {
    let mut size = value.abs();
    let mut decimals = match size {
        v if v >= 99.95 || v == 0.0 => 0,
        v if v >= 9.995 => 1,
        _ => 2,
    };
    // A digit more for each zero behind the point, as far as anyone would read.
    while size < 0.9995 && (3..8).contains(&(decimals + 1)) {
        size *= 10.0;
        decimals += 1;
    }
    let digits = format!("{value:.decimals$}");
    match digits.split_once('.') {
        Some(_) => digits.trim_end_matches('0').trim_end_matches('.').to_owned(),
        None => digits,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_a_person_says_them() {
        for (nanoseconds, said) in [
            (0, "0 ns"),
            (999, "999 ns"),
            (1_000, "1 µs"),
            (37_000, "37 µs"),
            (37_250, "37.2 µs"),
            (999_499, "999 µs"),
            (999_500, "1 ms"),
            (1_094_000, "1.09 ms"),
            (9_996_000, "10 ms"),
            (100_000_000, "100 ms"),
            (999_499_999, "999 ms"),
            (999_500_000, "1 s"),
            (1_500_000_000, "1.5 s"),
            (35_240_000_000, "35.2 s"),
            (1_234_000_000_000, "1234 s"),
        ] {
            assert_eq!(Human::from(Duration::from_nanos(nanoseconds)).to_string(), said);
        }
        assert_eq!(Human::from_nanoseconds(999.5).to_string(), "1 µs");
    }

    #[test]
    fn numbers_have_three_digits_and_no_noughts_behind_them() {
        for (value, said) in [
            (0.0, "0"),
            (-1.5, "-1.5"),
            (9.994, "9.99"),
            (9.995, "10"),
            (99.94, "99.9"),
            (99.95, "100"),
            (1234.5, "1234"),
            (0.9994, "0.999"),
            (0.9996, "1"),
            (0.012_345, "0.0123"),
            (0.000_001_234, "0.0000012"),
        ] {
            assert_eq!(three_digits(value), said, "{value}");
        }
    }

    #[test]
    fn a_measured_block_returns_its_value_and_its_duration() {
        let slept = Duration::from_millis(5);
        let (value, elapsed) = measure(|| {
            std::thread::sleep(slept);
            42
        });
        assert_eq!(value, 42);
        assert!(elapsed >= slept);
    }

    #[test]
    fn a_sleeping_thread_uses_less_processor_time_than_wall_time() {
        let before = thread_cpu_time();
        let ((), elapsed) = measure(|| std::thread::sleep(Duration::from_millis(20)));
        assert!(thread_cpu_time() - before < elapsed / 2);
    }

    #[test]
    fn a_busy_thread_shows_in_the_processor_time_of_the_process() {
        let (process, thread) = (process_cpu_time(), thread_cpu_time());
        while thread_cpu_time() - thread < Duration::from_millis(2) {}
        assert!(process_cpu_time() - process >= Duration::from_millis(2));
    }

    #[test]
    fn the_monotonic_clock_goes_on_by_what_a_sleep_takes() {
        let before = monotonic_ns();
        std::thread::sleep(Duration::from_millis(2));
        assert!(monotonic_ns() - before >= 2_000_000);
    }

    #[test]
    fn moments_of_the_monotonic_clock_keep_their_distances_as_instants() {
        let (before, ns) = (Instant::now(), monotonic_ns());
        let (earlier, later) = (instant_of(ns - 1_000), instant_of(ns + 5_000));
        assert_eq!(later - earlier, Duration::from_micros(6));
        // They were not read in the same moment.
        assert!(later - before < Duration::from_secs(60));
        assert_eq!(instant_of(u64::MAX), instant_of(u64::MAX), "no panic");
    }
}
