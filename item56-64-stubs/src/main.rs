//! Lists items 56 to 64.

use std::io::{Write, stdout};
use std::process::ExitCode;

use clap::Parser;
use common::report::StdoutFailed;

/// Lists items 56 to 64 and the command that runs each
#[derive(Debug, Parser)]
struct Flags {}

/// Number and title in the book, and the package.
const ITEMS: [(u32, &str, &str); 9] = [
    (56, "Know How to Recognize When Concurrency Is Necessary", "item56-serial"),
    (57, "Avoid Creating New Thread Instances for On-demand Fan-out", "item57-fan-out"),
    (58, "Understand How Using Queue for Concurrency Requires Refactoring", "item58-queue"),
    (59, "Consider ThreadPoolExecutor When Threads Are Necessary for Concurrency", "item59-pool"),
    (60, "Achieve Highly Concurrent I/O with Coroutines", "item60-coroutines"),
    (61, "Know How to Port Threaded I/O to asyncio", "item61-port"),
    (62, "Mix Threads and Coroutines to Ease the Transition to asyncio", "item62-mix"),
    (63, "Avoid Blocking the asyncio Event Loop to Maximize Responsiveness", "item63-event-loop"),
    (64, "Consider concurrent.futures for True Parallelism", "item64-parallelism"),
];

fn main() -> ExitCode {
    common::program::run(|Flags {}| {
        for (number, title, package) in ITEMS {
            writeln!(stdout(), "{number}  {title}\n    cargo run -p {package}")
                .map_err(StdoutFailed)?;
        }
        Ok(())
    })
}
