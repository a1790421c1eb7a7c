//! Why a generation takes as long as it takes: the threads are started one after the other.

use std::time::Duration;

use common::timeline::Span;
use common::unit::show_time;
use life::Size;

/// The time of a generation with a thread for each cell: starting them, and the `call` of the last.
pub fn starts_and_a_call(spans: &[Span], size: Size, call: Duration) -> String {
    let (starts, start) = (size.cells() - 1, from_call_to_call(spans, size.cells()));
    let (sum, start) = (show_time(start.mul_f64(starts as f64) + call), show_time(start));
    format!("{starts} starts × {start} + a call of {} = {sum}", show_time(call))
}

/// From the begin of a thread's call to that of the next one, on average over all generations. Each has
/// `cells` calls, and no generation begins before the one before it has ended.
fn from_call_to_call(spans: &[Span], cells: usize) -> Duration {
    let mut begins: Vec<u64> = spans.iter().map(|span| span.start_us).collect();
    begins.sort_unstable();
    let generations: Vec<&[u64]> = begins.chunks(cells).collect();
    let starting: u64 = generations.iter().map(|calls| calls[calls.len() - 1] - calls[0]).sum();
    let gaps = begins.len() - generations.len();
    Duration::from_micros(starting).div_f64(gaps.max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_between_two_generations_counts_for_none() {
        let span =
            |start_us| Span { lane: String::new(), label: "call".into(), start_us, end_us: 9000 };
        // In any order: threads record their calls when these end.
        let spans = [10, 1000, 20, 1030, 15, 1010].map(span);
        assert_eq!(from_call_to_call(&spans, 3), Duration::from_micros(10));
        assert_eq!(from_call_to_call(&spans[..2], 1), Duration::ZERO);
        assert_eq!(from_call_to_call(&[], 3), Duration::ZERO);
    }
}
