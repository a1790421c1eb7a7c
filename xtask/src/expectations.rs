//! What each item must report: the one table of everything that `verify` checks.
//!
//! Each row names a claim, the figure in the item's report, what the figure must be, and why: the
//! notes' figure, or the law it follows from. No row depends on how fast the machine is today.

use common::report::Report;

use crate::judge::Bound::{No, Number, SameAs, Text};
use crate::judge::Expected::{AtLeast, AtMost, Below, Each, Grows, InOrder, Is};
use crate::judge::Figure::{Fact, Overlap, OverlapOf, Ratio};
use crate::judge::{Check, check};

/// An item: where its program is, how it may be run, what it must report.
#[derive(Debug)]
pub struct Item {
    pub number: u32,
    pub title: &'static str,
    /// Its package, and the program in it.
    pub package: &'static str,
    pub load: Load,
    pub checks: &'static [Check],
}

/// What an item does with its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// It waits, mostly: it may run beside others.
    Waits,
    /// It computes, and its figures would suffer from another that does.
    Computes,
}

impl Item {
    /// The command that runs the item.
    pub fn command(&self) -> String {
        format!("cargo run -p {}", self.package)
    }
}

pub const ITEMS: &[Item] = &[
    Item {
        number: 52,
        title: "Use subprocess to Manage Child Processes",
        package: "item52-subprocess",
        load: Load::Waits,
        checks: &[
            check(
                "echo's output is captured",
                Fact("run.output"),
                Is(Text("hello from subprocess!")),
                "the notes' figure",
            ),
            check(
                "a failing child is an error",
                Fact("run.failing_child"),
                Is(Text("an error")),
                "duct checks, unless told not to",
            ),
            check(
                "its exit code is known",
                Fact("run.failing_status"),
                Is(Number(3.0)),
                "the child exits with 3",
            ),
            check(
                "work is done while sleep runs",
                Fact("poll.units"),
                AtLeast(Number(1.0)),
                "sleep 1 can't end before the first poll",
            ),
            check("sleep ends well", Fact("poll.status"), Is(Number(0.0)), "the notes' figure")
                .notes("0"),
            check(
                "ten children run at once",
                Fact("parallel.running_at_once"),
                Is(Number(10.0)),
                "the first sleeps when the last is started",
            ),
            check(
                "their lives overlap",
                Overlap("parallel"),
                Is(Number(10.0)),
                "all are started before one is waited for",
            ),
            check(
                "all ten end well",
                Fact("parallel.statuses"),
                Each(10, 0),
                "sleep 1 exits with 0",
            ),
            check(
                "ten at once take a second",
                Fact("parallel.elapsed_s"),
                AtLeast(Number(1.0)),
                "sleep 1 can't take less",
            )
            .notes("1.04 s"),
            check(
                "and not ten",
                Fact("parallel.elapsed_s"),
                Below(Number(10.0)),
                "one after the other can't take less",
            ),
            check(
                "six pipeline children at once",
                Fact("pipelines.running_at_once"),
                Is(Number(6.0)),
                "no input ends before all six have been started",
            ),
            check(
                "their lives overlap, too",
                Overlap("pipelines"),
                Is(Number(6.0)),
                "no input ends before all six have been started",
            ),
            check(
                "all six end well",
                Fact("pipelines.statuses"),
                Each(6, 0),
                "the notes assert it of each",
            )
            .notes("0"),
            check(
                "the digests are right",
                Fact("pipelines.digest_tails"),
                Is(SameAs("pipelines.in_one_process")),
                "the same computation without children",
            ),
            check(
                "one expression does the same",
                Fact("pipelines.in_one_expression"),
                Is(SameAs("pipelines.digest_tails")),
                "the same input, connected by duct",
            ),
            check(
                "the timed-out child is ended",
                Fact("timeout.status"),
                Is(Number(-15.0)),
                "SIGTERM is signal 15",
            )
            .notes("-15"),
            check(
                "it is not ended before",
                Fact("timeout.elapsed_s"),
                AtLeast(Number(0.09)),
                "100 ms, which wait-timeout cuts to whole ones",
            )
            .notes("0.1 s"),
            check(
                "an unread child never ends",
                Fact("flood.ends_unread"),
                Is(No),
                "the pipe holds less than it writes",
            ),
            check(
                "the pipe holds only so much",
                Fact("flood.held_by_the_pipe"),
                Below(SameAs("flood.written")),
                "pipe(7): a full pipe blocks its writer",
            ),
            check(
                "read while waiting, it ends",
                Fact("flood.read"),
                Is(SameAs("flood.written")),
                "nothing is lost",
            ),
            check(
                "no child is left, no zombie",
                Fact("end.children_left"),
                Is(Number(0.0)),
                "each child has been waited for",
            ),
            check(
                "no pipe is left open",
                Fact("end.pipes_open"),
                Is(SameAs("end.pipes_open_at_first")),
                "each pipe end has been dropped",
            ),
        ],
    },
    Item {
        number: 53,
        title: "Use Threads for Blocking I/O, Avoid for Parallelism",
        package: "item53-blocking-io",
        load: Load::Computes,
        checks: &[
            check(
                "1..=n is tried for each number",
                Fact("one_thread.divisions"),
                Is(SameAs("one_thread.sum_of_numbers")),
                "trial division over 1..=n divides n times",
            ),
            check(
                "threads find the same factors",
                Fact("threads.sums_of_factors"),
                Is(SameAs("one_thread.sums_of_factors")),
                "the work is the same",
            ),
            check(
                "rayon finds the same factors",
                Fact("rayon.sums_of_factors"),
                Is(SameAs("one_thread.sums_of_factors")),
                "the work is the same",
            ),
            check(
                "so does the better algorithm",
                Fact("square_root.sums_of_factors"),
                Is(SameAs("one_thread.sums_of_factors")),
                "divisors come in pairs around the root",
            ),
            check(
                "which divides far less",
                Ratio("one_thread.divisions", "square_root.divisions"),
                AtLeast(Number(1000.0)),
                "n / root n is more than 1000 for n > 1000000",
            ),
            check(
                "threads use several cores",
                Fact("threads.cores_used"),
                AtLeast(Number(1.2)),
                "no global interpreter lock",
            )
            .notes("0.446 s, slower")
            .untestable(|report| no_free_core(report, "threads")),
            check(
                "rayon uses several cores",
                Fact("rayon.cores_used"),
                AtLeast(Number(1.2)),
                "no global interpreter lock",
            )
            .untestable(|report| no_free_core(report, "rayon")),
            check(
                "in a row, no calls overlap",
                Overlap("in_a_row"),
                Is(Number(1.0)),
                "each begins when the last has ended",
            ),
            check(
                "their waits add up",
                Fact("in_a_row.elapsed_s"),
                AtLeast(SameAs("in_a_row.sum_of_waits_s")),
                "five waits one after the other",
            )
            .notes("0.503 s"),
            check(
                "in threads, all overlap",
                OverlapOf("at_once", "wait"),
                Is(SameAs("at_once.calls")),
                "a blocked thread holds up no other",
            )
            .notes("0.102 s"),
            check(
                "main computes meanwhile",
                Fact("at_once.computed_meanwhile"),
                Is(SameAs("at_once.computed")),
                "computing needs no answer to the calls",
            )
            .notes("5"),
        ],
    },
    Item {
        number: 54,
        title: "Use Lock to Prevent Data Races in Threads",
        package: "item54-lock",
        load: Load::Computes,
        checks: &[
            check(
                "five threads want 500000",
                Fact("race.expected"),
                Is(Number(500_000.0)),
                "the notes' figure",
            )
            .notes("500000"),
            check(
                "the race loses counts",
                Fact("race.found"),
                Below(SameAs("race.expected")),
                "all five have read 0 before one writes",
            )
            .notes("367540/450379"),
            check(
                "the threads count at once",
                Overlap("race"),
                Is(Number(5.0)),
                "they meet in their first increment",
            ),
            check(
                "replayed, two make one",
                Fact("replay.found"),
                Is(Number(1.0)),
                "the order is forced by messages",
            ),
            check(
                "the lock loses nothing",
                Fact("lock.found"),
                Is(Number(500_000.0)),
                "the notes' figure; mutual exclusion",
            )
            .notes("500000"),
            check(
                "fetch_add loses nothing",
                Fact("atomic.found"),
                Is(Number(500_000.0)),
                "it is indivisible",
            ),
            check(
                "subtotals lose nothing",
                Fact("subtotals.found"),
                Is(Number(500_000.0)),
                "nothing is shared",
            ),
        ],
    },
    Item {
        number: 55,
        title: "Use Queue to Coordinate Work Between Threads",
        package: "item55-queue",
        load: Load::Waits,
        checks: &[
            check(
                "polling workers do it all",
                Fact("polling.processed"),
                Is(Number(1000.0)),
                "the notes' figure",
            )
            .notes("1000"),
            check(
                "each item is polled three times",
                Fact("polling.polls"),
                AtLeast(Number(3000.0)),
                "1000 items through three stages",
            )
            .notes("3010"),
            check(
                "the others are wasted",
                Fact("polling.wasted"),
                AtLeast(Number(3.0)),
                "each worker's last poll finds nothing",
            )
            .notes("10"),
            check(
                "the queue wakes its consumer",
                Fact("blocking.order"),
                InOrder(&[
                    ("consumer ready", "consumer done"),
                    ("producer put", "producer done"),
                    ("producer put", "consumer done"),
                ]),
                "a get returns what a put has given",
            ),
            check(
                "waiting costs no processor",
                Ratio("blocking.processor_s", "blocking.waited_s"),
                Below(Number(0.5)),
                "a blocked thread does not run",
            ),
            check(
                "a full queue holds its producer",
                Fact("bounded.order"),
                InOrder(&[
                    ("put 1 done", "put 2 done"),
                    ("get 1 begins", "put 2 done"),
                    ("get 1 begins", "get 2 done"),
                    ("put 2 done", "producer done"),
                    ("get 2 done", "consumer done"),
                ]),
                "one place, taken until the first get",
            ),
            check(
                "an unbounded queue piles up",
                Fact("memory.unbounded_peak"),
                AtLeast(Number(20.0)),
                "the producer is never held up",
            ),
            check(
                "a bounded queue does not",
                Fact("memory.bounded_peak"),
                AtMost(SameAs("memory.capacity")),
                "the capacity is a promise",
            ),
            check(
                "join waits for all tasks",
                Fact("join.completed_at_join"),
                Is(Number(9.0)),
                "ten were put; one worker panicked on its own",
            ),
            check(
                "a panic does not hang it",
                Fact("join.panicked"),
                Is(Number(1.0)),
                "its handle is dropped all the same",
            ),
            check(
                "the pipeline does 1000 items",
                Fact("pipeline.processed"),
                Is(Number(1000.0)),
                "the notes' figure",
            )
            .notes("1000"),
            check(
                "no item is done twice",
                Fact("pipeline.distinct"),
                Is(Number(1000.0)),
                "a queue gives each item to one worker",
            ),
            check(
                "each stage does each item once",
                Fact("pipeline.once_per_stage"),
                Is(Number(1000.0)),
                "nothing lost, nothing twice",
            ),
            check(
                "3 + 4 + 5 workers at once",
                Overlap("pipeline"),
                AtLeast(Number(4.0)),
                "more than one stage waits at a time",
            ),
            check(
                "never faster than its bound",
                Fact("pipeline.percent_of_bound"),
                AtLeast(Number(99.0)),
                "3 workers take 334 turns",
            ),
            check(
                "nor far slower",
                Fact("pipeline.percent_of_bound"),
                AtMost(Number(250.0)),
                "stages overlap: in a row it would be 900",
            ),
            check(
                "after the joins: no rounds",
                Fact("loop_after_joins.rounds"),
                Is(Number(0.0)),
                "everything is done by then",
            )
            .notes("no print"),
            check(
                "before the joins: rounds",
                Fact("loop_before_joins.rounds"),
                AtLeast(Number(1.0)),
                "the pipeline still works",
            ),
            check(
                "which see the count grow",
                Fact("loop_before_joins.seen"),
                Grows,
                "len() takes no lock for long",
            ),
            check(
                "an error loses no other item",
                Fact("stage_error.processed"),
                Is(Number(999.0)),
                "an item fails alone",
            ),
            check(
                "and is reported with its item",
                Fact("stage_error.failed_item"),
                Is(SameAs("stage_error.bad_item")),
                "the failure carries the item",
            ),
            check(
                "a panic loses no other item",
                Fact("stage_panic.processed"),
                Is(Number(999.0)),
                "an item fails alone",
            ),
            check(
                "and is reported with its item",
                Fact("stage_panic.failed_item"),
                Is(SameAs("stage_panic.bad_item")),
                "the failure carries the item",
            ),
        ],
    },
    Item {
        number: 56,
        title: "Know How to Recognize When Concurrency Is Necessary",
        package: "item56-serial",
        load: Load::Waits,
        checks: &[
            same_grids("the grids are right", "serial.digest", "serial.reference"),
            check("one call at a time", Overlap("serial"), Is(Number(1.0)), "one thread"),
            check(
                "45 waits add up",
                Ratio("serial.generation_s", "serial.latency_s"),
                AtLeast(Number(45.0)),
                "no call ends before its time",
            ),
            check(
                "the time went into waiting",
                Fact("cost.waiting_share"),
                AtLeast(Number(0.5)),
                "a cell's rule takes nanoseconds",
            ),
            check(
                "without calls, the same grids",
                Fact("cost.computed_digest"),
                Is(SameAs("serial.reference")),
                "the calls decide nothing",
            ),
            check(
                "in next to no time",
                Ratio("cost.computing_alone_s", "cost.elapsed_s"),
                Below(Number(0.1)),
                "360 ms of waiting at least are left out",
            ),
            check(
                "an error ends the generation",
                Fact("failure.calls_before"),
                Is(Number(21.0)),
                "two rows of nine and three cells",
            ),
            check(
                "and names its cell",
                Fact("failure.error"),
                Is(Text("the call of cell 2,3 failed: connection refused")),
                "the error of the refused call",
            ),
        ],
    },
    Item {
        number: 57,
        title: "Avoid Creating New Thread Instances for On-demand Fan-out",
        package: "item57-fan-out",
        load: Load::Computes,
        checks: &[
            same_grids("the grids are right", "threads.digest", "threads.reference"),
            check(
                "a new thread for each cell",
                Fact("threads.threads_started"),
                Is(Number(180.0)),
                "45 cells, 4 generations",
            ),
            check(
                "the calls overlap",
                Overlap("threads"),
                AtLeast(Number(2.0)),
                "a blocked thread holds up no other",
            ),
            check(
                "10000 cells get 10000 threads",
                Fact("large.threads_started"),
                Is(SameAs("large.threads_wanted")),
                "or the system's refusal is told",
            )
            .untestable(threads_refused),
            same_grids("whose grid is right", "large.digest", "large.reference")
                .untestable(threads_refused),
            check(
                "all alive at the same time",
                Fact("large.threads_of_process"),
                AtLeast(SameAs("large.threads_started")),
                "none may end before all have begun",
            )
            .untestable(memory_unknown),
            check(
                "each reserves a stack",
                Fact("large.reserved_kib_each"),
                AtLeast(Number(1024.0)),
                "std asks for 2 MiB, some of it reused",
            )
            .untestable(memory_unknown),
            check(
                "and uses little of it",
                Ratio("large.resident_kib_each", "large.reserved_kib_each"),
                Below(Number(0.1)),
                "a page nobody writes to costs nothing",
            )
            .untestable(memory_unknown),
            check(
                "a failing cell loses no thread",
                Fact("failure.threads_joined"),
                Is(Number(45.0)),
                "the scope joins all of them",
            ),
            check(
                "and no other cell",
                Fact("failure.cells_decided"),
                Is(Number(44.0)),
                "the others know nothing of it",
            ),
            check(
                "its error comes out of join",
                Fact("failure.error"),
                Is(Text("the call of cell 2,3 failed: connection refused")),
                "join returns what the thread returned",
            ),
        ],
    },
    Item {
        number: 58,
        title: "Understand How Using Queue for Concurrency Requires Refactoring",
        package: "item58-queue",
        load: Load::Waits,
        checks: &[
            same_grids("the grids are right", "queue.digest", "queue.reference"),
            check(
                "five workers at once, no more",
                Overlap("queue"),
                AtMost(SameAs("queue.workers")),
                "a worker makes one call at a time",
            ),
            check(
                "but more than one",
                Overlap("queue"),
                AtLeast(Number(2.0)),
                "a blocked worker holds up no other",
            ),
            check(
                "so 45 cells take nine turns",
                Ratio("queue.generation_s", "queue.latency_s"),
                AtLeast(Number(9.0)),
                "45 cells, 5 workers",
            ),
            same_grids("in two phases: the same grids", "phased.digest", "phased.reference"),
            check(
                "each cell makes two calls",
                Fact("phased.calls"),
                Is(Number(360.0)),
                "2 stages, 45 cells, 4 generations",
            ),
            check(
                "the phases overlap",
                Overlap("phased"),
                AtLeast(Number(6.0)),
                "a stage alone has five workers",
            ),
            check(
                "a failing cell gives a result",
                Fact("failure.results"),
                Is(Number(45.0)),
                "a result for each cell, or it would hang",
            ),
            check(
                "which is an error",
                Fact("failure.error"),
                Is(Text("the call of cell 2,3 failed: connection refused")),
                "results carry errors",
            ),
            check(
                "the same workers try again",
                Fact("failure.digest_of_retry"),
                Is(SameAs("failure.reference")),
                "an error ends no worker",
            ),
            same_grids("the large grid is right", "large.digest", "large.reference"),
        ],
    },
    Item {
        number: 59,
        title: "Consider ThreadPoolExecutor When Threads Are Necessary for Concurrency",
        package: "item59-pool",
        load: Load::Waits,
        checks: &[
            same_grids("the grids are right", "pool.digest", "pool.reference"),
            check(
                "no thread is made on demand",
                Fact("pool.threads_started"),
                Is(SameAs("pool.threads")),
                "a pool starts its threads once",
            ),
            check(
                "five calls at once, no more",
                Overlap("pool"),
                AtMost(SameAs("pool.threads")),
                "the pool's size is the cap",
            ),
            check(
                "but more than one",
                Overlap("pool"),
                AtLeast(Number(2.0)),
                "a blocked thread holds up no other",
            ),
            check(
                "an error is a value",
                Fact("failure.error"),
                Is(Text("the call of cell 2,3 failed: connection refused")),
                "install returns what the jobs return",
            ),
            check(
                "the same pool tries again",
                Fact("failure.digest_of_retry"),
                Is(SameAs("failure.reference")),
                "an error ends no thread",
            ),
            same_grids("pools of any size: right grids", "sizes.digest", "sizes.reference"),
            check(
                "a pool of 1 takes 45 turns",
                Ratio("sizes.generation_with_1_s", "sizes.latency_s"),
                AtLeast(Number(45.0)),
                "one call at a time",
            ),
            check(
                "a pool of 2 takes 23",
                Ratio("sizes.generation_with_2_s", "sizes.latency_s"),
                AtLeast(Number(23.0)),
                "two calls at a time",
            ),
            check(
                "a pool of 5 takes 9",
                Ratio("sizes.generation_with_5_s", "sizes.latency_s"),
                AtLeast(Number(9.0)),
                "five calls at a time",
            ),
            check(
                "a pool of 10 takes 5",
                Ratio("sizes.generation_with_10_s", "sizes.latency_s"),
                AtLeast(Number(5.0)),
                "ten calls at a time",
            ),
            check(
                "a larger pool calls more at once",
                Fact("sizes.calls_at_once"),
                Grows,
                "as long as there are cells to decide",
            ),
            same_grids("the large grid is right", "large.digest", "large.reference"),
            check(
                "waiting tasks starve computing",
                Fact("starved.waits_ended_first"),
                AtLeast(Number(1.0)),
                "each thread is taken until its wait ends",
            ),
        ],
    },
    Item {
        number: 60,
        title: "Achieve Highly Concurrent I/O with Coroutines",
        package: "item60-coroutines",
        load: Load::Waits,
        checks: &[
            same_grids("the grids are right", "tasks.digest", "tasks.reference"),
            check(
                "all 45 calls at once",
                Overlap("tasks"),
                Is(Number(45.0)),
                "every task begins before a timer fires",
            ),
            same_grids("the large grid is right", "large.digest", "large.reference"),
            check(
                "10000 tasks alive at once",
                Fact("large_at_once.tasks_alive"),
                Is(Number(10_000.0)),
                "none may end before all have called",
            ),
            check(
                "100000 tasks alive at once",
                Fact("huge_at_once.tasks_alive"),
                Is(Number(100_000.0)),
                "none may end before all have called",
            ),
            check(
                "on a single thread",
                Fact("huge_at_once.threads_of_process"),
                Is(Number(1.0)),
                "a task is no thread",
            )
            .untestable(memory_unknown),
            same_grids("whose grid is right", "huge_at_once.digest", "huge_at_once.reference"),
            check(
                "their waits last the latency",
                Ratio("huge_at_once.generation_s", "huge_at_once.latency_s"),
                AtLeast(Number(1.0)),
                "no call ends before its time",
            ),
            check(
                "and do not add up",
                Ratio("huge_at_once.generation_s", "huge_at_once.latency_s"),
                Below(Number(1000.0)),
                "in a row they take 100000 latencies",
            ),
            check(
                "a task takes less than a page",
                Fact("huge_at_once.resident_kib_each"),
                Below(Number(4.0)),
                "it keeps its variables, not a stack",
            )
            .untestable(memory_unknown),
            check(
                "a failing cell's error arrives",
                Fact("failure.error"),
                Is(Text("the call of cell 4,8 failed: connection refused")),
                "join_next returns what the task returned",
            ),
            check(
                "while the others wait",
                Fact("failure.calls_open_then"),
                Is(Number(44.0)),
                "their calls take a minute",
            ),
            check(
                "they are all cancelled",
                Fact("failure.tasks_cancelled"),
                Is(Number(44.0)),
                "at the await where they wait",
            ),
            check(
                "cleanly: no call stays open",
                Fact("failure.calls_open_after"),
                Is(Number(0.0)),
                "a cancelled task drops what it holds",
            ),
            check(
                "nobody waits for the minute",
                Fact("failure.elapsed_s"),
                Below(SameAs("failure.latency_s")),
                "the calls end when their tasks do",
            ),
        ],
    },
    Item {
        number: 61,
        title: "Know How to Port Threaded I/O to asyncio",
        package: "item61-port",
        load: Load::Waits,
        checks: &[
            check(
                "threads play with threads",
                Fact("pairings.threads_with_threads"),
                Is(SameAs("pairings.in_memory")),
                "the protocol is one: the lines are as in memory",
            ),
            check(
                "tasks play with threads",
                Fact("pairings.threads_with_tasks"),
                Is(SameAs("pairings.in_memory")),
                "the protocol is one: the lines are as in memory",
            ),
            check(
                "threads play with tasks",
                Fact("pairings.tasks_with_threads"),
                Is(SameAs("pairings.in_memory")),
                "the protocol is one: the lines are as in memory",
            ),
            check(
                "tasks play with tasks",
                Fact("pairings.tasks_with_tasks"),
                Is(SameAs("pairings.in_memory")),
                "the protocol is one: the lines are as in memory",
            ),
            check(
                "told Correct, it keeps it",
                Fact("rules.told_correct"),
                Is(Text("7, 7, 7")),
                "the protocol",
            ),
            check(
                "until the next PARAMS",
                Fact("rules.new_params"),
                Is(Text("7, 8")),
                "the protocol",
            ),
            check(
                "PARAMS 0 -1 clears what it knew",
                Fact("rules.after_the_end"),
                Is(Text("7, ERROR the range is empty")),
                "the protocol",
            ),
            check(
                "threads guess no number twice",
                Fact("rules.threads_guessed_of_60"),
                Is(Number(60.0)),
                "NUMBER answers what it has not guessed yet",
            ),
            check(
                "tasks guess no number twice",
                Fact("rules.tasks_guessed_of_60"),
                Is(Number(60.0)),
                "NUMBER answers what it has not guessed yet",
            ),
            check(
                "the servers answer alike",
                Fact("rules.tasks_answered"),
                Is(SameAs("rules.threads_answered")),
                "the protocol is one",
            ),
            check(
                "refused: an unknown command",
                Fact("bad_peers.unknown_command"),
                Is(Text("ERROR unknown command \"GUESS\"")),
                "bad input ends its connection with a reason",
            ),
            check(
                "letters for a number",
                Fact("bad_peers.letters_for_a_number"),
                Is(Text("ERROR not a number: \"one\"")),
                "bad input ends its connection with a reason",
            ),
            check(
                "NUMBER before PARAMS",
                Fact("bad_peers.number_before_params"),
                Is(Text("ERROR NUMBER before PARAMS")),
                "bad input ends its connection with a reason",
            ),
            check(
                "NUMBER of an empty range",
                Fact("bad_peers.empty_range"),
                Is(Text("ERROR the range is empty")),
                "bad input ends its connection with a reason",
            ),
            check(
                "NUMBER of a range used up",
                Fact("bad_peers.range_used_up"),
                Is(Text("7, ERROR the range is used up")),
                "bad input ends its connection with a reason",
            ),
            check(
                "REPORT before any guess",
                Fact("bad_peers.report_before_guess"),
                Is(Text("ERROR REPORT before any guess")),
                "bad input ends its connection with a reason",
            ),
            check(
                "a line of 10 MB",
                Fact("bad_peers.line_of_10_mb"),
                Is(Text("ERROR the line is longer than 128 bytes")),
                "bad input ends its connection with a reason",
            ),
            check(
                "a disconnect in mid-line",
                Fact("bad_peers.cut_off"),
                Is(Text("ERROR the line was cut off")),
                "bad input ends its connection with a reason",
            ),
            check(
                "the servers refuse alike",
                Fact("bad_peers.tasks_answered"),
                Is(SameAs("bad_peers.threads_answered")),
                "the protocol is one",
            ),
            check(
                "a good peer of threads plays on",
                Fact("bad_peers.good_peer_of_threads"),
                Is(SameAs("pairings.in_memory")),
                "it began before they came and ended after",
            ),
            check(
                "a good peer of tasks plays on",
                Fact("bad_peers.good_peer_of_tasks"),
                Is(SameAs("pairings.in_memory")),
                "it began before they came and ended after",
            ),
            check(
                "idle peers hold up no thread",
                Fact("idle_peers.threads_meanwhile"),
                Is(SameAs("pairings.in_memory")),
                "each has a thread or a task of its own",
            ),
            check(
                "half a line waits for its end",
                Fact("idle_peers.threads_then"),
                Is(Text("7")),
                "what came is kept until the rest comes",
            ),
            check(
                "idle peers hold up no task",
                Fact("idle_peers.tasks_meanwhile"),
                Is(SameAs("pairings.in_memory")),
                "each has a thread or a task of its own",
            ),
            check(
                "so it does in a task",
                Fact("idle_peers.tasks_then"),
                Is(Text("7")),
                "what came is kept until the rest comes",
            ),
            check(
                "1000 clients fit",
                Fact("crowd.clients"),
                Is(Number(1000.0)),
                "each takes two open files",
            )
            .untestable(few_open_files),
            check(
                "all of them play at once",
                Overlap("crowd"),
                Is(SameAs("crowd.clients")),
                "none ends before all have begun",
            ),
            check(
                "each is served correctly",
                Fact("crowd.played_as_rehearsed"),
                Is(SameAs("crowd.clients")),
                "the lines are as in memory",
            ),
            check(
                "stopped threads hang up",
                Fact("stop.threads_hung_up"),
                Is(SameAs("stop.threads_open")),
                "its sockets are closed before it is joined",
            ),
            check(
                "stopped tasks hang up",
                Fact("stop.tasks_hung_up"),
                Is(SameAs("stop.tasks_open")),
                "its sockets are closed before it is joined",
            ),
        ],
    },
    Item {
        number: 62,
        title: "Mix Threads and Coroutines to Ease the Transition to asyncio",
        package: "item62-mix",
        load: Load::Waits,
        checks: &[
            check(
                "threads merge every line",
                Fact("threads.merged"),
                Is(SameAs("threads.written")),
                "a file keeps all that is appended",
            ),
            check(
                "none is missing",
                Fact("threads.missing"),
                Is(Number(0.0)),
                "a follower reads on where it stopped",
            ),
            check(
                "none is torn",
                Fact("threads.torn"),
                Is(Number(0.0)),
                "half a line waits for its newline",
            ),
            check(
                "though halves were met",
                Fact("threads.half_lines_seen"),
                AtLeast(Number(1.0)),
                "each line is written in two parts",
            ),
            check(
                "each file keeps its order",
                Fact("threads.out_of_order"),
                Is(Number(0.0)),
                "one follower for each file",
            ),
            check(
                "pool threads merge every line",
                Fact("spawn_blocking.merged"),
                Is(SameAs("spawn_blocking.written")),
                "a file keeps all that is appended",
            ),
            check(
                "none is missing",
                Fact("spawn_blocking.missing"),
                Is(Number(0.0)),
                "a follower reads on where it stopped",
            ),
            check(
                "none is torn",
                Fact("spawn_blocking.torn"),
                Is(Number(0.0)),
                "half a line waits for its newline",
            ),
            check(
                "though halves were met",
                Fact("spawn_blocking.half_lines_seen"),
                AtLeast(Number(1.0)),
                "each line is written in two parts",
            ),
            check(
                "each file keeps its order",
                Fact("spawn_blocking.out_of_order"),
                Is(Number(0.0)),
                "one follower for each file",
            ),
            check(
                "tasks merge every line",
                Fact("tasks.merged"),
                Is(SameAs("tasks.written")),
                "a file keeps all that is appended",
            ),
            check(
                "none is missing",
                Fact("tasks.missing"),
                Is(Number(0.0)),
                "a follower reads on where it stopped",
            ),
            check(
                "none is torn",
                Fact("tasks.torn"),
                Is(Number(0.0)),
                "half a line waits for its newline",
            ),
            check(
                "though halves were met",
                Fact("tasks.half_lines_seen"),
                AtLeast(Number(1.0)),
                "each line is written in two parts",
            ),
            check(
                "each file keeps its order",
                Fact("tasks.out_of_order"),
                Is(Number(0.0)),
                "one follower for each file",
            ),
        ],
    },
    Item {
        number: 63,
        title: "Avoid Blocking the asyncio Event Loop to Maximize Responsiveness",
        package: "item63-event-loop",
        load: Load::Waits,
        checks: &[
            check(
                "a write on the loop stops it",
                Fact("direct.beats_during_write"),
                Is(Number(0.0)),
                "one thread can't do two things",
            ),
            check(
                "for as long as the write takes",
                Fact("direct.longest_gap_s"),
                AtLeast(SameAs("direct.write_s")),
                "no beat before the write has ended",
            ),
            check(
                "the loop goes on beside a thread",
                Fact("thread.beats_during_write"),
                AtLeast(Number(3.0)),
                "the write is 50 beats long",
            ),
            check(
                "its longest gap is far shorter",
                Ratio("direct.longest_gap_s", "thread.longest_gap_s"),
                AtLeast(Number(2.0)),
                "nothing on the loop blocks",
            ),
            check(
                "both write the same",
                Fact("thread.file_holds"),
                Is(SameAs("direct.file_holds")),
                "who writes does not matter",
            ),
        ],
    },
    Item {
        number: 64,
        title: "Consider concurrent.futures for True Parallelism",
        package: "item64-parallelism",
        load: Load::Computes,
        checks: &[
            check(
                "trial in a row agrees",
                Fact("serial.gcds"),
                Is(SameAs("euclid.gcds")),
                "Euclid's algorithm",
            ),
            check(
                "trial in threads agrees",
                Fact("threads.gcds"),
                Is(SameAs("euclid.gcds")),
                "Euclid's algorithm",
            ),
            check(
                "trial by rayon agrees",
                Fact("rayon.gcds"),
                Is(SameAs("euclid.gcds")),
                "Euclid's algorithm",
            ),
            check(
                "trial in child processes agrees",
                Fact("processes.gcds"),
                Is(SameAs("euclid.gcds")),
                "Euclid's algorithm",
            ),
            check(
                "threads use several cores",
                Fact("threads.cores_used"),
                AtLeast(Number(1.2)),
                "no global interpreter lock",
            )
            .untestable(processes_take_turns),
            check(
                "rayon uses several cores",
                Fact("rayon.cores_used"),
                AtLeast(Number(1.2)),
                "no global interpreter lock",
            )
            .untestable(processes_take_turns),
            check(
                "processes use several cores",
                Fact("processes.cores_used"),
                AtLeast(Number(1.2)),
                "each child has a thread of its own",
            )
            .untestable(threads_take_turns),
            check(
                "each trip to a child comes back",
                Fact("trip.answers"),
                Is(Number(100.0)),
                "a child answers each pair it is sent",
            ),
            check(
                "no child is left, no zombie",
                Fact("trip.children_left"),
                Is(Number(0.0)),
                "each child has been waited for",
            ),
        ],
    },
];

/// Items 56 to 60 must all end with the grids that a plain computation finds.
const fn same_grids(claim: &'static str, digest: &'static str, reference: &'static str) -> Check {
    check(claim, Fact(digest), Is(SameAs(reference)), "a plain computation, the other way round")
}

/// Whether item 53's threads use several cores shows only where several are free: two threads that
/// did nothing but run must have got them, at least once, in turns with the work.
fn no_free_core(report: &Report, step: &str) -> Option<String> {
    let figure = |key: &str| report.facts.get(key)?.as_f64();
    if figure("one_thread.cores") == Some(1.0) {
        return Some("one core".into());
    }
    let free = figure(&format!("{step}.cores_free"))?;
    (free < 1.5).then(|| format!("the machine is busy: two threads got {free:.2} cores"))
}

/// Threads are held against processes, which run at the same time on any system that lets them.
fn processes_take_turns(report: &Report) -> Option<String> {
    take_turns(report, "processes")
}

/// And processes against threads.
fn threads_take_turns(report: &Report) -> Option<String> {
    take_turns(report, "threads")
}

/// That one thread gets a core to itself does not say that two get two: a system that shares the
/// machine fairly among its users may give each of them one core.
fn take_turns(report: &Report, version: &str) -> Option<String> {
    let figure = |key: &str| report.facts.get(key)?.as_f64();
    if figure("machine.cores") == Some(1.0) {
        return Some("one core".into());
    }
    let cores = figure(&format!("{version}.cores_used"))?;
    (cores < 1.5).then(|| format!("the machine is busy: {version} got {cores:.2} cores"))
}

/// A process that may open few files has room for few clients; it says how many it took.
fn few_open_files(report: &Report) -> Option<String> {
    let open_files = report.facts.get("crowd.files_may_be_open")?.as_u64()?;
    (open_files < 2_064).then(|| format!("only {open_files} files may be open"))
}

/// Some systems, containers above all, give fewer than ten thousand threads.
fn threads_refused(report: &Report) -> Option<String> {
    let refusal = report.facts.get("large.refusal")?.as_str()?;
    let started = report.facts.get("large.threads_started")?;
    (refusal != "none")
        .then(|| format!("the system refused more than {started} threads: {refusal}"))
}

/// A process can read what it takes in memory on Linux; elsewhere the figure is a text that says so.
fn memory_unknown(report: &Report) -> Option<String> {
    let steps = ["large", "huge_at_once"].map(|step| format!("{step}.threads_of_process"));
    let figure = steps.iter().find_map(|key| report.facts.get(key))?;
    figure.as_str().map(str::to_owned)
}
