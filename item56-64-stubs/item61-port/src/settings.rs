//! What servers and clients are told, by flags or by the story, and the times that both kinds of servers
//! keep.

use std::time::Duration;

use clap::error::ErrorKind;
use clap::{Args, value_parser};
use common::program::duration_within;

use crate::limits::MOST_PEERS;

/// What a client plays.
#[derive(Clone, Copy, Debug, Args)]
pub struct Games {
    /// The lowest number a client may think of
    #[arg(long, default_value_t = 1, allow_negative_numbers = true)]
    pub low: i64,

    /// The highest number a client may think of
    #[arg(long, default_value_t = 10, allow_negative_numbers = true)]
    pub high: i64,

    /// How many games a client plays, one after the other
    #[arg(long = "games", default_value_t = 3, allow_negative_numbers = true)]
    #[arg(value_parser = value_parser!(u32).range(1..=100))]
    pub count: u32,

    /// Decides which numbers are thought of, and in the story also how they are guessed
    #[arg(long, default_value_t = 42, allow_negative_numbers = true)]
    pub seed: u64,
}

/// What a server is told.
#[derive(Clone, Copy, Debug, Args)]
pub struct Settings {
    /// Decides in which order numbers are guessed, in each session anew
    #[arg(long, default_value_t = 42, allow_negative_numbers = true)]
    pub seed: u64,

    /// How long a peer may take to send a line, or to take one
    #[arg(long, default_value = "1min", value_parser = duration_within("1ms", "1day"))]
    pub idle: Duration,

    /// How many peers may play at the same time; fewer if fewer files may be open
    #[arg(long = "peers", default_value_t = 1_000, allow_negative_numbers = true)]
    #[arg(value_parser = value_parser!(u16).range(1..=i64::from(MOST_PEERS)))]
    pub most_peers: u16,
}

/// A larger range than this takes too long to guess in.
const LARGEST_RANGE: u64 = 100;

impl Games {
    /// Two flags that are fine on their own may be at odds with each other.
    pub fn checked(self) -> Result<Self, clap::Error> {
        let Self { low, high, .. } = self;
        let complaint = if low > high {
            format!("'--low {low}' is above '--high {high}'")
        } else if low.abs_diff(high) >= LARGEST_RANGE {
            format!("'--low {low} --high {high}' are more than {LARGEST_RANGE} numbers")
        } else {
            return Ok(self);
        };
        Err(clap::Error::raw(ErrorKind::ValueValidation, complaint))
    }
}

/// How long a server keeps a connection that it has refused, for the peer to read why.
pub const LINGER: Duration = Duration::from_secs(5);

/// How long a server that can't accept a connection waits before it tries again: the system says
/// why at once, and would say so again and again.
pub const PAUSE: Duration = Duration::from_millis(50);

/// Far longer than any answer takes in the story: only a mistake makes it wait so long.
pub const TIMEOUT: Duration = Duration::from_secs(30);
