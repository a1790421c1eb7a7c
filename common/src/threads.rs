//! Threads that are started with an error and joined with an error, not with a panic.

use std::thread::{Builder, JoinHandle, Scope, ScopedJoinHandle, available_parallelism};

use anyhow::{Context, anyhow};

/// How many threads can run at the same time: the size of a pool that computes. It is asked for
/// explicitly, for a pool that is not told takes any size that the environment names.
pub fn cores() -> usize {
    available_parallelism().map_or(1, usize::from)
}

/// Starts a thread in `scope`: [`Scope::spawn`], but a system that refuses the thread is an error
/// where that one panics.
///
/// # Errors
///
/// Fails when the system gives no thread; the error names the thread, `who`.
///
/// ```
/// use std::thread;
/// use common::threads::{Join, spawn};
///
/// let sum = thread::scope(|scope| {
///     let thread = spawn(scope, "the adding thread", || 1 + 2)?;
///     thread.joined()
/// })?;
/// assert_eq!(sum, 3);
/// # anyhow::Ok(())
/// ```
pub fn spawn<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    who: &str,
    work: impl FnOnce() -> T + Send + 'scope,
) -> anyhow::Result<ScopedJoinHandle<'scope, T>> {
    Builder::new().spawn_scoped(scope, work).with_context(|| format!("cannot start {who}"))
}

/// Joining a thread, with its panic as an error.
pub trait Join<T> {
    /// Waits for the thread and returns what it returned.
    ///
    /// # Errors
    ///
    /// Fails when the thread panicked. What it panicked with has been printed by then.
    fn joined(self) -> anyhow::Result<T>;
}

impl<T> Join<T> for ScopedJoinHandle<'_, T> {
    fn joined(self) -> anyhow::Result<T> {
        self.join().map_err(|_| anyhow!("a thread panicked"))
    }
}

impl<T> Join<T> for JoinHandle<T> {
    fn joined(self) -> anyhow::Result<T> {
        self.join().map_err(|_| anyhow!("a thread panicked"))
    }
}

#[cfg(test)]
mod tests {
    use std::panic::resume_unwind;
    use std::thread;

    use super::*;

    #[test]
    fn the_cores_are_those_that_the_system_lets_this_program_use() {
        assert_eq!(cores(), available_parallelism().unwrap().get());
    }

    #[test]
    fn a_panic_is_an_error_of_the_join() {
        let scoped = thread::scope(|scope| {
            // Unwinds like a panic, without the hook's message among the tests' output.
            spawn(scope, "a thread", || resume_unwind(Box::new(()))).unwrap().joined()
        });
        let free = thread::spawn(|| resume_unwind(Box::new(()))).joined();
        for outcome in [scoped, free] {
            assert_eq!(outcome.map(|()| "joined").unwrap_err().to_string(), "a thread panicked");
        }
    }
}
