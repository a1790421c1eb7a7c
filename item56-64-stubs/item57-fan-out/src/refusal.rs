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

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn only_what_the_system_refused_is_set_aside() {
        let refused = anyhow::Error::from(io::Error::other("too many")).context("no thread");
        assert_eq!(refusal_aside::<()>(Err(refused)).unwrap(), Err("no thread: too many".into()));
        assert!(refusal_aside::<()>(Err(anyhow!("a call failed"))).is_err());
        assert_eq!(refusal_aside(Ok(3)).unwrap(), Ok(3));
    }
}
