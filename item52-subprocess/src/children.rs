//! Child processes that do not outlive this program.

use std::io;
use std::ops::Deref;
use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// A child process, or several that duct has connected, which can be ended from another thread.
pub trait Child: Send + Sync {
    /// Ends it, unless it has ended, and waits for it: a child that nobody waits for stays in the
    /// system's table as a zombie.
    fn end(&self);
}

impl Child for duct::Handle {
    fn end(&self) {
        // Fails only for a child that is gone.
        let _ = self.kill();
        // The error of a child that was killed is that it was killed.
        let _ = self.wait();
    }
}

/// The standard library's child needs `&mut` to be waited for, hence the mutex. Do not hold it
/// through a long wait: whoever wants to end the child would have to wait, too.
impl Child for Mutex<process::Child> {
    fn end(&self) {
        let mut child = self.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// Starts child processes, and knows which are running.
///
/// A Rust program that ends does not end its children, and dropping a
/// [`Child`](process::Child) neither ends nor waits for it. Here dropping does both; and
/// [`end_all`](Self::end_all) is there for the moment when a signal ends the program, which drops
/// nothing.
///
/// ```
/// use std::process::Command;
/// use std::sync::Mutex;
/// use item52_subprocess::Children;
///
/// let children = Children::default();
/// let sleep = children.start(|| Command::new("sleep").arg("600").spawn().map(Mutex::new))?;
/// drop(sleep); // returns at once: the child is killed and waited for
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Default)]
pub struct Children {
    running: Mutex<Vec<Weak<dyn Child>>>,
}

impl Children {
    /// Starts a child by `start`.
    ///
    /// # Errors
    ///
    /// Those of `start`.
    pub fn start<C: Child + 'static>(
        &self,
        start: impl FnOnce() -> io::Result<C>,
    ) -> io::Result<Running<C>> {
        // Held across the start: `end_all` must not come between it and the registration.
        let mut running = self.running();
        let child = Arc::new(start()?);
        running.retain(|child| child.strong_count() > 0);
        running.push(Arc::downgrade(&child) as Weak<dyn Child>);
        Ok(Running(child))
    }

    /// Ends all children that are running. As long as the result is held, no other starts.
    pub fn end_all(&self) -> impl Sized {
        let running = self.running();
        running.iter().filter_map(Weak::upgrade).for_each(|child| child.end());
        running
    }

    fn running(&self) -> MutexGuard<'_, Vec<Weak<dyn Child>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A child that has been started. Dropping it ends it and waits for it.
#[derive(Debug)]
pub struct Running<C: Child>(Arc<C>);

impl<C: Child> Deref for Running<C> {
    type Target = C;

    fn deref(&self) -> &C {
        &self.0
    }
}

impl<C: Child> Drop for Running<C> {
    fn drop(&mut self) {
        self.0.end();
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use duct::cmd;
    use rustix::process::{Pid, test_kill_process};

    use super::*;

    fn sleep() -> io::Result<Mutex<process::Child>> {
        Command::new("sleep").arg("600").spawn().map(Mutex::new)
    }

    fn pid(child: &Mutex<process::Child>) -> Pid {
        Pid::from_child(&child.lock().unwrap())
    }

    /// A zombie would still be there.
    fn is_gone(pid: Pid) -> bool {
        test_kill_process(pid) == Err(rustix::io::Errno::SRCH)
    }

    #[test]
    fn a_dropped_child_is_ended_and_waited_for() {
        let children = Children::default();
        let sleep = children.start(sleep).unwrap();
        let pid = pid(&sleep);
        assert!(!is_gone(pid));
        drop(sleep);
        assert!(is_gone(pid));
    }

    #[test]
    fn when_one_of_many_cannot_be_started_the_others_are_ended() {
        let children = Children::default();
        let mut pids = Vec::new();
        let started: io::Result<Vec<_>> = (0..3)
            .map(|n| match n {
                2 => children.start(|| cmd!("no-such-program").start()).map(drop),
                _ => children.start(sleep).map(|child| pids.push(pid(&child))),
            })
            .collect();
        assert_eq!(started.unwrap_err().kind(), io::ErrorKind::NotFound);
        assert!(pids.into_iter().all(is_gone));
    }

    #[test]
    fn all_are_ended_at_once_while_another_thread_waits_for_them() {
        let children = Children::default();
        let handle = children.start(|| cmd!("sleep", "600").unchecked().start()).unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| handle.wait().map(|output| output.status.success()));
            drop(children.end_all());
            assert!(!waiting.join().unwrap().unwrap(), "killed, not ended by itself");
        });
    }

    #[test]
    fn both_children_of_a_pipe_are_ended() {
        let children = Children::default();
        let pipe = children.start(|| cmd!("sleep", "600").pipe(cmd!("sleep", "600")).start());
        let pipe = pipe.unwrap();
        let pids: Vec<Pid> = pipe.pids().into_iter().map(from_duct).collect();
        assert_eq!(pids.len(), 2);
        drop(pipe);
        assert!(pids.into_iter().all(is_gone));
    }

    fn from_duct(pid: u32) -> Pid {
        Pid::from_raw(i32::try_from(pid).unwrap()).unwrap()
    }
}
