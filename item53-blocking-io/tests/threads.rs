//! What the threads of [`in_threads`] return, in which order.

use std::thread::sleep;
use std::time::Duration;

use item53_blocking_io::{Factored, in_threads};

/// A thread ends when its work is done, and here the first number takes longest. Who joins the threads decides
/// in which order the results come.
#[test]
fn results_come_in_the_order_of_the_numbers() {
    // Each number takes as many milliseconds, so the threads end in the opposite order.
    let take_a_while = |number| {
        sleep(Duration::from_millis(u64::from(number)));
        Factored { factors: vec![number], divisions: 1 }
    };
    let numbers = [300, 200, 100, 0];
    let found = in_threads(&numbers, take_a_while).unwrap();
    let found: Vec<u32> = found.iter().map(|found| found.factors[0]).collect();
    assert_eq!(found, numbers, "the results are not in the order of the numbers");
}
