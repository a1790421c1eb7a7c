//! What a child tells while it runs and when it has ended.
//!
//! One at a time: whether a child is left is asked of the system, which then forgets one that has
//! ended, whosever it was.

use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use common::children::{Child, a_child_is_left, spawn, start_captured};
use common::threads::lock;
use duct::cmd;

/// Far longer than a child needs, on a busy machine, too.
const LONG: Duration = Duration::from_secs(60);

fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    lock(&ALONE)
}

/// A child that ends when its stdin does.
fn waits_for_stdin() -> Child {
    let mut command = Command::new("sh");
    command.args(["-c", "echo ready >&2; cat; exit 3"]);
    spawn(command.stdin(Stdio::piped()).stderr(Stdio::piped())).unwrap()
}

#[test]
fn a_child_has_no_status_until_it_has_ended() {
    let _alone = alone();
    for by_asking in [true, false] {
        let mut child = waits_for_stdin();
        assert!(child.try_wait().unwrap().is_none());
        let stdin = child.take_stdin();
        assert!(child.wait_timeout(Duration::from_millis(1)).unwrap().is_none());
        drop(stdin);
        let status = if by_asking {
            testing::eventually("it ends", || child.try_wait().unwrap())
        } else {
            child.wait_timeout(LONG).unwrap().expect("its stdin is closed")
        };
        assert_eq!(status.code(), Some(3));
        assert!(child.terminate().is_err(), "its number may be another's by now");
    }
}

#[test]
fn what_a_child_complains_of_can_be_read() {
    let _alone = alone();
    let mut child = waits_for_stdin();
    drop(child.take_stdin());
    let mut complaint = String::new();
    child.take_stderr().unwrap().read_to_string(&mut complaint).unwrap();
    assert_eq!(complaint, "ready\n");
}

#[test]
fn a_child_whose_output_is_read_has_a_status_when_it_has_ended() {
    let _alone = alone();
    let mut child = start_captured(cmd!("sh", "-c", "exit 3").unchecked()).unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(3));
    let output = child.try_wait().unwrap().expect("it has been waited for");
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn a_child_is_left_until_it_has_been_waited_for() {
    let _alone = alone();
    assert!(!a_child_is_left().unwrap());
    let child = waits_for_stdin();
    assert!(a_child_is_left().unwrap());
    drop(child);
    assert!(!a_child_is_left().unwrap());
}
