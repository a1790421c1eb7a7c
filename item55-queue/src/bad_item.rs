//! A stage that fails on one item.

use std::panic::resume_unwind;
use std::thread;

use anyhow::bail;

use crate::delivery::three_stages;
use crate::pipeline::{Finished, Pipeline};

/// How the stage fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fails {
    /// It returns an error.
    WithAnError,
    /// It panics.
    WithAPanic,
}

/// Sends numbers through the three stages; the second fails on `bad`. Nothing waits here.
///
/// # Errors
///
/// Fails when the system does not give so many threads.
///
/// ```
/// use item55_queue::bad_item::{Fails, with_a_bad_item};
///
/// let finished = with_a_bad_item(10, 5, Fails::WithAnError)?;
/// assert_eq!(finished.failures[0].item, 5);
/// assert_eq!(finished.done.count(), 9);
/// # anyhow::Ok(())
/// ```
pub fn with_a_bad_item(items: u32, bad: u32, fails: Fails) -> anyhow::Result<Finished<u32>> {
    let fine = |_: &mut u32| Ok(());
    let resize = |number: &mut u32| match fails {
        _ if *number != bad => Ok(()),
        Fails::WithAnError => bail!("not a picture"),
        // Unwinds like a panic, without its message: this one is on purpose.
        Fails::WithAPanic => resume_unwind(Box::new("not a picture")),
    };
    let stages = three_stages([3, 4, 5], [&fine, &resize, &fine]);
    thread::scope(|scope| {
        let pipeline = Pipeline::start(scope, &stages, None)?;
        (0..items).for_each(|number| pipeline.put(number));
        pipeline.join()
    })
}
