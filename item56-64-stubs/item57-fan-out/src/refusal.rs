//! The system's refusal to give another thread.

use std::io;

/// Sets a thread that the system refused apart from other errors: a story can tell of it and go on.
///
/// # Errors
///
/// Fails with any other error of `outcome`.
pub fn refusal_aside<T>(outcome: anyhow::Result<T>) -> anyhow::Result<Result<T, String>> {
    match outcome {
        Ok(value) => Ok(Ok(value)),
        // A call that fails is another type of error.
        Err(error) if error.is::<io::Error>() => Ok(Err(format!("{error:#}"))),
        Err(error) => Err(error),
    }
}
