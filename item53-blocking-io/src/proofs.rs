//! What `cargo xtask verify` is shown besides.

use std::time::Duration;

use common::timeline::{Lanes, Span};
use common::witness::{CROWD, Seen, Watch, look};

use crate::calls::MAIN;
use crate::{Factored, NUMBERS, in_threads, start_pool, try_each, with_rayon};

/// The factors of each number, in a line of its own.
pub fn factors(found: &[Factored]) -> String {
    let line = |found: &Factored| {
        let factors: Vec<String> = found.factors.iter().map(u32::to_string).collect();
        factors.join(" ")
    };
    found.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// How many divisions were tried.
pub fn divisions(found: &[Factored]) -> u64 {
    found.iter().map(|found| found.divisions).sum()
}

/// How many computations of the main thread had ended when the first of the calls returned.
pub fn computed_meanwhile(spans: Vec<Span>) -> usize {
    let (computed, calls): (Vec<Span>, Vec<Span>) =
        spans.into_iter().partition(|span| span.lane == MAIN);
    let first_return = calls.iter().map(|call| call.end_us).min().unwrap_or(0);
    computed.iter().filter(|span| span.end_us <= first_return).count()
}

/// How long the main thread took from the beginning of its first computation to the end of its last:
/// less than a millisecond, unless the system gave its core to others.
pub fn time_of_computing(spans: &[Span]) -> Duration {
    let computed = || spans.iter().filter(|span| span.lane == MAIN);
    let begin = computed().map(|span| span.start_us).min().unwrap_or(0);
    let end = computed().map(|span| span.end_us).max().unwrap_or(0);
    Duration::from_micros(end - begin)
}

/// Whether threads of one's own compute at the same time.
///
/// # Errors
///
/// Fails when the system does not give so many threads.
pub fn look_at_threads() -> anyhow::Result<Seen> {
    look_at(|numbers, factorise| in_threads(&Lanes::new(), numbers, factorise).map(drop))
}

/// Whether rayon's threads compute at the same time.
///
/// # Errors
///
/// Fails when the system does not give so many threads.
pub fn look_at_rayon() -> anyhow::Result<Seen> {
    let pool = start_pool(CROWD)?;
    look_at(|numbers, factorise| {
        with_rayon(&pool, &Lanes::new(), numbers, factorise);
        Ok(())
    })
}

/// Whether `way`, which factorises all numbers that it is given, computes at the same time. They
/// are the notes', whatever numbers were asked for: with small ones there is nothing to see.
///
/// # Errors
///
/// Fails when `way` does.
pub fn look_at(
    mut way: impl FnMut(&[u32], &(dyn Fn(u32) + Sync)) -> anyhow::Result<()>,
) -> anyhow::Result<Seen> {
    let numbers: Vec<u32> = NUMBERS.into_iter().cycle().take(CROWD).collect();
    look(|watch| way(&numbers, &|number| factorise(number, watch)))
}

/// What [`try_all`](crate::try_all) does, over and over, piece by piece.
fn factorise(number: u32, watch: &Watch) {
    const DIVISIONS: u32 = 40_000;
    let firsts = (1..=number).step_by(DIVISIONS as usize);
    for first in firsts.cycle().take_while(|_| !watch.is_over()) {
        watch.piece(|| try_each(number, first..=number.min(first + DIVISIONS - 1)));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use common::witness::{assert_found_out, assert_seen};

    use super::*;
    use crate::in_one_thread;

    fn span(lane: &str, start_us: u64, end_us: u64) -> Span {
        Span { lane: lane.into(), label: "work".into(), start_us, end_us }
    }

    #[test]
    fn only_what_was_computed_before_the_first_call_returned_was_computed_meanwhile() {
        let calls = [span("call 0", 0, 100), span("call 1", 0, 90)];
        let computed = [span(MAIN, 10, 20), span(MAIN, 20, 90), span(MAIN, 90, 95)];
        let spans: Vec<Span> = calls.into_iter().chain(computed).collect();
        assert_eq!(time_of_computing(&spans), Duration::from_micros(85));
        assert_eq!(computed_meanwhile(spans), 2);
    }

    #[test]
    fn factors_of_each_number_stand_in_a_line() {
        let found = [6, 7].map(crate::try_all);
        assert_eq!(factors(&found), "1 2 3 6\n1 7");
        assert_eq!(divisions(&found), 13);
    }

    #[test]
    fn threads_and_rayon_are_seen_and_never_taken_for_work_in_a_row() {
        assert_seen(look_at_threads);
        assert_seen(look_at_rayon);
    }

    #[test]
    fn one_thread_is_found_out() {
        assert_found_out(|| {
            look_at(|numbers, factorise| {
                in_one_thread(&Lanes::new(), numbers, factorise);
                Ok(())
            })
        });
    }

    #[test]
    fn threads_under_a_global_lock_are_found_out() {
        let lock = Mutex::new(());
        assert_found_out(|| {
            look_at(|numbers, factorise| {
                let factorise = |number| {
                    let _guard = lock.lock().unwrap();
                    factorise(number);
                };
                in_threads(&Lanes::new(), numbers, factorise).map(drop)
            })
        });
    }
}
