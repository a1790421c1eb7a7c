//! A stage that fails on one item.

use crate::delivery::{Parcel, send, three_stages};
use crate::pipeline::Finished;

/// Sends parcels through the three stages; `fail` is what the second does to the `bad` one. Nothing
/// waits here.
///
/// ```
/// use anyhow::bail;
/// use item55_queue::bad_item::with_a_bad_item;
///
/// let finished = with_a_bad_item(10, 5, || bail!("not a picture"))?;
/// assert_eq!(finished.failures[0].item.number, 5);
/// assert_eq!(finished.done.len(), 9);
/// assert_eq!(finished.died, 0);
/// # anyhow::Ok(())
/// ```
pub fn with_a_bad_item(
    items: u32,
    bad: u32,
    fail: fn() -> anyhow::Result<()>,
) -> anyhow::Result<Finished<Parcel>> {
    let fine = |_: &mut Parcel| Ok(());
    let resize = |parcel: &mut Parcel| if parcel.number == bad { fail() } else { Ok(()) };
    send(items, &three_stages([3, 4, 5], [&fine, &resize, &fine]))
}
