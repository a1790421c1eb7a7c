//! Item 55: a parcel through the pipeline, without work, beside channels and queues in the same shape.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use anyhow::{Context, ensure};
use common::children;
use common::threads::{join_all, lock, spawn};
use common::timeline::Lanes;
use crossbeam::channel;
use item55_queue::delivery::three_stages;
use item55_queue::pipeline::Pipeline;

use crate::curve::{Curve, Shown, Way, repeated, way};
use crate::programs::is_there;
use crate::sizes;

const WORKERS: [usize; 3] = [3, 4, 5];

/// So many parcels go through channels with a bound.
const PARCELS: u64 = 1_000;

/// A bound that is never reached.
const NO_BOUND: u64 = 10_000;

pub fn pipelines() -> Curve {
    let ours = way("item 55", |parcels| Ok(repeated(move || pipeline(parcels))));
    let recorded = way("recorded", |parcels| {
        Ok(repeated(move || Lanes::new().enter("main", || pipeline(parcels))))
    });
    let mut ways = vec![
        ours,
        recorded,
        unbounded::<Crossbeam>("crossbeam"),
        unbounded::<Std>("std, a lock"),
        unbounded::<Flume>("flume"),
    ];
    if is_there("python3", "--version") {
        ways.push(way("CPython", |parcels| python("pipeline", 0, parcels)));
    }
    Curve {
        name: "parcel",
        says: "item 55: a parcel without work, through 3, 4 and 5 workers, whose start counts",
        unit: "parcels",
        sizes: sizes(&[100, 1_000, 10_000], &[100_000]),
        shown: Shown::Each(|parcels| parcels),
        ways,
        note: "Goals at 1,000: crossbeam × 0.91 or more, recorded × 1.4 or less, CPython × 10 or more.",
    }
}

pub fn bounds() -> Curve {
    let mut ways = vec![
        bounded::<Crossbeam>("crossbeam"),
        bounded::<Std>("std, a lock"),
        bounded::<Flume>("flume"),
    ];
    if is_there("python3", "--version") {
        ways.push(way("CPython", |bound| python("bare", bound, PARCELS)));
    }
    Curve {
        name: "bound",
        says: "item 55: one of 1,000 parcels through the same shape, each queue with a bound",
        unit: "bound",
        sizes: sizes(&[1, 10, 1_000, NO_BOUND], &[]),
        shown: Shown::Each(|_| PARCELS),
        ways,
        note: "10,000 is no bound, for there are no more than 1,000 parcels.",
    }
}

fn pipeline(parcels: u64) -> anyhow::Result<()> {
    let no_work = |_: &mut u64| Ok(());
    let stages = three_stages(WORKERS, [&no_work; 3]);
    let finished = thread::scope(|scope| {
        let pipeline = Pipeline::start(scope, &stages)?;
        (0..parcels).for_each(|parcel| pipeline.put(parcel));
        anyhow::Ok(pipeline.join())
    })?;
    ensure!(finished.done.len() as u64 == parcels, "parcels were lost");
    Ok(())
}

/// A channel that several threads send into and several receive from.
trait Channel {
    type Sender: Clone + Send;
    type Receiver: Clone + Send;
    fn open(bound: Option<usize>) -> (Self::Sender, Self::Receiver);
    /// Whether anybody is left to receive it.
    fn send(sender: &Self::Sender, parcel: u64) -> bool;
    fn receive(receiver: &Self::Receiver) -> Option<u64>;
}

struct Crossbeam;

impl Channel for Crossbeam {
    type Sender = channel::Sender<u64>;
    type Receiver = channel::Receiver<u64>;
    fn open(bound: Option<usize>) -> (Self::Sender, Self::Receiver) {
        bound.map_or_else(channel::unbounded, channel::bounded)
    }
    fn send(sender: &Self::Sender, parcel: u64) -> bool {
        sender.send(parcel).is_ok()
    }
    fn receive(receiver: &Self::Receiver) -> Option<u64> {
        receiver.recv().ok()
    }
}

struct Flume;

impl Channel for Flume {
    type Sender = flume::Sender<u64>;
    type Receiver = flume::Receiver<u64>;
    fn open(bound: Option<usize>) -> (Self::Sender, Self::Receiver) {
        bound.map_or_else(flume::unbounded, flume::bounded)
    }
    fn send(sender: &Self::Sender, parcel: u64) -> bool {
        sender.send(parcel).is_ok()
    }
    fn receive(receiver: &Self::Receiver) -> Option<u64> {
        receiver.recv().ok()
    }
}

/// The standard library's channel has one receiver: the workers share it under a lock.
struct Std;

#[derive(Clone)]
enum StdSender {
    Bounded(mpsc::SyncSender<u64>),
    Unbounded(mpsc::Sender<u64>),
}

impl Channel for Std {
    type Sender = StdSender;
    type Receiver = Arc<Mutex<mpsc::Receiver<u64>>>;
    fn open(bound: Option<usize>) -> (Self::Sender, Self::Receiver) {
        let (sender, receiver) = if let Some(bound) = bound {
            let (sender, receiver) = mpsc::sync_channel(bound);
            (StdSender::Bounded(sender), receiver)
        } else {
            let (sender, receiver) = mpsc::channel();
            (StdSender::Unbounded(sender), receiver)
        };
        (sender, Arc::new(Mutex::new(receiver)))
    }
    fn send(sender: &Self::Sender, parcel: u64) -> bool {
        match sender {
            StdSender::Bounded(sender) => sender.send(parcel).is_ok(),
            StdSender::Unbounded(sender) => sender.send(parcel).is_ok(),
        }
    }
    fn receive(receiver: &Self::Receiver) -> Option<u64> {
        lock(receiver).recv().ok()
    }
}

fn unbounded<C: Channel + 'static>(name: &'static str) -> Way {
    way(name, |parcels| Ok(repeated(move || bare::<C>(parcels, None))))
}

fn bounded<C: Channel + 'static>(name: &'static str) -> Way {
    way(name, |bound| {
        let bound = (bound < NO_BOUND).then_some(usize::try_from(bound)?);
        Ok(repeated(move || bare::<C>(PARCELS, bound)))
    })
}

/// The least that can be done: no tasks, no lanes, no failures.
fn bare<C: Channel>(parcels: u64, bound: Option<usize>) -> anyhow::Result<()> {
    let done = thread::scope(|scope| {
        let (entrance, mut receiver) = C::open(bound);
        let mut workers = Vec::new();
        for (stage, count) in WORKERS.into_iter().enumerate() {
            // Nobody receives what the last stage sends before all is done.
            let last = stage + 1 == WORKERS.len();
            let (next, next_receiver) = C::open(if last { None } else { bound });
            for n in 0..count {
                let (receiver, next) = (receiver.clone(), next.clone());
                let work = move || {
                    while let Some(parcel) = C::receive(&receiver) {
                        ensure!(C::send(&next, parcel), "nobody receives");
                    }
                    Ok(())
                };
                workers.push(spawn(scope, format!("worker {n}"), work)?);
            }
            receiver = next_receiver;
        }
        for parcel in 0..parcels {
            ensure!(C::send(&entrance, parcel), "nobody receives");
        }
        drop(entrance);
        join_all(workers)?;
        let mut done = 0;
        while C::receive(&receiver).is_some() {
            done += 1;
        }
        Ok(done)
    })?;
    ensure!(done == parcels, "parcels were lost");
    Ok(())
}

/// A Python that does the same when it is asked to, and says how long it took: its start does not count.
fn python(
    shape: &'static str,
    bound: u64,
    parcels: u64,
) -> anyhow::Result<impl FnMut(u64) -> anyhow::Result<Duration> + use<>> {
    const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/curves/queues.py");
    let mut command = Command::new("python3");
    command.arg(SCRIPT).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = children::spawn(&mut command).context("cannot start python3")?;
    let mut to = child.take_stdin().context("a child without stdin")?;
    let mut from = BufReader::new(child.take_stdout().context("a child without stdout")?);
    Ok(move |times| {
        // Dropping it ends the child.
        let _ = &child;
        writeln!(to, "{shape} {bound} {parcels} {times}")?;
        let mut answer = String::new();
        from.read_line(&mut answer)?;
        let seconds = answer.trim().parse().with_context(|| format!("{answer:?} is no time"))?;
        Ok(Duration::from_secs_f64(seconds))
    })
}
