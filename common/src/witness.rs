//! Shows that threads, or processes, compute at the same time.
//!
//! To show that, two threads must be *seen* computing at one moment; an average shows nothing. Processor
//! time divided by wall time depends on what else runs on the machine, and over a short while the processor
//! clock of the whole process jumps.
//!
//! What is looked for is called a *witness*: a pair of short pieces of work. For each piece, two clocks are
//! read at its beginning and at its end: the wall clock, and the processor clock of its own thread. The
//! difference between them is how long the thread was without a processor. Where two pieces overlap for
//! longer than both threads together were without a processor, both computed for the rest of the overlap.
//! Under a global lock, or on one core, no rest is left.
//!
//! A busy machine may leave two threads on one core for long although another core is there. So a
//! [`CROWD`] of threads does the work. It may still not be seen, because the work can't compute at the same
//! time or because the machine is too busy. What tells these apart is called the *control*: threads that
//! only spin, which nothing but the machine can hold up. They are looked at by turns with the work, in the
//! same way (see [`look`]).

use std::thread;
use std::time::{Duration, Instant};

use anyhow::ensure;

use crate::story::Step;
use crate::threads::{cores, join_all, spawn};
use crate::timeline::{Lanes, span};
use crate::timing::thread_cpu_time;

/// How many threads or processes should do the work that is looked at.
pub const CROWD: usize = 16;

/// How many pieces of about 50 µs each thread should do in a turn. The system lets a thread go on for far
/// longer than one piece before it gives the core to another thread. All pieces of a turn take several such
/// slices of time.
pub const PIECES: usize = 40;

/// So often the control must have been seen, and the work never, before it is said that the work does not
/// compute at the same time. If control and work are equally visible, chance does this once in 2 to the 20.
pub const MANY: u32 = 20;

/// A shorter piece shows nothing: a thread that waits for a lock spins for a few microseconds before it
/// sleeps, and those count as processor time.
const SHORTEST: Duration = Duration::from_micros(20);

/// A look gives up after this long. If the control has been seen [`SUSPICIOUS`] times by then, and the work
/// never, the look goes on until [`PURSUIT`] is over.
const PATIENCE: Duration = Duration::from_secs(2);
const SUSPICIOUS: u32 = 2;
const PURSUIT: Duration = Duration::from_secs(20);

/// When a piece of work was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Window {
    start: Instant,
    end: Instant,
    /// For how long the thread that did it had a processor meanwhile.
    processor: Duration,
}

impl Window {
    fn length(self) -> Duration {
        self.end.saturating_duration_since(self.start)
    }

    /// For how long the thread was without a processor, because it waited for a lock, or because the system
    /// gave the core to another thread. If the processor clock ran ahead of the wall clock, it is too coarse
    /// to tell, and the thread counts as having waited all the time.
    fn waited(self) -> Duration {
        self.length().checked_sub(self.processor).unwrap_or(self.length())
    }

    /// Whether both pieces were certainly being computed for more than half of the shorter one.
    fn is_beside(self, other: Self) -> bool {
        let overlap =
            self.end.min(other.end).saturating_duration_since(self.start.max(other.start));
        let both_computed = overlap.saturating_sub(self.waited() + other.waited());
        let shorter = self.length().min(other.length());
        shorter >= SHORTEST && both_computed > shorter / 2
    }
}

/// Whether two of `windows` were certainly being computed at the same time. The windows of one thread come
/// one after the other and never overlap, so a window need not say whose it is.
fn any_beside(mut windows: Vec<Window>) -> bool {
    windows.sort_by_key(|window| window.start);
    windows.iter().enumerate().any(|(index, window)| {
        let later = windows[index + 1..].iter().take_while(|later| later.start < window.end);
        later.into_iter().any(|later| window.is_beside(*later))
    })
}

/// What a look has found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Whether two pieces of the work were seen being computed at the same time.
    pub work: bool,
    /// In how many turns two threads of the control were seen so, before the work was.
    pub control: u32,
}

impl Seen {
    /// Reports this as facts of `step`: two threads were seen computing at once, or only one.
    pub fn tell(self, step: &Step<'_>) {
        step.fact("seen_computing_at_once", 1 + u32::from(self.work));
        step.proof("control_seen", self.control);
        step.proof("cores", cores());
    }
}

/// Lets `work` have its turns until two pieces of it have been seen being computed at the same time.
///
/// In each turn `work` must do its pieces, [`PIECES`] in each of [`CROWD`] threads, each piece in a
/// [`span`]. (A span that has other spans in it is not looked at.) `work` must start its threads, or
/// processes, anew in each turn. The system starts new threads where there is room. Sleeping threads it
/// wakes where they slept, and that may be one core for all of them, turn after turn.
///
/// After each turn in which the work was not seen, the control has a turn. There are three ends:
///
/// - The work has been seen: it computes at the same time.
/// - The control has been seen many times ([`MANY`]), and the work never: the work does not.
/// - For two seconds the control was hardly seen, either: the machine is too busy to show anything.
///
/// On one core there is nothing to look for.
///
/// # Errors
///
/// Fails when `work` does, when it has no spans, or when the system does not give the control its threads.
///
/// ```
/// use common::threads::{join_all, spawn};
/// use common::timeline::span;
/// use common::witness::{CROWD, MANY, PIECES, look};
///
/// let sum = || std::hint::black_box((0..50_000_u64).map(std::hint::black_box).sum::<u64>());
/// let pieces = || anyhow::Ok((0..PIECES).for_each(|_| drop(span("sum", sum))));
/// let seen = look(|| {
///     std::thread::scope(|scope| {
///         let threads = (0..CROWD).map(|_| spawn(scope, "a thread", pieces));
///         join_all(threads.collect::<anyhow::Result<Vec<_>>>()?).map(drop)
///     })
/// })?;
/// assert!(seen.work || seen.control < MANY);
/// # anyhow::Ok(())
/// ```
pub fn look(mut work: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<Seen> {
    if cores() == 1 {
        return Ok(Seen::default());
    }
    let start = Instant::now();
    look_by(|| start.elapsed(), || is_seen(&mut work), || is_seen(spin))
}

/// What [`look`] does, with its clock, a turn of the work and a turn of the control as functions: tests
/// replace them.
fn look_by(
    mut elapsed: impl FnMut() -> Duration,
    mut work: impl FnMut() -> anyhow::Result<bool>,
    mut control: impl FnMut() -> anyhow::Result<bool>,
) -> anyhow::Result<Seen> {
    let mut seen = Seen::default();
    while seen.control < MANY {
        let patience = if seen.control < SUSPICIOUS { PATIENCE } else { PURSUIT };
        if elapsed() >= patience {
            break;
        }
        if work()? {
            seen.work = true;
            break;
        }
        seen.control += u32::from(control()?);
    }
    Ok(seen)
}

/// Whether two pieces of a turn are seen being computed at the same time.
fn is_seen(mut turn: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<bool> {
    let lanes = Lanes::watched();
    lanes.enter("main", &mut turn)?;
    let windows = lanes.windows().into_iter();
    let windows: Vec<Window> =
        windows.map(|(start, end, processor)| Window { start, end, processor }).collect();
    ensure!(!windows.is_empty(), "there was nothing to look at: no span");
    Ok(any_beside(windows))
}

/// The control: threads that do nothing but use their processors.
fn spin() -> anyhow::Result<()> {
    let piece = || {
        let before = thread_cpu_time();
        while thread_cpu_time() - before < Duration::from_micros(50) {}
    };
    let pieces = || {
        (0..PIECES).for_each(|_| span("spin", piece));
        anyhow::Ok(())
    };
    thread::scope(|scope| {
        let threads = (0..CROWD).map(|n| spawn(scope, format!("spinning {n}"), pieces));
        join_all(threads.collect::<anyhow::Result<Vec<_>>>()?).map(drop)
    })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::{LazyLock, Mutex};

    use anyhow::bail;

    use super::*;
    use crate::threads::lock;

    static START: LazyLock<Instant> = LazyLock::new(Instant::now);

    /// In microseconds.
    fn window(start: u64, end: u64, processor: u64) -> Window {
        let at = |us| *START + Duration::from_micros(us);
        Window { start: at(start), end: at(end), processor: Duration::from_micros(processor) }
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
            assert_eq!(any_beside(vec![window(0, 90, 90), other, piece]), is_beside, "{other:?}");
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

    /// Of pieces under a global lock, each waits while the ones before it compute.
    #[test]
    fn under_a_lock_no_piece_is_beside_another_however_many_there_are() {
        let locked = (0..1000).map(|n| window(n / 16 * 800, (n + 1) * 50, 50 + n % 3));
        assert!(!any_beside(locked.collect()));
        let parallel = (0..1000).map(|n| window(n / 2 * 50, (n / 2 + 1) * 50, 49));
        assert!(any_beside(parallel.collect()));
    }

    /// A look at work that is seen in the turn `work`, and at a control that is seen in every turn from
    /// `control` on, when each turn takes so many milliseconds; and how many turns there were.
    fn look_at(work: Option<u32>, control: u32, turn_ms: u64) -> (Seen, u32) {
        let (turns, controls) = (Cell::new(0), Cell::new(0));
        let next = |count: &Cell<u32>| {
            count.set(count.get() + 1);
            count.get()
        };
        let elapsed = || Duration::from_millis(u64::from(turns.get() + controls.get()) * turn_ms);
        let seen =
            look_by(elapsed, || Ok(Some(next(&turns)) == work), || Ok(next(&controls) >= control));
        (seen.unwrap(), turns.get())
    }

    #[test]
    fn work_that_computes_at_the_same_time_is_seen_however_late() {
        assert_eq!(look_at(Some(1), 1, 50), (Seen { work: true, control: 0 }, 1));
        assert_eq!(look_at(Some(20), 1, 50), (Seen { work: true, control: 19 }, 20));
    }

    #[test]
    fn work_that_does_not_is_found_out_as_often_as_the_control_is_seen() {
        assert_eq!(look_at(None, 1, 50), (Seen { work: false, control: MANY }, 20));
        assert_eq!(look_at(None, 15, 50).0, Seen { work: false, control: MANY }, "seen late");
        assert_eq!(look_at(None, 1, 450).0.control, MANY, "a suspicion is pursued");
    }

    #[test]
    fn on_a_machine_that_shows_nothing_nothing_follows() {
        assert_eq!(look_at(None, u32::MAX, 50), (Seen { work: false, control: 0 }, 20));
        let (seen, turns) = look_at(None, 1, 1000);
        assert!(seen.control < MANY && turns == 1, "not for ever: {seen:?}");
        assert_eq!(look_at(None, 1, 600).0.control, 17, "a pursuit ends, too");
    }

    fn crowd(piece: impl Fn() + Sync) -> anyhow::Result<()> {
        let pieces = || {
            (0..PIECES).for_each(|_| piece());
            anyhow::Ok(())
        };
        thread::scope(|scope| {
            let threads = (0..CROWD).map(|_| spawn(scope, "a thread", pieces));
            join_all(threads.collect::<anyhow::Result<Vec<_>>>()?).map(drop)
        })
    }

    fn compute() {
        let before = thread_cpu_time();
        while thread_cpu_time() - before < Duration::from_micros(50) {}
    }

    /// With real threads: wherever the lock is taken, nothing is seen; and without it, work is seen, and
    /// never taken for work under a lock.
    #[test]
    fn threads_under_a_global_lock_are_never_seen_and_others_are() {
        let global = Mutex::new(());
        let inside = || span("work", || drop((lock(&global), compute())));
        let around = || {
            let _guard = lock(&global);
            span("work", compute);
        };
        for _ in 0..3 {
            assert!(!is_seen(|| crowd(inside)).unwrap());
            assert!(!is_seen(|| crowd(around)).unwrap());
        }
        if cores() > 1 {
            let seen = look(|| crowd(|| span("work", compute))).unwrap();
            assert!(seen.work || seen.control < MANY, "{seen:?}");
        }
    }

    #[test]
    fn work_that_marks_no_piece_and_work_that_fails_are_errors() {
        let told = |work: fn() -> anyhow::Result<()>| is_seen(work).unwrap_err().to_string();
        assert_eq!(told(|| Ok(())), "there was nothing to look at: no span");
        assert_eq!(told(|| bail!("refused")), "refused");
    }
}
