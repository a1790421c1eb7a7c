//! A bar for who waits at a terminal for more than a moment.

use std::io::{IsTerminal, stdout};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// From here on a wait is more than a moment.
const LONG: Duration = Duration::from_secs(2);

/// A bar for `items` calls of `latency` by the smallest of three groups of `workers`; where nobody
/// would see it or need it, and where the output is JSON, one that draws nothing. (Where stderr is
/// no terminal, no bar draws anything.)
pub fn bar(items: u32, workers: [usize; 3], latency: Duration, json: bool) -> ProgressBar {
    if json || estimate(items, workers, latency) < LONG || !stdout().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("  {wide_bar} {pos} of {len} items, {eta} left");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(items.into()).with_style(style.progress_chars("=> "))
}

fn estimate(items: u32, workers: [usize; 3], latency: Duration) -> Duration {
    let fewest = workers.into_iter().min().unwrap_or(1);
    (latency * items).div_f64(fewest as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_group_makes_all_calls_in_turn() {
        let estimate = estimate(1000, [5, 4, 2], Duration::from_millis(100));
        assert_eq!(estimate, Duration::from_secs(50));
    }
}
