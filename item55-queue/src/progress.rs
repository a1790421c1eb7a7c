//! A bar for who waits at a terminal for more than a moment.

use std::io::{IsTerminal, stderr, stdout};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// From here on a wait is more than a moment.
const LONG: Duration = Duration::from_secs(2);

/// A bar for `items` calls of `latency` by the smallest of three groups of `workers`; where nobody
/// would see it or need it, and where the output is JSON, one that draws nothing.
pub fn bar(items: u32, workers: [usize; 3], latency: Duration, json: bool) -> ProgressBar {
    let fewest = workers.into_iter().min().unwrap_or(1);
    let estimate = (latency * items).div_f64(fewest as f64);
    if json || estimate < LONG || !stdout().is_terminal() || !stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("  {wide_bar} {pos} of {len} items, {eta} left");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(items.into()).with_style(style.progress_chars("=> "))
}
