//! What the compiler says to those who write items 57, 58 and 60 for the first time.
//!
//! `cargo test` tries each example: the compiler must refuse it. A nightly one also compares the number of
//! the error. (`rustc --explain E0373` says more about a number.)
//!
//! # Item 57: a thread for each cell
//!
//! **`'static`.** A thread that [`std::thread::spawn`] has started may run until the program ends. So it
//! may use nothing that ends earlier, such as what belongs to the function that started it. That is what
//! the bound `'static` says: it lives as long as it likes.
//!
//! ```compile_fail,E0373
//! # use life::{Cell, Grid};
//! let (grid, cell) = (Grid::glider(), Cell { row: 2, column: 3 });
//! let thread = std::thread::spawn(|| grid.next_state(cell));
//! // error: closure may outlive the current function, but it borrows `grid`
//! let alive = thread.join();
//! ```
//!
//! In a *scope* the same closure compiles. The scope joins its threads before it ends, and the grid lives
//! longer than that:
//!
//! ```
//! # use life::{Cell, Grid};
//! let (grid, cell) = (Grid::glider(), Cell { row: 2, column: 3 });
//! let alive = std::thread::scope(|scope| scope.spawn(|| grid.next_state(cell)).join());
//! assert!(alive.unwrap());
//! ```
//!
//! **Moved into a closure twice.** `move` gives the closure what it names. The grid has one owner; after
//! the first round of the loop that is the first thread. (`&grid` can be given away in each round, for it
//! is a copy of a borrow: that is what item 57 does, where `grid` is a `&Grid` from the start.)
//!
//! ```compile_fail,E0382
//! # use life::Grid;
//! let grid = Grid::glider();
//! std::thread::scope(|scope| {
//!     for cell in grid.cells() {
//!         scope.spawn(move || grid.next_state(cell)); // error: use of moved value: `grid`
//!     }
//! });
//! ```
//!
//! **`Send`.** What a thread is given must be `Send`: it can be used in another thread than the one that
//! made it. Nearly everything can. An `Rc` can't: it counts its owners without a lock, so two threads
//! could lose a count. `Arc` counts atomically, and can.
//!
//! ```compile_fail,E0277
//! # use life::{Cell, Grid};
//! use std::rc::Rc;
//!
//! let (grid, cell) = (Rc::new(Grid::glider()), Cell { row: 2, column: 3 });
//! let thread = std::thread::spawn(move || grid.next_state(cell));
//! // error: `Rc<Grid>` cannot be sent between threads safely
//! ```
//!
//! # Item 58: workers and queues
//!
//! **A worker outlives the grid.** The workers are started before there is a grid, and end after it. A job
//! that borrowed the grid would leave them with a borrow of something that is gone:
//!
//! ```compile_fail,E0597
//! # use life::Grid;
//! use crossbeam::channel;
//!
//! std::thread::scope(|scope| {
//!     let (jobs, inbox) = channel::unbounded::<&Grid>();
//!     scope.spawn(move || inbox.iter().map(|grid| grid.cells().len()).sum::<usize>());
//!     let grid = Grid::glider();
//!     jobs.send(&grid).unwrap(); // error: `grid` does not live long enough
//! });
//! ```
//!
//! So a job has an `Arc<Grid>`. An `Arc` is one of several owners; the grid ends with the last of them.
//!
//! **Why crossbeam's channel.** Several workers take jobs from one queue. [`std::sync::mpsc`] has one
//! receiver alone (*multiple producers, single consumer*). It can't be cloned:
//!
//! ```compile_fail,E0599
//! let (jobs, inbox) = std::sync::mpsc::channel::<u32>();
//! let for_another_worker = inbox.clone(); // error: no method named `clone`
//! ```
//!
//! and it is not `Sync`: two threads may not even borrow it at the same time.
//!
//! ```compile_fail,E0277
//! let (jobs, inbox) = std::sync::mpsc::channel::<u32>();
//! std::thread::scope(|scope| {
//!     scope.spawn(|| inbox.recv()); // error: `Receiver<u32>` cannot be shared between threads
//!     drop(jobs);
//! });
//! ```
//!
//! A `Mutex` around it would do, and only one worker at a time could wait for a job. Crossbeam's receiver
//! can be cloned, and each clone waits for itself.
//!
//! # Item 60: a task for each cell
//!
//! **`'static`, once more.** A task belongs to the runtime, and may outlive the function that spawned it.
//! There is no scope for tasks: a function that waits at an `.await` can be dropped there and would leave
//! its tasks with the borrow. So each task gets an `Arc` of its own.
//!
//! ```compile_fail,E0521
//! # use life::{Cell, Grid};
//! fn fan_out(grid: &Grid, tasks: &mut tokio::task::JoinSet<bool>) {
//!     for cell in grid.cells() {
//!         tasks.spawn(async move { grid.next_state(cell) });
//!         // error: borrowed data escapes outside of function
//!     }
//! }
//! ```
//!
//! **Moved into a task twice.** One `Arc` for all of them is not enough, either: the first task owns it.
//! Each round of the loop has to clone it first, as item 60 does.
//!
//! ```compile_fail,E0382
//! # use life::Grid;
//! use std::sync::Arc;
//!
//! fn fan_out(grid: Arc<Grid>, tasks: &mut tokio::task::JoinSet<bool>) {
//!     for cell in grid.cells() {
//!         tasks.spawn(async move { grid.next_state(cell) }); // error: use of moved value: `grid`
//!     }
//! }
//! ```
