//! The flags that the five programs share.

use std::time::Duration;

use common::program::duration_within;
use common::story::OutputFlags;

/// The flags of every program that plays the game.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct LifeFlags {
    /// How many generations the small grid goes through
    #[arg(long, default_value_t = 4, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=100))]
    pub generations: u16,

    /// How long the system call of each cell takes
    #[arg(long, default_value = "2ms", allow_hyphen_values = true)]
    #[arg(value_parser = duration_within("1ms", "1s"))]
    pub latency: Duration,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub output: OutputFlags,
}
