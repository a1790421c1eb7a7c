//! The story of item 61 as its users run it.

use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, Output};

use testing::{assert_kept, assert_refused, assert_wrong_usage, facts};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item61-port");
const KINDS: [&[&str]; 2] = [&[], &["--async"]];

fn run(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).output().unwrap()
}

#[test]
fn the_program_keeps_the_contract() {
    let report = assert_kept(PROGRAM, &["--clients", "50"]);
    assert_eq!(report.item, 61);
    assert_eq!(report.overlap("crowd"), 50);
}

#[test]
fn the_story_reports_the_same_games_for_all_pairings_and_for_each_client_of_the_crowd() {
    let facts = facts(PROGRAM, &["--clients", "100", "--seed", "18446744073709551615"]);
    for pairing in
        ["threads_with_threads", "threads_with_tasks", "tasks_with_threads", "tasks_with_tasks"]
    {
        assert_eq!(facts[format!("pairings.{pairing}")], facts["pairings.in_memory"], "{pairing}");
    }
    assert_eq!(facts["bad_peers.good_peer_of_tasks"], facts["pairings.in_memory"]);
    assert_eq!(facts["crowd.connections"], 100);
    assert_eq!(facts["crowd.played_as_rehearsed"], 100);
    assert_eq!(facts["stop.threads_hung_up"], 3);
    assert_eq!(facts["stop.tasks_hung_up"], 3);
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
        (&["--latency", "2ms"], "--latency"),
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
