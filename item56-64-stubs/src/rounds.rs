//! Why a generation takes as long as it takes.

use std::time::Duration;

use common::unit::show_time;

/// So many of `what`, each as long as `each`, one after the other.
///
/// ```
/// use std::time::Duration;
///
/// let sum = life::in_turn(45, "calls", Duration::from_micros(2_100));
/// assert_eq!(sum, "45 calls × 2.1 ms = 94.5 ms");
/// ```
pub fn in_turn(count: usize, what: &str, each: Duration) -> String {
    format!("{count} {what} × {} = {}", show_time(each), show_time(each.mul_f64(count as f64)))
}

/// So many `cells`, of whose calls, each as long as `call`, so many are open `at_once`.
///
/// ```
/// use std::time::Duration;
///
/// let sum = life::in_rounds(45, 10, Duration::from_micros(2_100));
/// assert_eq!(sum, "45 cells ÷ 10: 5 rounds × 2.1 ms = 10.5 ms");
/// ```
pub fn in_rounds(cells: usize, at_once: usize, call: Duration) -> String {
    let rounds = cells.div_ceil(at_once);
    let what = if rounds == 1 { "round" } else { "rounds" };
    format!("{cells} cells ÷ {at_once}: {}", in_turn(rounds, what, call))
}
