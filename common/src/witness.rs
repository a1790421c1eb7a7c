//! A witness that threads, or processes, compute at the same time.
//!
//! That they do is a claim of existence: two of them must be *seen* computing at one moment. No
//! average shows it. Processor time divided by wall time is whatever the rest of the machine makes
//! of it, and over a short while the processor clock of the whole process jumps.
//!
//! What shows it is a pair of [`Window`]s: short pieces of work, for each of which the wall clock and
//! the processor clock of its own thread were read. Where two of them overlap for longer than both
//! threads together were without a processor, both were computing for the rest. Under a global lock,
//! or on one core, there is no rest.
//!
//! A busy machine may leave two threads on one core for long although it has another, so the work is
//! done by a [`CROWD`]; and by turns with the work, a control is looked at in the same way: threads
//! that only spin, which nothing but the machine can hold up (see [`look`]).

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::story::Step;
use crate::threads::{Join, cores, spawn};
use crate::timing::{monotonic_ns, thread_cpu_time};

/// How many threads or processes should do the work that is looked at.
pub const CROWD: usize = 16;

/// So often the control must have been seen before it means something that the work never was. Both
/// are seen equally easily if the work computes at the same time, so that this happens by bad luck
/// once in 2 to the 20.
pub const MANY: u32 = 20;

/// A shorter piece is no witness: a lock that is waited for costs a few microseconds of processor
/// time, since it spins before it sleeps.
const SHORTEST_NS: u64 = 20_000;

/// A turn that has seen nothing is over after this.
const TURN: Duration = Duration::from_millis(100);

/// A machine that has shown next to nothing for so long is too busy.
const PATIENCE: Duration = Duration::from_secs(2);

/// A control that was seen so often by then, while the work was not, raises a suspicion, which is
/// pursued for longer.
const SUSPICIOUS: u32 = 2;
const PURSUIT: Duration = Duration::from_secs(20);

/// When a piece of work was done, on clocks that threads and processes can compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// When it began, in nanoseconds of the system's monotonic clock.
    pub start_ns: u64,
    /// When it ended, on the same clock.
    pub end_ns: u64,
    /// For how long its thread had a processor meanwhile, in nanoseconds.
    pub cpu_ns: u64,
}

impl Window {
    /// Does `work` and returns its value and its window.
    pub fn of<T>(work: impl FnOnce() -> T) -> (T, Self) {
        // The processor clock is read inside, so that it can't seem to have run for longer.
        let start_ns = monotonic_ns();
        let before = thread_cpu_time();
        let value = work();
        let cpu = thread_cpu_time() - before;
        let end_ns = monotonic_ns();
        let cpu_ns = u64::try_from(cpu.as_nanos()).unwrap_or(u64::MAX);
        (value, Self { start_ns, end_ns, cpu_ns })
    }

    fn length(self) -> u64 {
        self.end_ns.saturating_sub(self.start_ns)
    }

    /// For how long its thread was without a processor: it waited for a lock, or the system gave
    /// the core to another. A processor clock that ran ahead is too coarse to tell.
    fn waited(self) -> u64 {
        self.length().checked_sub(self.cpu_ns).unwrap_or(self.length())
    }

    /// Whether for more than half of the shorter one both were certainly being computed.
    fn is_beside(self, other: Self) -> bool {
        let overlap =
            self.end_ns.min(other.end_ns).saturating_sub(self.start_ns.max(other.start_ns));
        let both_computed = overlap.saturating_sub(self.waited()).saturating_sub(other.waited());
        let shorter = self.length().min(other.length());
        shorter >= SHORTEST_NS && both_computed > shorter / 2
    }
}

/// What watches the work during one turn.
#[derive(Debug)]
pub struct Watch {
    ends: Instant,
    windows: Mutex<Vec<Window>>,
    has_seen: AtomicBool,
}

impl Watch {
    fn begin() -> Self {
        let ends = Instant::now() + TURN;
        Self { ends, windows: Mutex::default(), has_seen: AtomicBool::new(false) }
    }

    /// Whether the turn is over and the work may end.
    pub fn is_over(&self) -> bool {
        // Relaxed: who sees it late does another piece.
        self.has_seen.load(Relaxed) || Instant::now() >= self.ends
    }

    /// Does a piece of the work and notes its window. It should take about 50 µs: the system lets a
    /// thread go on for far longer before its core is another's turn.
    pub fn piece<T>(&self, work: impl FnOnce() -> T) -> T {
        let (value, window) = Window::of(work);
        self.note(window);
        value
    }

    /// Notes a window that another process has told.
    pub fn note(&self, window: Window) {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        // Those of one thread come one after the other: nobody needs to tell whose they are.
        if windows.iter().any(|other| window.is_beside(*other)) {
            self.has_seen.store(true, Relaxed);
        }
        windows.push(window);
    }
}

/// What a look has found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Whether two pieces of the work were seen being computed at the same time.
    pub work: bool,
    /// In how many turns of the control that was seen, while it was not in those of the work.
    pub control: u32,
}

impl Seen {
    /// Reports it as facts of `step`: how many were seen computing at once is two, or one.
    pub fn tell(self, step: &Step<'_>) {
        step.fact("seen_computing_at_once", 1 + u32::from(self.work));
        step.proof("control_seen", self.control);
        step.proof("cores", cores());
    }
}

/// Lets `work` have its turns until two pieces of it have been seen being computed at the same time.
///
/// `work` is to do its pieces ([`Watch::piece`]) in [`CROWD`] threads, as often as it can until the
/// turn [is over](Watch::is_over). After each turn in vain the control has one. When the control was
/// seen many times ([`MANY`]) and the work never, it does not compute at the same time. When both
/// were hardly seen for two seconds, the machine can't show it now, and nothing follows. On one core
/// there is nothing to look for.
///
/// # Errors
///
/// Fails when `work` does, or when the system does not give the control its threads.
///
/// ```
/// use common::threads::{Join, spawn};
/// use common::witness::{CROWD, MANY, look};
///
/// let seen = look(|watch| {
///     let sum = || while !watch.is_over() {
///         watch.piece(|| std::hint::black_box((0..50_000_u64).map(std::hint::black_box).sum::<u64>()));
///     };
///     std::thread::scope(|scope| {
///         let threads: Result<Vec<_>, _> = (0..CROWD).map(|_| spawn(scope, "a thread", sum)).collect();
///         threads?.into_iter().try_for_each(Join::joined)
///     })
/// })?;
/// assert!(seen.work || seen.control < MANY);
/// # anyhow::Ok(())
/// ```
pub fn look(mut work: impl FnMut(&Watch) -> anyhow::Result<()>) -> anyhow::Result<Seen> {
    let turn = |work: &mut dyn FnMut(&Watch) -> anyhow::Result<()>| {
        let watch = Watch::begin();
        work(&watch)?;
        anyhow::Ok(watch.has_seen.into_inner())
    };
    let mut seen = Seen::default();
    let start = Instant::now();
    while cores() > 1 && seen.control < MANY {
        let patience = if seen.control < SUSPICIOUS { PATIENCE } else { PURSUIT };
        if start.elapsed() >= patience {
            break;
        }
        if turn(&mut work)? {
            seen.work = true;
            break;
        }
        seen.control += u32::from(turn(&mut spin)?);
    }
    Ok(seen)
}

/// For tests: that `look` never takes work that computes at the same time for work that does not, and
/// sees it as soon as the machine can show it.
///
/// # Panics
///
/// Panics when the work was taken for what it is not, or when it was never seen.
#[track_caller]
pub fn assert_seen(mut look: impl FnMut() -> anyhow::Result<Seen>) {
    let seen = (0..20).any(|_| {
        let seen = look().expect("the system gives its threads");
        assert!(seen.work || seen.control < MANY, "{seen:?}");
        seen.work || cores() == 1
    });
    assert!(seen, "the machine was too busy, 20 times");
}

/// For tests: that `look` finds out work that does not compute at the same time, as soon as the
/// machine can show it. Beside other tests it may be too busy for a while, so what several looks have
/// seen of the control counts together.
///
/// # Panics
///
/// Panics when the work was seen computing at the same time, or when it was never found out.
#[track_caller]
pub fn assert_found_out(mut look: impl FnMut() -> anyhow::Result<Seen>) {
    let mut control = 0;
    let found_out = (0..20).any(|_| {
        let seen = look().expect("the system gives its threads");
        assert!(!seen.work, "{seen:?}");
        control += seen.control;
        control >= MANY || cores() == 1
    });
    assert!(found_out, "the machine was too busy, 20 times");
}

/// The control: threads that do nothing but use their processors.
fn spin(watch: &Watch) -> anyhow::Result<()> {
    let piece = || {
        let before = thread_cpu_time();
        while thread_cpu_time() - before < Duration::from_micros(50) {}
    };
    let pieces = || {
        while !watch.is_over() {
            watch.piece(piece);
        }
    };
    thread::scope(|scope| {
        let threads =
            (0..CROWD).map(|_| spawn(scope, "a thread that spins for comparison", pieces));
        let threads: anyhow::Result<Vec<_>> = threads.collect();
        threads?.into_iter().try_for_each(Join::joined)
    })
}

#[cfg(test)]
mod tests {
    use std::hint::{self, black_box};
    use std::sync::Mutex;

    use super::*;

    /// In microseconds.
    fn window(start: u64, end: u64, cpu: u64) -> Window {
        Window { start_ns: start * 1000, end_ns: end * 1000, cpu_ns: cpu * 1000 }
    }

    #[test]
    fn pieces_that_overlap_by_more_than_half_of_the_shorter_are_a_witness() {
        let piece = window(100, 200, 100);
        for (other, is_beside) in [
            (window(100, 200, 100), true),
            (window(149, 249, 100), true),
            (window(150, 250, 100), false),
            (window(200, 300, 100), false),
            (window(300, 400, 100), false),
            (window(189, 209, 20), true),
            (window(190, 210, 20), false),
            // Too short to tell.
            (window(140, 150, 10), false),
        ] {
            assert_eq!(piece.is_beside(other), is_beside, "{other:?}");
            assert_eq!(other.is_beside(piece), is_beside, "{other:?}");
        }
    }

    #[test]
    fn a_thread_that_waits_while_another_computes_is_no_witness() {
        let computes = window(100, 200, 100);
        // It waits for the lock that the other holds, and spins for a moment first.
        assert!(!computes.is_beside(window(100, 300, 110)));
        // They share a core, or not.
        assert!(!window(0, 200, 100).is_beside(window(0, 200, 100)));
        assert!(window(0, 200, 180).is_beside(window(0, 200, 180)));
    }

    #[test]
    fn a_processor_clock_that_runs_ahead_of_the_wall_is_not_believed() {
        assert!(!window(100, 200, 100).is_beside(window(100, 200, 10_000)));
    }

    #[test]
    fn the_windows_of_one_thread_are_no_witness() {
        let watch = Watch::begin();
        while !watch.is_over() {
            watch.piece(count);
        }
        assert!(!watch.has_seen.into_inner());
    }

    #[test]
    fn a_window_tells_how_long_its_thread_had_a_processor() {
        let (value, window) = Window::of(|| {
            thread::sleep(Duration::from_millis(2));
            42
        });
        assert_eq!(value, 42);
        assert!(window.length() >= 2_000_000 && window.waited() > window.length() / 2);
    }

    /// A piece of work.
    fn count() {
        for n in 0..200_000 {
            black_box(n);
        }
    }

    fn crowd(watch: &Watch, piece: impl Fn() + Sync) -> anyhow::Result<()> {
        let pieces = || {
            while !watch.is_over() {
                piece();
            }
        };
        thread::scope(|scope| {
            let threads: anyhow::Result<Vec<_>> =
                (0..CROWD).map(|_| spawn(scope, "a thread", pieces)).collect();
            threads?.into_iter().try_for_each(Join::joined)
        })
    }

    /// Does `work` while `loops` other threads take what they can get of the processors.
    fn beside_busy_loops<T>(loops: usize, work: impl FnOnce() -> T) -> T {
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..loops {
                scope.spawn(|| {
                    while !is_over.load(Relaxed) {
                        hint::spin_loop();
                    }
                });
            }
            let value = work();
            is_over.store(true, Relaxed);
            value
        })
    }

    #[test]
    fn work_that_is_done_at_the_same_time_is_seen() {
        for loops in [0, 4] {
            beside_busy_loops(loops, || {
                assert_seen(|| look(|watch| crowd(watch, || watch.piece(count))));
            });
        }
    }

    #[test]
    fn work_under_a_global_lock_is_found_out() {
        let lock = Mutex::new(());
        let locked = |watch: &Watch| {
            crowd(watch, || {
                watch.piece(|| {
                    let _guard = lock.lock().unwrap();
                    count();
                });
            })
        };
        for loops in [0, 4] {
            beside_busy_loops(loops, || assert_found_out(|| look(locked)));
        }
    }

    #[test]
    fn wherever_the_lock_is_taken_nothing_is_seen() {
        let lock = Mutex::new(());
        let around_each = |watch: &Watch| {
            crowd(watch, || {
                let _guard = lock.lock().unwrap();
                watch.piece(count);
            })
        };
        let around_all = |watch: &Watch| {
            crowd(watch, || {
                let _guard = lock.lock().unwrap();
                while !watch.is_over() {
                    watch.piece(count);
                }
            })
        };
        for _ in 0..3 {
            for work in [&around_each as &dyn Fn(&Watch) -> anyhow::Result<()>, &around_all] {
                let watch = Watch::begin();
                work(&watch).unwrap();
                assert!(!watch.has_seen.into_inner());
            }
        }
    }

    #[test]
    fn an_error_of_the_work_ends_the_look() {
        if cores() > 1 {
            let error = look(|_| anyhow::bail!("refused")).unwrap_err();
            assert_eq!(error.to_string(), "refused");
        }
    }
}
