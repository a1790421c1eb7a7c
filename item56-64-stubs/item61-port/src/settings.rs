//! What servers and clients are told, and the times that both kinds of servers keep.

use std::time::Duration;

/// What a client plays.
#[derive(Clone, Copy, Debug)]
pub struct Games {
    /// The lowest number that it may think of.
    pub low: i64,
    /// The highest number that it may think of, not below the lowest.
    pub high: i64,
    /// How many games it plays, one after the other: at least one.
    pub count: u32,
    /// Decides which numbers it thinks of.
    pub seed: u64,
}

/// What a server is told.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Decides in which order numbers are guessed, in each session anew.
    pub seed: u64,
    /// How long a peer may take to send a line, or to take one.
    pub idle: Duration,
    /// How many peers are served at the same time. The next one is turned away.
    pub most_peers: usize,
}

/// How long a server keeps a connection that it has refused, for the peer to read why.
pub const LINGER: Duration = Duration::from_secs(5);

/// How long a server that can't accept a connection waits before it tries again: the system says
/// why at once, and would say so again and again.
pub const PAUSE: Duration = Duration::from_millis(50);

/// Far longer than any answer takes in the story: only a mistake makes it wait so long.
pub const TIMEOUT: Duration = Duration::from_secs(30);
