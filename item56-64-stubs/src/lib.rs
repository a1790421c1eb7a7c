//! Items 56–64: the second half of the chapter, which the notes leave as bare headings.

pub mod follow;
pub mod gcd;
pub mod guessing;
pub mod life;
pub mod lines;
pub mod memory;
pub mod merge;

/// An item of the chapter and its title in the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its number in the book.
    pub number: u32,
    /// Its title in the book.
    pub title: &'static str,
}

/// The nine items of this package.
pub const ITEMS: [Item; 9] = [
    Item { number: 56, title: "Know How to Recognize When Concurrency Is Necessary" },
    Item { number: 57, title: "Avoid Creating New Thread Instances for On-demand Fan-out" },
    Item { number: 58, title: "Understand How Using Queue for Concurrency Requires Refactoring" },
    Item {
        number: 59,
        title: "Consider ThreadPoolExecutor When Threads Are Necessary for Concurrency",
    },
    Item { number: 60, title: "Achieve Highly Concurrent I/O with Coroutines" },
    Item { number: 61, title: "Know How to Port Threaded I/O to asyncio" },
    Item { number: 62, title: "Mix Threads and Coroutines to Ease the Transition to asyncio" },
    Item { number: 63, title: "Avoid Blocking the asyncio Event Loop to Maximize Responsiveness" },
    Item { number: 64, title: "Consider concurrent.futures for True Parallelism" },
];
