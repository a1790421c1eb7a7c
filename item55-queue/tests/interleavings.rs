//! Every interleaving of threads that put into and get from the hand-made queue: nothing is lost,
//! and nothing comes out twice. Loom replaces the queue's mutex by its own and runs each closure
//! once for each order in which the threads' operations can happen.
//!
//! Run it with the command in README.md; without `--cfg loom` there is nothing here.
#![cfg(loom)]

use item55_queue::PollQueue;
use loom::sync::Arc;
use loom::thread;

#[test]
fn what_two_producers_put_comes_out_once() {
    loom::model(|| {
        let queue = Arc::new(PollQueue::default());
        let producer = thread::spawn({
            let queue = queue.clone();
            move || queue.put(1)
        });
        queue.put(2);
        producer.join().unwrap();

        let mut items = [queue.get().unwrap(), queue.get().unwrap()];
        items.sort_unstable();
        assert_eq!(items, [1, 2]);
        assert_eq!(queue.get(), None);
    });
}

#[test]
fn two_consumers_never_get_the_same_item_and_together_get_all() {
    loom::model(|| {
        let queue = Arc::new(PollQueue::default());
        queue.put(1);
        queue.put(2);
        let consumer = thread::spawn({
            let queue = queue.clone();
            move || queue.get().unwrap()
        });
        let mut items = [queue.get().unwrap(), consumer.join().unwrap()];
        items.sort_unstable();
        assert_eq!(items, [1, 2]);
    });
}

#[test]
fn a_consumer_that_polls_while_an_item_is_put_gets_it_then_or_later() {
    loom::model(|| {
        let queue = Arc::new(PollQueue::default());
        let producer = thread::spawn({
            let queue = queue.clone();
            move || queue.put(1)
        });
        let early = queue.get();
        producer.join().unwrap();
        let late = queue.get();
        assert!(matches!((early, late), (Some(1), None) | (None, Some(1))));
    });
}

#[test]
fn items_of_one_producer_come_out_in_their_order() {
    loom::model(|| {
        let queue = Arc::new(PollQueue::default());
        let producer = thread::spawn({
            let queue = queue.clone();
            move || {
                queue.put(1);
                queue.put(2);
            }
        });
        let mut seen: Vec<u32> = (0..2).filter_map(|_| queue.get()).collect();
        producer.join().unwrap();
        seen.extend(std::iter::from_fn(|| queue.get()));
        assert_eq!(seen, [1, 2]);
    });
}
