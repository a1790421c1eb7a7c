//! What each version meets: the flags of the story, and the pauses that follow from them.

use std::time::Duration;

use common::program::duration_within;

/// What each version meets.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Settings {
    /// How many log files are being written, at most 100
    #[arg(long, default_value_t = 5, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=100))]
    pub writers: u16,

    /// How many lines are written to each, at most 5000
    #[arg(long, default_value_t = 10, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(..=5000))]
    pub lines: u16,

    /// The longest pause before a line, at most 1s; each pause is random
    #[arg(long, default_value = "100ms", allow_hyphen_values = true)]
    #[arg(value_parser = duration_within("0s", "1s"))]
    pub pause: Duration,

    /// What the random pauses begin with: the same seed, the same pauses
    #[arg(long, default_value_t = 62, allow_negative_numbers = true)]
    pub seed: u64,

    /// How long a follower waits before it looks for more, at most 1s
    #[arg(long, default_value = "10ms", allow_hyphen_values = true)]
    #[arg(value_parser = duration_within("1ms", "1s"))]
    pub poll: Duration,
}

impl Settings {
    /// The pauses of writer `n`, one before each line, the same in each version.
    pub fn pauses(&self, n: u16) -> impl Iterator<Item = Duration> {
        // Knuth's generator is a line of arithmetic in any language. So the writers of `in_python.py`
        // pause as these do, and the times of both languages can be compared.
        let mut state = self.seed.wrapping_mul(100).wrapping_add(n.into());
        let longest = self.pause;
        (0..self.lines).map(move |_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            // The upper half of its bits looks random; the lowest bits repeat soon.
            longest.mul_f64((state >> 32) as f64 / 2_f64.powi(32))
        })
    }

    /// The sum of the pauses of the slowest writer: no version can be done earlier.
    pub fn slowest_writer(&self) -> Duration {
        let of_writer = |n| self.pauses(n).sum();
        (0..self.writers).map(of_writer).max().unwrap_or_default()
    }
}
