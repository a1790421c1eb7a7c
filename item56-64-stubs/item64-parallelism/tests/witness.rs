//! Child processes compute at the same time, and if they did not, it would be found out.

use std::path::Path;
use std::sync::Mutex;

use common::timeline::Lanes;
use common::witness::{assert_found_out, assert_seen};
use item64_parallelism::proofs::{look_at_children, look_at_processes};
use item64_parallelism::{Child, Pair, in_processes};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item64-parallelism");

#[test]
fn children_are_seen_and_never_taken_for_work_in_a_row() {
    assert_seen(|| look_at_processes(Path::new(PROGRAM)));
}

#[test]
fn children_that_are_asked_under_a_global_lock_are_found_out() {
    let lock = Mutex::new(());
    assert_found_out(|| {
        look_at_children(Path::new(PROGRAM), |children, ask| {
            let pairs = vec![Pair(400_000, 400_001); children.len()];
            let ask = |child: &mut Child, pair: Pair| {
                let _guard = lock.lock().unwrap();
                ask(child, pair)
            };
            in_processes(&Lanes::new(), children, &pairs, ask).map(drop)
        })
    });
}
