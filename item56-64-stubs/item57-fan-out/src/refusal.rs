//! The system's refusal to give another thread: a story can tell of it and go on.

use std::env;
use std::io;
use std::thread::{Builder, Scope, ScopedJoinHandle};

use common::story::Step;

/// Each thread takes four of the 65,530 memory mappings that Linux gives a process: its stack, its
/// signal stack and a guard page for each. A system that refuses a thread says so and can be told;
/// but the standard library aborts the program when a thread has started and there is no mapping
/// left for its signal stack, which happens at about 16,380 threads.
pub const MOST_THREADS: usize = 12_000;

/// Starts a thread with the stack that it gets where the environment doesn't ask for another size
/// (`RUST_MIN_STACK`), or with a larger one. With less than this there would be nothing to see.
pub fn spawn_with_stack<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> io::Result<ScopedJoinHandle<'scope, T>> {
    let asked = env::var("RUST_MIN_STACK").ok().and_then(|bytes| bytes.parse().ok());
    Builder::new().stack_size(asked.unwrap_or(0).max(2 << 20)).spawn_scoped(scope, work)
}

/// The threads that were started, and the refusal of the next one, if there was one.
pub fn until_refused<T>(threads: impl Iterator<Item = io::Result<T>>) -> (Vec<T>, Option<String>) {
    let mut refused = None;
    let mut note = |cause: io::Error| refused = Some(cause.to_string());
    let started = threads.map_while(|thread| thread.map_err(&mut note).ok()).collect();
    (started, refused)
}

/// Sets the refusal of a thread apart from the other errors of `outcome`.
pub fn unless_refused<T>(
    outcome: anyhow::Result<T>,
) -> anyhow::Result<(Option<T>, Option<String>)> {
    match outcome {
        Ok(value) => Ok((Some(value), None)),
        // A call that fails is another type of error.
        Err(error) if error.is::<io::Error>() => Ok((None, Some(format!("{error:#}")))),
        Err(error) => Err(error),
    }
}

/// Reports the refusal of a thread, or that there was none.
pub fn tell_refusal(step: &Step<'_>, refused: Option<String>) {
    match refused {
        Some(refused) => step.fact("refused", refused),
        None => step.fact("refused", false),
    };
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn only_what_the_system_refused_is_set_apart() {
        let refused = anyhow::Error::from(io::Error::other("too many")).context("no thread");
        let words = "no thread: too many".to_owned();
        assert_eq!(unless_refused::<()>(Err(refused)).unwrap(), (None, Some(words)));
        assert!(unless_refused::<()>(Err(anyhow!("a call failed"))).is_err());
    }
}
