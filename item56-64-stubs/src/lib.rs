//! Items 56–64: the second half of the chapter, which the notes leave as bare headings.

pub mod follow;
pub mod gcd;
pub mod guessing;
pub mod life;
pub mod lines;
pub mod memory;
pub mod merge;

use std::fmt;

/// An item of the chapter, and the program that shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its number in the book.
    pub number: u32,
    /// Its title in the book.
    pub title: &'static str,
    /// The binary of this package.
    pub program: &'static str,
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, title, program } = self;
        write!(f, "{number}  {title}\n    cargo run -p item56-64-stubs --bin {program}")
    }
}

/// The nine items of this package.
pub const ITEMS: [Item; 9] = [
    Item {
        number: 56,
        title: "Know How to Recognize When Concurrency Is Necessary",
        program: "item56-serial",
    },
    Item {
        number: 57,
        title: "Avoid Creating New Thread Instances for On-demand Fan-out",
        program: "item57-fan-out",
    },
    Item {
        number: 58,
        title: "Understand How Using Queue for Concurrency Requires Refactoring",
        program: "item58-queue",
    },
    Item {
        number: 59,
        title: "Consider ThreadPoolExecutor When Threads Are Necessary for Concurrency",
        program: "item59-pool",
    },
    Item {
        number: 60,
        title: "Achieve Highly Concurrent I/O with Coroutines",
        program: "item60-coroutines",
    },
    Item { number: 61, title: "Know How to Port Threaded I/O to asyncio", program: "item61-port" },
    Item {
        number: 62,
        title: "Mix Threads and Coroutines to Ease the Transition to asyncio",
        program: "item62-mix",
    },
    Item {
        number: 63,
        title: "Avoid Blocking the asyncio Event Loop to Maximize Responsiveness",
        program: "item63-event-loop",
    },
    Item {
        number: 64,
        title: "Consider concurrent.futures for True Parallelism",
        program: "item64-parallelism",
    },
];
