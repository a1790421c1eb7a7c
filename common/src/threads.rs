//! Threads for the items: starting a thread that the system refuses is an error and not a panic, and so is
//! joining a thread that has panicked. A thread is in the step of the thread that started it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, Builder, JoinHandle, Scope, ScopedJoinHandle, available_parallelism};
use std::time::Duration;

use anyhow::{Context, anyhow};
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::timeline::{self, Lanes, Reserved};
use crate::timing::measure;

/// How many threads can run at the same time: the size of a pool that computes. Pools are told this size,
/// because a pool that is not told takes any size that the environment names.
pub fn cores() -> usize {
    available_parallelism().map_or(1, usize::from)
}

/// Starts a thread in `scope`, as [`Scope::spawn`] does. This thread has a name, which debuggers and `top -H`
/// show. If the system refuses the thread, this returns an error where `Scope::spawn` panics. If the calling
/// thread is in a step, the new thread is in that step, too, in a lane of its name (see [`timeline`]).
///
/// ```
/// use std::thread;
/// use common::threads::{Join, spawn};
///
/// let sum = thread::scope(|scope| spawn(scope, "adder", || 1 + 2)?.joined())?;
/// assert_eq!(sum, 3);
/// # anyhow::Ok(())
/// ```
pub fn spawn<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    name: impl Into<String>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> anyhow::Result<ScopedJoinHandle<'scope, T>> {
    let name = name.into();
    let lane = Lanes::here().map(|lanes| lanes.reserve(&*name));
    let work = move || match lane {
        Some(lane) => lane.enter(work),
        None => work(),
    };
    let failed = format!("cannot start the thread {name:?}");
    Builder::new().name(name).spawn_scoped(scope, work).context(failed)
}

/// Joining a thread, with the thread's panic as an error.
pub trait Join<T> {
    /// Waits for the thread and returns what it returned.
    ///
    /// # Errors
    ///
    /// Fails when the thread panicked. The message of the panic has been printed by then.
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

/// Waits for all `threads` and returns what each returned, in their order.
///
/// # Errors
///
/// Fails with the first error or panic of a thread, after all threads have ended.
pub fn join_all<T, E: Into<anyhow::Error>>(
    threads: impl IntoIterator<Item = impl Join<Result<T, E>>>,
) -> anyhow::Result<Vec<T>> {
    // All are joined before the first error is returned: a scope panics if one of its threads has panicked
    // and was not joined.
    let joined: Vec<_> = threads.into_iter().map(Join::joined).collect();
    joined.into_iter().map(|joined| joined?.map_err(Into::into)).collect()
}

/// How long it takes to start a thread that does nothing, and to join it: the mean of `times` threads.
pub fn start_and_join(times: u32) -> anyhow::Result<Duration> {
    let (outcome, elapsed) = measure(|| {
        thread::scope(|scope| (0..times).try_for_each(|_| spawn(scope, "idle", || ())?.joined()))
    });
    outcome.map(|()| elapsed / times)
}

/// Locks `mutex`, also if a thread panicked while it held the lock (*poisoning*). To fail here is not
/// needed: joining that thread has reported the panic.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a pool of so many of rayon's threads. Items don't use rayon's global pool, because its size and its
/// stacks are whatever the environment names (`RAYON_NUM_THREADS`, `RUST_MIN_STACK`), and because it panics
/// when the system refuses a thread.
///
/// ```
/// use rayon::prelude::*;
///
/// let pool = common::threads::start_pool(2)?;
/// assert_eq!(pool.install(|| (1..=4).into_par_iter().sum::<u32>()), 10);
/// # anyhow::Ok(())
/// ```
pub fn start_pool(threads: usize) -> anyhow::Result<ThreadPool> {
    ThreadPoolBuilder::new()
        .num_threads(threads)
        .stack_size(2 << 20)
        .thread_name(|n| format!("thread {n}"))
        .build()
        .map_err(|cause| anyhow!("cannot start a pool of {threads} threads: {cause}"))
}

/// Does `work` while the threads of `pool` are in the step that the calling thread is in, each thread in a
/// lane of its own. The pool must have nothing to do when this begins and when `work` has returned.
pub fn with_pool<T>(pool: &ThreadPool, work: impl FnOnce() -> T) -> T {
    let Some(lanes) = Lanes::here() else { return work() };
    let names = (0..pool.current_num_threads()).map(|n| format!("thread {n}"));
    let reserved: Vec<_> = names.map(|name| Mutex::new(Some(lanes.reserve(name)))).collect();
    pool.broadcast(|worker| lock(&reserved[worker.index()]).take().map(Reserved::stay));
    let value = work();
    pool.broadcast(|_| timeline::leave());
    value
}

#[cfg(test)]
mod tests {
    use std::panic::resume_unwind;
    use std::thread;

    use anyhow::bail;
    use rayon::prelude::*;

    use super::*;
    use crate::timeline::span;

    #[test]
    fn the_cores_are_those_that_the_system_lets_this_program_use() {
        assert_eq!(cores(), available_parallelism().unwrap().get());
    }

    #[test]
    fn a_thread_has_its_name() {
        let name = || thread::current().name().map(str::to_owned);
        let found = thread::scope(|scope| spawn(scope, "call 7", name).unwrap().joined());
        assert_eq!(found.unwrap().as_deref(), Some("call 7"));
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

    #[test]
    fn all_threads_are_joined_before_the_first_error_is_told() {
        let outcome = thread::scope(|scope| {
            let threads = (0..4).map(|n| {
                spawn(scope, "a thread", move || match n {
                    1 => bail!("refused"),
                    2 => resume_unwind(Box::new(())),
                    n => Ok(n),
                })
            });
            join_all(threads.collect::<anyhow::Result<Vec<_>>>()?)
        });
        assert_eq!(outcome.unwrap_err().to_string(), "refused");
    }

    #[test]
    fn what_a_panic_has_left_locked_can_be_read() {
        let mutex = Mutex::new(3);
        let poisons = || {
            let _guard = mutex.lock().unwrap();
            resume_unwind(Box::new(()))
        };
        assert!(thread::scope(|scope| scope.spawn(poisons).join()).is_err());
        assert_eq!(*lock(&mutex), 3);
    }

    #[test]
    fn the_threads_of_a_pool_have_lanes_of_their_own_while_they_are_in_the_step() {
        let pool = start_pool(3).unwrap();
        let work = || pool.broadcast(|_| span("work", || ()));
        let lanes = Lanes::new();
        lanes.enter("main", || with_pool(&pool, work));
        work();
        let found: Vec<String> = lanes.spans().into_iter().map(|span| span.lane).collect();
        assert_eq!(found, ["thread 0", "thread 1", "thread 2"]);
        assert_eq!(with_pool(&pool, || pool.install(|| (0..4).into_par_iter().sum::<u32>())), 6);
    }
}
