//! A pool of a stated size.

use anyhow::anyhow;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Starts a pool of `threads`. A pool whose size is not stated takes any that the environment names
/// (`RAYON_NUM_THREADS`), and else one thread for each core; stacks, too, would be as small as the
/// environment names (`RUST_MIN_STACK`).
pub fn start_pool(threads: usize) -> anyhow::Result<ThreadPool> {
    ThreadPoolBuilder::new()
        .num_threads(threads)
        .stack_size(2 << 20)
        .thread_name(|n| format!("thread {n}"))
        .build()
        .map_err(|cause| anyhow!("cannot start a pool of {threads} threads: {cause}"))
}
