//! What the system limits, as Linux lets one limit and look at it.

use std::fs::read_to_string;
use std::io::{BufRead, BufReader, Write, pipe};
use std::process::Command;

use common::children::spawn;
use rustix::fs::{OFlags, fcntl_setfl};
use rustix::process::{Signal, kill_process};
use testing::{assert_refused, eventually, report, run_limited};

use super::{KINDS, PROGRAM, Peer, Server, with_each};

/// A server under a limit that the shell sets first.
fn limited(limit: &str, flags: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{limit} && exec \"$0\" serve \"$@\""), PROGRAM]).args(flags);
    command
}

/// Of many peers, some are served and stay, and the others are told.
#[track_caller]
fn assert_some_are_served(server: &Server, peers: usize) {
    let mut peers: Vec<Peer> = (0..peers).map(|_| server.connect()).collect();
    let ask = |peer: &mut Peer| {
        peer.says("PARAMS 7 7\nNUMBER\n");
        peer.hears()
    };
    let answers: Vec<String> = peers.iter_mut().map(ask).collect();
    let count = |answer| answers.iter().filter(|heard| *heard == answer).count();
    let (answered, told) = (count("7\n"), count("ERROR the server is full\n"));
    assert!(answered > 0 && told > 0 && answered + told == peers.len(), "{answers:?}");
    peers[0].says("PARAMS 8 8\nNUMBER\n");
    assert_eq!(peers[0].hears(), "8\n");
}

#[test]
fn a_line_of_10_mb_takes_no_10_mb_of_memory() {
    let peak_kib = |server: &Server| {
        let pid = server.child.pid().as_raw_nonzero();
        let status = read_to_string(format!("/proc/{pid}/status")).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap()
    };
    for kind in KINDS {
        let server = Server::start(kind);
        let before = peak_kib(&server);
        let mut peer = server.connect();
        peer.says(vec![b'x'; 10_000_000]);
        assert_eq!(peer.hears_out(), "ERROR the line is longer than 128 bytes\n");
        let after = peak_kib(&server);
        assert!(after < before + 2_000, "{before} KiB before, {after} KiB after");
    }
}

// It has a line left to print, into a pipe that is full and that nobody reads: it goes without.
#[test]
fn a_reader_that_has_stalled_does_not_hold_up_the_end_of_a_server() {
    with_each(|kind| {
        let (stdout, mut theirs) = pipe().unwrap();
        let mut command = Command::new(PROGRAM);
        command.arg("serve").args(kind).stdout(theirs.try_clone().unwrap());
        let mut child = spawn(&mut command).unwrap();
        let mut line = String::new();
        BufReader::new(&stdout).read_line(&mut line).unwrap();
        assert!(line.starts_with("listening on "), "{line}");
        fcntl_setfl(&theirs, OFlags::NONBLOCK).unwrap();
        while theirs.write(b" ").is_ok() {}
        fcntl_setfl(&theirs, OFlags::empty()).unwrap();
        kill_process(child.pid(), Signal::TERM).unwrap();
        let status = eventually("its end", || child.try_wait().unwrap());
        assert_eq!(status.code(), Some(0));
    });
}

#[test]
fn peers_beyond_the_limit_of_open_files_are_told_so_and_the_others_stay() {
    for kind in KINDS {
        assert_some_are_served(&Server::spawn(&mut limited("ulimit -n 64", kind)), 100);
    }
}

// Each thread reserves its stack. Here three have room, and the rest of the program is left with
// enough: the standard library panics when a new thread finds no memory at all.
#[test]
fn a_peer_for_whom_there_is_no_thread_is_told_so_and_the_others_stay() {
    let mut command = limited("ulimit -v 1000000", &[]);
    let command = command.env("RUST_MIN_STACK", (256 << 20).to_string());
    assert_some_are_served(&Server::spawn(command), 10);
}

// Each client takes two open files here. The story plays with as many as there is room for.
#[test]
fn where_few_files_may_be_open_the_crowd_is_smaller() {
    let report = report(&run_limited("ulimit -n 100", PROGRAM, &["--json"]));
    let fact = |fact| report.fact("crowd", fact).unwrap().as_u64().unwrap();
    // Three are open anyway, and others if this test has been left some.
    assert!((10..=32).contains(&fact("clients")), "{}", fact("clients"));
    assert_eq!(fact("connections"), fact("clients"));
    assert_eq!(fact("played_as_in_memory"), fact("clients"));
}

#[test]
fn too_few_open_files_are_one_line() {
    for limit in ["ulimit -n 6", "ulimit -n 16", "ulimit -n 35"] {
        for arguments in [&[][..], &["serve"], &["serve", "--async"]] {
            assert_refused(&run_limited(limit, PROGRAM, arguments), 1, "cannot open 3");
        }
    }
}
