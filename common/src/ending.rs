//! The end of a program by a signal: first what the program owns is ended, and then the program dies by that
//! signal.
//!
//! A Rust program that dies by a signal drops nothing: its children run on, and its temporary files
//! stay. A program that owns such things says so with [`clean_up`], or starts its children with
//! [`children`](crate::children), which calls `clean_up`. From then on a thread waits for [`SIGNALS`]. When a
//! signal comes, the program prints no further line of its story, starts nothing new, cleans up, and dies by
//! that signal, so that a shell sees the usual status.
//!
//! A program that owns nothing needs no such thread: the system ends it.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::process;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::Context;
use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use signal_hook::consts::{
    SIGABRT, SIGALRM, SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGXCPU, SIGXFSZ,
};
use signal_hook::flag::{register, register_conditional_default, register_usize};
use signal_hook::iterator::{Handle, Signals};
use signal_hook::low_level::emulate_default_handler;

use crate::threads::lock;

/// The signals that end a program unless it heeds them, and that come from outside: a user sends them, or
/// the system does when a limit is reached. Those that tell of a mistake in the program (SIGSEGV, say) are
/// not among them, and nobody can heed SIGKILL.
pub const SIGNALS: [i32; 10] = [
    SIGHUP, SIGINT, SIGQUIT, SIGTERM, // these ask it to end: see `instead`
    SIGABRT, SIGALRM, SIGUSR1, SIGUSR2, SIGXCPU, SIGXFSZ,
];

/// Set before anything is cleaned up. `SeqCst`: a thread that sees an effect of the clean-up (a child that
/// is gone) must also see this flag, and one total order of all operations is easiest to be sure of.
static BEGUN: AtomicBool = AtomicBool::new(false);

/// The signal that has come, or 0. The signal handler sets it, and does not leave that to the thread that
/// waits for signals: that thread may run late, and until then the story could tell of a child that the
/// same Ctrl-C has ended (a child gets a group of its own only after it has been started).
static HEARD: AtomicUsize = AtomicUsize::new(0);

/// Set when the program ends by itself. From then on a signal does what the system does by default.
static OVER: AtomicBool = AtomicBool::new(false);

/// Notified when a signal has turned out not to be the end.
static NOT_THE_END: Condvar = Condvar::new();

static ENDING: Mutex<Ending> = Mutex::new(Ending {
    owned: BTreeMap::new(),
    next: 0,
    instead: None,
    stopped: None,
    watcher: None,
});

/// Signals that come within this time of the first are one request: no person types so fast.
const TOGETHER: Duration = Duration::from_millis(100);

struct Ending {
    /// What is to be cleaned up, the last first.
    owned: BTreeMap<u64, Box<dyn FnOnce() + Send>>,
    next: u64,
    /// What the first signal does instead of ending the program.
    instead: Option<Box<dyn FnOnce() + Send>>,
    /// When the first signal did that.
    stopped: Option<Instant>,
    watcher: Option<(Handle, JoinHandle<()>)>,
}

fn ending() -> MutexGuard<'static, Ending> {
    lock(&ENDING)
}

/// Whether a signal is ending the program.
pub fn begun() -> bool {
    BEGUN.load(SeqCst)
}

/// Returns at once, unless a signal is ending the program. Then this waits for the end of the program.
pub fn hold_if_begun() {
    let mut ending = ending();
    while begun() || heard().is_some() && ending.watcher.is_some() {
        ending = NOT_THE_END.wait(ending).unwrap_or_else(PoisonError::into_inner);
    }
}

/// Runs `clean_up` if a signal ends the program before the result is dropped. The clean-up that was registered
/// last runs first.
pub fn clean_up(clean_up: impl FnOnce() + Send + 'static) -> anyhow::Result<Owned> {
    watch()?;
    let mut ending = ending();
    let id = ending.next;
    ending.next += 1;
    ending.owned.insert(id, Box::new(clean_up));
    Ok(Owned(id))
}

/// Keeps a [`clean_up`] in force until it is dropped.
#[derive(Debug)]
#[must_use = "dropping it takes the clean-up back"]
pub struct Owned(u64);

impl Drop for Owned {
    fn drop(&mut self) {
        ending().owned.remove(&self.0);
    }
}

/// Lets the first signal that asks for an end (SIGHUP, SIGINT, SIGQUIT, SIGTERM) run `stop` instead of
/// ending the program: for a server, which stops serving and returns. A second signal ends it, unless it
/// comes together with the first: `timeout(1)` signals its child, and then its whole group, in which the
/// child is.
pub fn instead(stop: impl FnOnce() + Send + 'static) -> anyhow::Result<()> {
    watch()?;
    ending().instead = Some(Box::new(stop));
    Ok(())
}

/// Makes the program end by these signals also where it otherwise would not: with a parent that blocks the
/// signals, and as process 1 of a container, which the system spares.
pub(crate) fn prepare() -> anyhow::Result<()> {
    // Children inherit the mask, and a child that blocks SIGTERM can't be asked to end.
    let signals = SIGNALS.into_iter().chain([SIGCHLD]).map(Signal::try_from);
    let signals: SigSet = signals.filter_map(Result::ok).collect();
    signals.thread_unblock().context("cannot unblock the signals")?;
    heed_the_end_of_children()?;
    if process::id() == 1 { watch() } else { Ok(()) }
}

/// Where a parent has SIGCHLD ignored, the system forgets each child as soon as it has ended, and nobody
/// can ask for its status. A handler, even one that does nothing of use, brings the status back.
fn heed_the_end_of_children() -> anyhow::Result<()> {
    if is_ignored(SIGCHLD) {
        register(SIGCHLD, Arc::default()).context("cannot heed the end of children")?;
    }
    Ok(())
}

/// Ends the waiting for signals; called when the program is about to end by itself. Never returns if a
/// signal is pending: the thread that waits for signals exits the process.
pub(crate) fn finish() {
    let watcher = {
        let mut ending = ending();
        // A server that was asked to stop ends as it says, however often it is asked meanwhile.
        OVER.store(ending.stopped.is_none(), SeqCst);
        ending.watcher.take()
    };
    if let Some((handle, thread)) = watcher {
        handle.close();
        // It fails only if a clean-up panicked, which has been printed.
        let _ = thread.join();
    }
}

fn watch() -> anyhow::Result<()> {
    let mut ending = ending();
    if ending.watcher.is_some() {
        return Ok(());
    }
    // The thread is woken through such a pair. Where a sandbox denies that, it would never end.
    pair_that_works().context("cannot wait for signals")?;
    // A parent that ignores a signal for its children, as nohup does, has its reasons.
    let heeded = SIGNALS.into_iter().filter(|signal| !is_ignored(*signal));
    let mut signals = held_back(|| {
        for signal in heeded.clone() {
            register_usize(signal, &HEARD, signal.unsigned_abs() as usize)?;
            // The system spares process 1 what a signal does by default.
            if process::id() != 1 {
                register_conditional_default(signal, &OVER)?;
            }
        }
        Signals::new(heeded)
    })?;
    let handle = signals.handle();
    let wait = move || {
        // `HEARD` may have been set before `Signals` existed, by a thread that did not hold signals back.
        heard().into_iter().for_each(react);
        signals.forever().for_each(react);
        // Those that came just before the waiting was ended.
        signals.pending().for_each(react);
    };
    let thread = thread::Builder::new()
        .name("signals".into())
        .spawn(wait)
        .context("cannot start the thread that waits for signals")?;
    ending.watcher = Some((handle, thread));
    Ok(())
}

/// A pair of sockets, through which a byte has been sent: some sandboxes allow the pair alone.
pub(crate) fn pair_that_works() -> io::Result<[UnixStream; 2]> {
    let (mut one, other) = UnixStream::pair()?;
    one.write_all(&[0])?;
    Ok([one, other])
}

/// Does `install` while the signals wait. Without that, a signal would be lost that comes when its handler is
/// installed and has nothing to do yet.
fn held_back<T>(install: impl FnOnce() -> io::Result<T>) -> anyhow::Result<T> {
    let failed = "cannot install the signal handlers";
    let before = SigSet::all().thread_swap_mask(SigmaskHow::SIG_BLOCK).context(failed)?;
    let installed = install();
    before.thread_set_mask().context(failed)?;
    installed.context(failed)
}

/// The signal that has come, if one has.
fn heard() -> Option<i32> {
    i32::try_from(HEARD.load(SeqCst)).ok().filter(|signal| *signal != 0)
}

fn react(signal: i32) {
    let (instead, stopped) = {
        let mut ending = ending();
        let asks = [SIGHUP, SIGINT, SIGQUIT, SIGTERM].contains(&signal);
        (ending.instead.take_if(|_| asks), ending.stopped)
    };
    if let Some(stop) = instead {
        ending().stopped = Some(Instant::now());
        stop();
        return go_on();
    }
    if stopped.is_some_and(|at| at.elapsed() < TOGETHER) {
        return go_on();
    }
    BEGUN.store(true, SeqCst);
    loop {
        // The lock is not held while a clean-up runs: a thread that drops an `Owned` must not wait.
        let next = ending().owned.pop_last();
        match next {
            Some((_, clean_up)) => clean_up(),
            None => break,
        }
    }
    // The system spares process 1 what a signal does by default.
    if process::id() != 1 {
        let _ = emulate_default_handler(signal);
    }
    process::exit(128 + signal);
}

/// Lets the threads go on that wait in [`hold_if_begun`].
fn go_on() {
    let _ending = ending();
    HEARD.store(0, SeqCst);
    NOT_THE_END.notify_all();
}

/// Whether this process ignores `signal`, as its parent did.
#[cfg(target_os = "linux")]
pub fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask >> (signal - 1) & 1 == 1
}

/// Whether this process ignores `signal`. On this system safe Rust can't ask, so SIGCHLD counts as ignored:
/// a handler too many does no harm.
#[cfg(not(target_os = "linux"))]
pub fn is_ignored(signal: i32) -> bool {
    signal == SIGCHLD
}
