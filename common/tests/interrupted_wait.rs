//! A signal interrupts the slow system call but does not shorten it.
//!
//! A signal to the process goes to its main thread if that one takes it, so the wait must happen
//! there; the usual test harness runs tests in other threads, hence `harness = false`.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use common::slow_syscall;
use common::timing::measure;
use rustix::process::{Signal, getpid, kill_process};
use signal_hook::consts::SIGUSR1;
use signal_hook::iterator::Signals;

fn main() {
    let mut signals = Signals::new([SIGUSR1]).unwrap();
    // Relaxed: the flag only says when to stop; nothing else is read through it.
    let done = AtomicBool::new(false);
    let latency = Duration::from_millis(50);

    let (outcome, elapsed, sent) = thread::scope(|scope| {
        let rain = scope.spawn(|| {
            let mut sent = 0;
            while !done.load(Relaxed) {
                kill_process(getpid(), Signal::USR1).unwrap();
                sent += 1;
                thread::yield_now();
            }
            sent
        });
        let (outcome, elapsed) = measure(|| slow_syscall(latency));
        done.store(true, Relaxed);
        (outcome, elapsed, rain.join().unwrap())
    });

    outcome.expect("an interrupted wait is no error");
    assert!(elapsed >= latency, "shortened to {elapsed:?}");
    assert!(signals.pending().next().is_some(), "none of the {sent} signals was delivered");
    println!("test a_signal_interrupts_the_wait_but_does_not_shorten_it ... ok");
}
