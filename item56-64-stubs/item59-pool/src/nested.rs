//! The deadlock of a pool: a job that waits for another job of the same pool.

use std::sync::Mutex;
use std::time::Duration;

use common::threads::lock;
use crossbeam::channel;
use rayon::ThreadPool;

/// How long the job waits for the other one. Without this bound it would wait for ever.
pub const PATIENCE: Duration = Duration::from_millis(100);

/// What happened, in this order.
type Events = Vec<&'static str>;

/// The mistake: a job hands out another job, and blocks until that has answered. Where the job has the only
/// thread of its pool, the other one can't begin before it ends.
pub fn block_on_another_job(pool: &ThreadPool) -> Events {
    let happened = &Mutex::new(Events::new());
    let (answer, inbox) = channel::bounded(1);
    pool.scope(|scope| {
        lock(happened).push("the job waits");
        scope.spawn(move |_| {
            lock(happened).push("the other runs");
            // It fails where the job has given up, and with it the receiver is gone.
            let _ = answer.send(());
        });
        let answered = inbox.recv_timeout(PATIENCE).is_ok();
        lock(happened).push(if answered { "the job goes on" } else { "the job gives up" });
    });
    lock(happened).clone()
}

/// The cure: rayon waits at the end of a `scope` (and in `join`). It knows that the thread which waits is one
/// of its own, and lets it do the other job meanwhile.
pub fn scope_another_job(pool: &ThreadPool) -> Events {
    let happened = &Mutex::new(Events::new());
    pool.install(|| {
        lock(happened).push("the job waits");
        rayon::scope(|scope| scope.spawn(|_| lock(happened).push("the other runs")));
        lock(happened).push("the job goes on");
    });
    lock(happened).clone()
}

#[cfg(test)]
mod tests {
    use common::threads::start_pool;

    use super::*;

    // Each blocked job takes a thread, so the number of those decides whether it is a deadlock.
    #[test]
    fn where_a_second_thread_is_free_the_blocked_job_gets_its_answer() {
        let happened = block_on_another_job(&start_pool(2).unwrap());
        assert_eq!(happened, ["the job waits", "the other runs", "the job goes on"]);
    }

    #[test]
    fn a_scope_waits_without_a_second_thread() {
        let happened = scope_another_job(&start_pool(1).unwrap());
        assert_eq!(happened, ["the job waits", "the other runs", "the job goes on"]);
    }
}
