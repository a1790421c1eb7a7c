//! What the queues of this item cost beside bare channels. Figures of a machine, so it runs only when
//! asked: `cargo test -p item55-queue --test cost -- --ignored --nocapture`.

use std::thread;

use common::threads::{join_all, spawn};
use common::timeline::Lanes;
use common::timing::{Human, measure};
use crossbeam::channel;
use item55_queue::delivery::three_stages;
use item55_queue::pipeline::Pipeline;

const ITEMS: u32 = 1000;
const WORKERS: [usize; 3] = [3, 4, 5];
const ROUNDS: usize = 300;

/// The least that can be done with channels: no tasks, no lanes, no failures.
fn bare_channels() -> anyhow::Result<usize> {
    thread::scope(|scope| {
        let (entrance, mut receiver) = channel::unbounded();
        let mut workers = Vec::new();
        for count in WORKERS {
            let (next, next_receiver) = channel::unbounded();
            for n in 0..count {
                let (receiver, next) = (receiver.clone(), next.clone());
                let work = move || receiver.into_iter().try_for_each(|item: u32| next.send(item));
                workers.push(spawn(scope, format!("worker {n}"), work)?);
            }
            receiver = next_receiver;
        }
        (0..ITEMS).try_for_each(|item| entrance.send(item))?;
        drop(entrance);
        join_all(workers)?;
        Ok(receiver.len())
    })
}

fn pipeline() -> anyhow::Result<usize> {
    let no_work = |_: &mut u32| Ok(());
    let stages = three_stages(WORKERS, [&no_work; 3]);
    let finished = thread::scope(|scope| {
        let pipeline = Pipeline::start(scope, &stages)?;
        (0..ITEMS).for_each(|item| pipeline.put(item));
        pipeline.join()
    })?;
    Ok(finished.done.len())
}

#[test]
#[ignore = "a figure of the machine"]
fn without_work_a_pipeline_costs_less_than_twice_as_much_as_bare_channels() {
    // By turns, so that a busy moment meets all alike, and the median, for the best is a matter of
    // luck: which of the twelve threads happen to run.
    let mut took = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        let lanes = Lanes::new();
        let versions: [&dyn Fn() -> anyhow::Result<usize>; 3] =
            [&bare_channels, &pipeline, &|| lanes.enter("main", pipeline)];
        for (version, took) in versions.iter().zip(&mut took) {
            let (processed, elapsed) = measure(version);
            assert_eq!(processed.unwrap(), 1000);
            took.push(elapsed);
        }
    }
    let [bare, pipeline, recorded] = took.map(|mut took| {
        took.sort_unstable();
        took[ROUNDS / 2]
    });
    for (what, took) in [("pipeline", pipeline), ("the same, recorded", recorded)] {
        let times = took.as_secs_f64() / bare.as_secs_f64();
        println!("{what}: {}, {times:.2} times bare channels", Human::from(took));
    }
    assert!(pipeline < bare * 2, "{pipeline:?} against {bare:?}");
}
