//! Item 64: the speed-up by more and more cores, and the trip of a message by its size.

use std::iter::successors;
use std::mem;
use std::sync::mpsc;
use std::thread;

use anyhow::Context;
use common::threads::{cores, start_pool};
use item64_parallelism::trip::EchoChild;
use item64_parallelism::{Child, PAIRS, in_pool, in_processes, in_threads};

use crate::curve::{Curve, Shown, repeated, way};
use crate::programs::program;
use crate::sizes;

const ME: &str = "item64-parallelism";

pub fn speed_up() -> Curve {
    let by_threads = way("threads", |workers| {
        let workers = usize::try_from(workers)?;
        Ok(repeated(move || in_threads(workers, &PAIRS).map(drop)))
    });
    let by_rayon = way("rayon", |workers| {
        let pool = start_pool(usize::try_from(workers)?)?;
        Ok(repeated(move || {
            in_pool(&pool, &PAIRS);
            Ok(())
        }))
    });
    let by_processes = way("processes", |workers| {
        let mut children = Child::start_all(program(ME)?, usize::try_from(workers)?)?;
        Ok(repeated(move || in_processes(&mut children, &PAIRS).map(drop)))
    });
    let cores = cores() as u64;
    let doubled = successors(Some(1), |workers| Some(2 * workers));
    let mut workers: Vec<u64> = doubled.take_while(|workers| *workers < cores).collect();
    workers.push(cores);
    Curve {
        name: "speed-up",
        says: "item 64: ten greatest common divisors, shared out among workers",
        unit: "workers",
        sizes: sizes(&workers, &[]),
        shown: Shown::Whole,
        ways: vec![by_threads, by_rayon, by_processes],
        note: "The last size is the number of cores.",
    }
}

pub fn trips() -> Curve {
    let moved = way("to a thread", |length| {
        let mut message = Some(vec![7_u8; usize::try_from(length)?]);
        let (to, messages) = mpsc::channel::<Vec<u8>>();
        let (answers, from) = mpsc::channel();
        let echo = move || messages.into_iter().try_for_each(|message| answers.send(message));
        let thread = Ends { to: Some(to), thread: Some(thread::spawn(move || drop(echo()))) };
        Ok(repeated(move || {
            let to = thread.to.as_ref().context("the channel is closed")?;
            to.send(message.take().context("the message is lost")?)?;
            message = Some(from.recv()?);
            Ok(())
        }))
    });
    let piped = way("to a child", |length| {
        let mut child = EchoChild::start(program(ME)?)?;
        let mut message = vec![7_u8; usize::try_from(length)?];
        Ok(repeated(move || {
            message = child.trip(mem::take(&mut message))?;
            Ok(())
        }))
    });
    Curve {
        name: "trip",
        says: "item 64: a message to a worker and back",
        unit: "bytes",
        sizes: sizes(&[8, 1_000, 64_000, 1_000_000, 16_000_000], &[]),
        shown: Shown::Whole,
        ways: vec![moved, piped],
        note: "To a thread only the address travels, whatever the size.",
    }
}

/// A thread that ends when its channel is closed, and is joined then.
struct Ends {
    to: Option<mpsc::Sender<Vec<u8>>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Drop for Ends {
    fn drop(&mut self) {
        drop(self.to.take());
        // A panic of the thread has been printed.
        let _ = self.thread.take().map(thread::JoinHandle::join);
    }
}
