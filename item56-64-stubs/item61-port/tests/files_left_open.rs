//! A program begins with the files that its parent has left open. Here these are more and more of
//! those that may be open at all: what can't be opened then is told in one line. This is the only
//! test of its file, for all children of its process inherit them.
#![cfg(target_os = "linux")]

use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;

use rustix::io::{FdFlags, fcntl_setfd};
use testing::assert_refused;

const PROGRAM: &str = env!("CARGO_BIN_EXE_item61-port");

#[test]
fn a_program_that_can_open_too_few_files_says_so_in_one_line() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    let mut left_open = Vec::new();
    let mut refused = [0; 3];
    // With more of them the program itself could not be loaded.
    while left_open.len() < 58 {
        let file = File::open("/dev/null").unwrap();
        fcntl_setfd(&file, FdFlags::empty()).unwrap();
        left_open.push(file);
        if left_open.len() < 42 {
            continue;
        }
        let runs = [
            &["--clients", "1"][..],
            // These would run, but for an address that is taken and a server that is silent.
            &["serve", "--async", "--addr", &addr],
            &["play", "--async", "--addr", &addr, "--timeout", "1ms"],
        ];
        for (arguments, refused) in runs.iter().zip(&mut refused) {
            // Not `run_limited`, which closes what was left open.
            let limit = "ulimit -n 64; exec \"$0\" \"$@\"";
            let limited = Command::new("sh").args(["-c", limit, PROGRAM]).args(*arguments).output();
            let output = limited.unwrap();
            if !output.status.success() {
                assert_refused(&output, 1, "cannot ");
            }
            let complaint = String::from_utf8_lossy(&output.stderr);
            *refused += u32::from(complaint.contains("files"));
        }
    }
    assert!(refused.into_iter().all(|refused| refused > 0), "{refused:?}");
}
