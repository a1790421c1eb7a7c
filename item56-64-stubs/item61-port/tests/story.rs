//! The story of item 61 as its users run it.

use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, Output};

use testing::{assert_kept, assert_refused, assert_wrong_usage};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item61-port");
const KINDS: [&[&str]; 2] = [&[], &["--async"]];

fn run(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).output().unwrap()
}

#[test]
fn the_program_keeps_the_contract_and_plays_with_other_flags_as_well() {
    let flags =
        ["--clients", "50", "--games", "1", "--high", "5", "--seed", "18446744073709551615"];
    let report = assert_kept(PROGRAM, &flags);
    assert_eq!(report.overlap("crowd"), 50);
    assert_eq!(report.fact("crowd", "played_as_in_memory").unwrap(), 50);
    let in_memory = report.fact("pairings", "in_memory").unwrap();
    let transcripts = report.fact("pairings", "transcripts").unwrap().as_array().unwrap();
    assert!(transcripts.iter().all(|said| said == in_memory), "{transcripts:?}");
}

#[test]
fn a_wrong_flag_is_one_line_and_exit_code_2() {
    for (arguments, word) in [
        (&["--low", "5", "--high", "1"][..], "--low 5"),
        (&["--low=-9223372036854775808"], "100 numbers"),
        (&["--high", "101"], "100 numbers"),
        (&["--clients", "0"], "--clients"),
        (&["--clients", "4001"], "--clients"),
        (&["--games", "many"], "--games"),
        (&["--games", "101"], "--games"),
        (&["--seed", "-1"], "--seed"),
        (&["serve", "--addr", "here"], "--addr"),
        (&["serve", "--idle", "5 parsecs"], "--idle"),
        (&["serve", "--idle", "0s"], "--idle"),
        (&["serve", "--peers", "4001"], "--peers"),
        (&["play"], "--addr"),
        (&["play", "--addr", "127.0.0.1:1", "--low", "11"], "--low 11"),
        (&["watch"], "watch"),
    ] {
        assert_wrong_usage(PROGRAM, arguments, word);
    }
}

#[test]
fn what_the_system_refuses_is_one_line_and_exit_code_1() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let taken = listener.local_addr().unwrap().to_string();
    for kind in KINDS {
        let output = run(&[&["serve", "--addr", &taken], kind].concat());
        assert_refused(&output, 1, &format!("cannot listen on {taken}"));
    }
    drop(listener);
    for kind in KINDS {
        let output = run(&[&["play", "--addr", &taken], kind].concat());
        assert_refused(&output, 1, &format!("cannot play with {taken}"));
    }
}
