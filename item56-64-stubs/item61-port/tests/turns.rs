//! Tasks share a thread: what a peer who talks without a pause leaves to the others.

use std::collections::BTreeSet;
use std::io::Write;
use std::net::{Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

use item61_port::limits::MOST_PEERS;
use item61_port::server::runtime;
use item61_port::settings::Settings;
use item61_port::tasks::serve;
use tokio::net::TcpListener;
use tokio::select;
use tokio::sync::oneshot;
use tokio::task::yield_now;

/// So many lines that ask for an answer. Fewer than tokio allows: it interrupts a task by itself that reads
/// and writes for too long without a wait.
const LINES: usize = 30;

/// Only a mistake makes a test wait so long.
const TIMEOUT: Duration = Duration::from_secs(60);

/// All lines are in the socket before the session begins, so its task never waits for one. Another task
/// looks at each of its turns how many lines are answered.
#[test]
fn other_tasks_get_their_turn_between_two_lines() {
    let settings = Settings { seed: 61, idle: TIMEOUT, most_peers: MOST_PEERS };
    let counts = runtime().unwrap().block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let mut peer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let lines = format!("PARAMS 1 {LINES}\n{}", "NUMBER\n".repeat(LINES));
        peer.write_all(lines.as_bytes()).unwrap();
        peer.set_nonblocking(true).unwrap();
        let (_stop, stopped) = oneshot::channel::<()>();
        select! {
            _ = serve(listener, settings, stopped) => panic!("nobody has stopped the server"),
            counts = counts_of_answers(&peer) => counts,
        }
    });
    assert!(counts.contains(&LINES), "not all lines were answered: {counts:?}");
    // Nearly all counts, unless the system takes long to deliver what is sent.
    let between = counts.range(1..LINES).count();
    assert!(
        between >= LINES / 6,
        "while {LINES} lines were answered, another task got its turn {between} times"
    );
}

/// The different counts of answers that are found, turn by turn, until all lines are answered.
async fn counts_of_answers(peer: &TcpStream) -> BTreeSet<usize> {
    let (mut counts, start) = (BTreeSet::new(), Instant::now());
    let mut answers = [0; 4096];
    while start.elapsed() < TIMEOUT {
        let length = peer.peek(&mut answers).unwrap_or(0);
        let answers = &answers[..length];
        let count = answers.split(|byte| *byte == b'\n').count() - 1;
        counts.insert(count);
        if count == LINES || answers.windows(5).any(|word| word == b"ERROR") {
            break;
        }
        yield_now().await;
    }
    counts
}
