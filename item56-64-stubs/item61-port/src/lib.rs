//! Item 61: know how to port threaded I/O to asyncio.
//!
//! A number-guessing game over TCP. Its rules do no I/O: [`protocol`] says what goes over the wire,
//! [`session`] is the server's side of a connection and [`player`] the client's. [`threads`] carries
//! their lines in threads, [`tasks`] in async tasks.
//!
//! What hardens the servers stands around these: [`door`], [`deadline`], [`limits`]. The other files run
//! servers and clients and look at what they do.
//!
//! # What Rust refuses
//!
//! Python hands any object to any thread or task. Here three mistakes do not compile, and what mends each
//! of them stands in [`threads`] and [`crowd`].
//!
//! A value has one owner. The socket moves into the closure of the thread that reads from it, so that the
//! server can't also put it on its list of the sockets to shut down. An `Arc` may have many owners: each
//! gets a clone.
//!
//! ```compile_fail,E0382
//! use std::net::TcpStream;
//! use std::thread;
//!
//! fn serve(peers: Vec<TcpStream>) {
//!     let mut open = Vec::new();
//!     for peer in peers {
//!         thread::spawn(move || peer.peek(&mut [0]));
//!         open.push(peer); // error: use of moved value: `peer`
//!     }
//! }
//! ```
//!
//! An `Rc` has many owners, too, but counts them without care for threads: it is not `Send`, which means
//! that no other thread may get it. An `Arc` counts with atomic operations.
//!
//! ```compile_fail,E0277
//! use std::net::TcpStream;
//! use std::rc::Rc;
//! use std::thread;
//!
//! fn serve(peer: Rc<TcpStream>) {
//!     let same = Rc::clone(&peer);
//!     thread::spawn(move || same.peek(&mut [0])); // error: `Rc<TcpStream>` cannot be sent
//! }
//! ```
//!
//! A task may outlive the function that starts it. So it borrows nothing from there: it must be `'static`.
//! An `Arc` mends this, too. (A thread may borrow where `thread::scope` ends it before the function goes on,
//! as the flag `stopping` is borrowed in [`threads`]. Tasks have no such scope.)
//!
//! ```compile_fail,E0597
//! use tokio::sync::Barrier;
//! use tokio::task::JoinSet;
//!
//! async fn start(tasks: &mut JoinSet<()>) {
//!     let all_are_here = Barrier::new(2);
//!     for _ in 0..2 {
//!         let all_are_here = &all_are_here; // error: `all_are_here` does not live long enough
//!         tasks.spawn(async move { drop(all_are_here.wait().await) });
//!     }
//! }
//! ```
//!
//! With `Arc::new(…)` around the barrier and a clone for each task, it compiles:
//!
//! ```
//! use std::sync::Arc;
//! use tokio::sync::Barrier;
//! use tokio::task::JoinSet;
//!
//! async fn start(tasks: &mut JoinSet<()>) {
//!     let all_are_here = Arc::new(Barrier::new(2));
//!     for _ in 0..2 {
//!         let all_are_here = Arc::clone(&all_are_here);
//!         tasks.spawn(async move { drop(all_are_here.wait().await) });
//!     }
//! }
//! ```

pub mod crowd;
pub mod deadline;
pub mod door;
pub mod idle;
pub mod limits;
pub mod player;
pub mod protocol;
pub mod rehearsal;
pub mod scripts;
pub mod server;
pub mod session;
pub mod settings;
pub mod tasks;
pub mod threads;
