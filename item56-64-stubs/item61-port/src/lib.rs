//! Item 61: know how to port threaded I/O to asyncio.
//!
//! A number-guessing game over TCP. Its rules do no I/O: [`protocol`] says what goes over the wire,
//! [`session`] is the server's side of a connection and [`player`] the client's. [`threads`] carries
//! their lines in threads, [`tasks`] in async tasks.
//!
//! What hardens the servers stands around these: [`door`], [`deadline`], [`limits`]. The other files run
//! servers and clients and look at what they do.

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
