use crate::Slip::{Body, Words};
use crate::{Exercise, Hint, Wrong};

pub const EXERCISES: [Exercise; 6] = [
    Exercise {
        name: "56-step",
        item: 56,
        task: "One generation of the Game of Life, one cell after the other.",
        file: "src/step.rs",
        functions: &[(
            "step",
            "for each cell of the grid, make its call and ask for its next state; the first call \
             that fails ends it; return the grid with the new states",
        )],
        section: "What to see in it",
        besides: &[(
            "item56-64-stubs/src/grid.rs",
            &["fn cells", "fn next_state", "fn with_states"],
        )],
        steps: &["serial", "cost", "failure"],
        tests: &[],
        hangs: "does the loop end with the last cell?",
        hints: &[
            Hint(
                "",
                "`grid.cells()` gives the cells in the order in which `grid.with_states(…)` wants \
                 their states.",
            ),
            Hint(
                "serial.digest",
                "Each state follows from the grid as it was. Is anything asked of a grid that has \
                 already changed?",
            ),
            Hint("cost.calls", "Each cell makes its call, whatever its state will be."),
            Hint("report", "A call that fails is an error of the generation: `?` hands it on."),
        ],
        wrong: &[
            Wrong {
                what: "the grid changes while it is read",
                slips: &[Body(
                    "step",
                    "{
    let mut next = grid.clone();
    for cell in grid.cells() {
        calls.call(cell)?;
        next.set(cell, next.next_state(cell));
    }
    Ok(next)
}",
                )],
                row: "serial.digest",
            },
            Wrong {
                what: "an error is ignored",
                slips: &[Words("step", &[("calls.call(cell)?;", "let _ = calls.call(cell);")])],
                row: "report",
            },
        ],
    },
    Exercise {
        name: "57-step",
        item: 57,
        task: "The same generation with a thread for each cell: fan-out, and fan-in.",
        file: "src/step.rs",
        functions: &[(
            "step",
            "in a scope, spawn a thread \"cell …\" for each cell, which makes its call and returns \
             the next state; when all have been started, join them, and return the grid with the \
             new states",
        )],
        section: "What to see in it",
        besides: &[
            ("common/GLOSSARY.md", &["Fan-out, fan-in", "Scope"]),
            ("common/src/threads.rs", &["fn spawn", "fn join_all"]),
        ],
        steps: &["threads", "failure"],
        tests: &[],
        hangs: "what does a thread wait for before it is joined?",
        hints: &[
            Hint(
                "",
                "`spawn` of `common::threads` returns a Result with a handle; `join_all` returns \
                 what the threads returned, in the order of the handles, or the first error.",
            ),
            Hint(
                "threads.spans",
                "The calls do not overlap: is a thread joined before the next is spawned?",
            ),
            Hint(
                "threads.digest",
                "The states must come in the order of the cells, whichever thread ends first.",
            ),
            Hint(
                "failure.error",
                "A thread that panics tells its joiner nothing but that. Let it return the error.",
            ),
        ],
        wrong: &[
            Wrong {
                what: "each thread is joined before the next is started",
                slips: &[Words(
                    "step",
                    &[
                        ("let mut threads = Vec::new();", "let mut states = Vec::new();"),
                        (
                            r#"threads.push(spawn(scope, format!("cell {cell}"), decide)?);"#,
                            r#"states.extend(join_all([spawn(scope, format!("cell {cell}"), decide)?])?);"#,
                        ),
                        ("let states = join_all(threads)?;", ""),
                    ],
                )],
                row: "threads.spans",
            },
            Wrong {
                what: "the states are in the wrong order",
                slips: &[Words(
                    "step",
                    &[(
                        "let states = join_all(threads)?;",
                        "let states = join_all(std::iter::from_fn(|| threads.pop()))?;",
                    )],
                )],
                row: "threads.digest",
            },
            Wrong {
                what: "a call that fails is a panic",
                slips: &[Words("step", &[("calls.call(cell)?;", "calls.call(cell).unwrap();")])],
                row: "failure.error",
            },
        ],
    },
    Exercise {
        name: "58-results",
        item: 58,
        task: "Fan-out and fan-in by queues: send a job for each cell, and collect the results.",
        file: "src/step.rs",
        functions: &[(
            "decide_all",
            "send a Job for each cell to `jobs`, with the grid shared and a sender for its result; \
             then collect the results until they end",
        )],
        section: "What to see in it",
        besides: &[("common/GLOSSARY.md", &["Fan-out, fan-in", "Channel", "Arc"])],
        steps: &["queue", "failure"],
        tests: &[],
        hangs: "the results end when the last of their senders is dropped: who still holds one? Or is a \
                channel full that nobody empties yet?",
        hints: &[
            Hint("", "Each job holds a clone of the sender, and a clone of an Arc with the grid."),
            Hint(
                "hang",
                "This function's own sender keeps the results open. Drop it when the last job is \
                 sent.",
            ),
            Hint(
                "queue.spans",
                "Only one call at a time: is a result waited for before the next job is sent?",
            ),
            Hint(
                "",
                "A Receiver is an iterator: `decided.iter().collect()` ends when all senders are \
                 dropped.",
            ),
        ],
        wrong: &[
            Wrong {
                what: "a sender of the results is kept",
                slips: &[Words("decide_all", &[("drop(results);", "")])],
                row: "hang",
            },
            Wrong {
                what: "each result is waited for before the next job is sent",
                slips: &[Body(
                    "decide_all",
                    r#"{
    let (results, decided) = channel::unbounded();
    let shared = Arc::new(grid.clone());
    let mut all = Vec::new();
    for cell in grid.cells() {
        let job = Job { grid: Arc::clone(&shared), cell, results: results.clone() };
        jobs.send(job).ok().context("the workers have ended")?;
        all.push(decided.recv()?);
    }
    Ok(all)
}"#,
                )],
                row: "queue.spans",
            },
        ],
    },
    Exercise {
        name: "59-step",
        item: 59,
        task: "The same generation by a pool of threads, in rayon's words.",
        file: "src/step.rs",
        functions: &[(
            "step",
            "in `pool`, make the call of each cell and ask for its next state, with at most one \
             cell in a job; return the grid with the new states, or the error of a call",
        )],
        section: "What to see in it",
        besides: &[("common/GLOSSARY.md", &["rayon"])],
        steps: &["pool", "failure", "sizes"],
        tests: &[],
        hangs: "does a job of the pool wait for another job of the same pool?",
        hints: &[
            Hint(
                "",
                "`pool.install(|| …)` runs what is in it in the pool, and returns what that \
                 returns.",
            ),
            Hint("pool.spans", "`into_iter` is one thread's. Rayon's is called `into_par_iter`."),
            Hint(
                "report",
                "An error is a value: an iterator of Results can be collected into a Result of a \
                 Vec.",
            ),
            Hint("", "`.with_max_len(1)` makes each cell a job of its own."),
        ],
        wrong: &[
            Wrong {
                what: "an iterator of one thread",
                slips: &[Body(
                    "step",
                    "{
    let decide = |cell| calls.call(cell).map(|()| grid.next_state(cell));
    let states: Result<Vec<bool>, CellFailed> =
        pool.install(|| grid.cells().into_iter().map(decide).collect());
    Ok(grid.with_states(states?))
}",
                )],
                row: "pool.spans",
            },
            Wrong {
                what: "a cell whose call fails is dead",
                slips: &[Body(
                    "step",
                    "{
    let decide = |cell| calls.call(cell).is_ok() && grid.next_state(cell);
    let decide_all = || grid.cells().into_par_iter().with_max_len(1).map(decide).collect();
    let states: Vec<bool> = pool.install(decide_all);
    Ok(grid.with_states(states))
}",
                )],
                row: "report",
            },
        ],
    },
    Exercise {
        name: "60-tasks",
        item: 60,
        task: "The same generation with a task for each cell.",
        file: "src/step.rs",
        functions: &[
            (
                "fan_out",
                "spawn a task for each cell, which shares the grid and the calls, awaits its call, \
                 and returns its cell with the next state",
            ),
            (
                "fan_in",
                "wait for all tasks, or for the first that fails; return the grid with the states, \
                 each at its cell",
            ),
        ],
        section: "What to see in it",
        besides: &[("common/GLOSSARY.md", &["Task", "Future and await", "Arc"])],
        steps: &["tasks", "failure"],
        tests: &[],
        hangs: "which task is awaited that nobody wakes?",
        hints: &[
            Hint(
                "",
                "A task may outlive the function that spawns it: it owns its clones of two Arcs, \
                 by `async move`.",
            ),
            Hint(
                "report",
                "A task must not block its thread, nor panic; and an error is not to be swallowed: \
                 `join_next` gives a Result of what the task returned, a Result, too.",
            ),
            Hint("tasks.digest", "Tasks end in any order. Each result says of which cell it is."),
            Hint("", "`while let Some(outcome) = tasks.join_next().await { … }`"),
        ],
        wrong: &[
            Wrong {
                what: "a blocking call in a task",
                slips: &[Words(
                    "fan_out",
                    &[(
                        "calls.call(cell).await?;",
                        "tokio::runtime::Handle::current().block_on(calls.call(cell))?;",
                    )],
                )],
                row: "report",
            },
            Wrong {
                what: "errors are swallowed",
                slips: &[Words(
                    "fan_in",
                    &[
                        (
                            r#"let (cell, alive) = outcome.context("the task of a cell panicked")??;"#,
                            "if let Ok(Ok((cell, alive))) = outcome {",
                        ),
                        ("next.set(cell, alive);", "next.set(cell, alive); }"),
                    ],
                )],
                row: "report",
            },
        ],
    },
    Exercise {
        name: "60-cancel",
        item: 60,
        task: "When one task fails, cancel the others, and wait until they are gone.",
        file: "src/cancelled.rs",
        functions: &[(
            "fail_and_cancel",
            "fan out; yield until all calls have begun; fan in, which fails; note how many calls \
             are open; abort all tasks; wait for each and count those that were cancelled",
        )],
        section: "What to see in it",
        besides: &[("common/GLOSSARY.md", &["Cancel", "Future and await"])],
        steps: &["failure"],
        tests: &[],
        hangs: "the calls take a minute: who ends them before?",
        hints: &[
            Hint(
                "",
                "`calls.notes.so_far()` knows how many calls have `begun` and how many are `open`.",
            ),
            Hint(
                "hang",
                "A task that nobody cancels goes on to the end of its call. `abort_all` cancels.",
            ),
            Hint(
                "failure.tasks_cancelled",
                "`abort_all` only asks. `join_next` waits until a task is gone, and its error says \
                 whether it was cancelled: `is_cancelled`.",
            ),
            Hint("failure.calls_open_then", "Count before you cancel, and after all have begun."),
        ],
        wrong: &[
            Wrong {
                what: "the others are waited for and not cancelled",
                slips: &[Words("fail_and_cancel", &[("tasks.abort_all();", "")])],
                row: "hang",
            },
            Wrong {
                what: "they are cancelled and not waited for",
                slips: &[Words(
                    "fail_and_cancel",
                    &[(
                        "while let Some(outcome) = tasks.join_next().await {",
                        "while let Some(outcome) = tasks.try_join_next() {",
                    )],
                )],
                row: "failure.tasks_cancelled",
            },
        ],
    },
];
