use crate::Slip::{Body, Words};
use crate::{Exercise, Hint, Test, Wrong};

pub const EXERCISES: [Exercise; 2] = [
    Exercise {
        name: "55-queue",
        item: 55,
        task: "A queue that closes itself, and whose join waits until all that was put is done.",
        file: "src/tasks.rs",
        functions: &[
            (
                "TaskQueue::put",
                "send a Task with the item and a clone of `unfinished`; when nobody is left to \
                 take it, it is dropped, without a panic",
            ),
            (
                "TaskQueue::join",
                "close this end, and wait until all others are closed and all tasks are dropped: \
                 then nobody holds an `unfinished`, and `all_done` is closed",
            ),
        ],
        section: "What to see in it",
        besides: &[("common/GLOSSARY.md", &["Channel"])],
        steps: &["join"],
        tests: &[
            Test::Unit("join_returns_when_every_task_is_done_and_not_before"),
            Test::Unit("a_queue_without_workers_does_not_hang_the_join"),
        ],
        hangs: "who still holds a sender? `join` itself may be one",
        hints: &[
            Hint(
                "",
                "`recv` on a channel that carries nothing returns when the last of its senders is \
                 dropped.",
            ),
            Hint(
                "hang",
                "`join` takes `self` by value, and `self` holds two senders. When are they \
                 dropped: before the wait, or at the end of the function?",
            ),
            Hint(
                "join.completed",
                "The join came back before the tasks were done: nothing waits for `all_done`.",
            ),
            Hint(
                "a_queue_without_workers_does_not_hang_the_join",
                "`send` fails when no receiver is left, and gives the task back. To ignore that \
                 error drops the task, which is what is wanted.",
            ),
        ],
        wrong: &[
            Wrong {
                what: "the queue keeps its own senders while it waits",
                slips: &[Body("TaskQueue::join", "{ let _ = self.all_done.recv(); }")],
                row: "hang",
            },
            Wrong {
                what: "it closes the queue and does not wait",
                slips: &[Body("TaskQueue::join", "{ drop(self); }")],
                row: "join.completed",
            },
            Wrong {
                what: "it panics when all workers have died",
                slips: &[Body(
                    "TaskQueue::put",
                    "{
        let task = Task { item, _unfinished: self.unfinished.clone() };
        assert!(self.sender.send(task).is_ok());
    }",
                )],
                row: "a_queue_without_workers_does_not_hang_the_join",
            },
        ],
    },
    Exercise {
        name: "55-stage",
        item: 55,
        task: "A worker of a pipeline that loses no item when its work fails, or panics.",
        file: "src/pipeline.rs",
        functions: &[(
            "Stage::work_on",
            "for each task: attempt the work on its item, in a span of the stage's name; put the \
             item into `next`, or send it to `failures` with the reason, whose context is the \
             stage's name; the task lives until its item is there",
        )],
        section: "What to see in it",
        besides: &[
            ("common/GLOSSARY.md", &["Panic"]),
            ("item55-queue/src/tasks.rs", &["struct Task"]),
        ],
        steps: &["pipeline", "stage_error", "stage_panic"],
        tests: &[
            Test::Unit(
                "an_item_whose_work_fails_is_counted_and_reported_and_the_others_go_through",
            ),
            Test::Unit("whoever_joins_a_queue_finds_its_items_in_the_next_one"),
        ],
        hangs: "does the loop end when the queue is closed and empty?",
        hints: &[
            Hint(
                "",
                "A loop over `tasks` ends by itself. `attempt(self.work, &mut task.item)` returns \
                 what came of it.",
            ),
            Hint(
                "stage_error.numbers_of_failed_items",
                "A failure carries its item and its reason. Who gets to know of it?",
            ),
            Hint(
                "stage_error.processed",
                "An item that has failed does not go on to the next stage.",
            ),
            Hint(
                "stage_panic.workers_that_died",
                "A panic that nobody catches ends the worker. `attempt` makes an error of it.",
            ),
            Hint(
                "whoever_joins_a_queue_finds_its_items_in_the_next_one",
                "A task counts as unfinished until it is dropped. When is that, if only its item \
                 is kept?",
            ),
        ],
        wrong: &[
            Wrong {
                what: "a failure is told to nobody",
                slips: &[Body(
                    "Stage::work_on",
                    "{
        for mut task in tasks {
            if span(self.name, || attempt(self.work, &mut task.item)).is_ok() {
                next.put(task.item);
            }
        }
        let _ = failures;
    }",
                )],
                row: "an_item_whose_work_fails_is_counted_and_reported_and_the_others_go_through",
            },
            Wrong {
                what: "a panic ends the worker",
                slips: &[Words(
                    "Stage::work_on",
                    &[(
                        "match span(self.name, || attempt(self.work, &mut task.item)).context(self.name) {",
                        "match span(self.name, || (self.work)(&mut task.item)).context(self.name) {",
                    )],
                )],
                row: "stage_panic.workers_that_died",
            },
            Wrong {
                what: "the task is dropped before its item is in the next queue",
                slips: &[Body(
                    "Stage::work_on",
                    "{
        for mut item in tasks.into_iter().map(|task| task.item) {
            match span(self.name, || attempt(self.work, &mut item)).context(self.name) {
                Ok(()) => next.put(item),
                Err(reason) => drop(failures.send(Failure { item, reason })),
            }
        }
    }",
                )],
                row: "whoever_joins_a_queue_finds_its_items_in_the_next_one",
            },
        ],
    },
];
