use crate::Slip::{Body, Words};
use crate::{Exercise, Hint, Test, Wrong};

const IN_ORDER: &str = "results_come_in_the_order_of_the_numbers";

pub const EXERCISES: [Exercise; 2] = [
    Exercise {
        name: "53-threads",
        item: 53,
        task: "Give each number a thread that borrows it, and collect what the threads return.",
        file: "src/threads.rs",
        functions: &[(
            "in_threads",
            "in a scope, spawn a thread for each number, of its name (by `spawn`, which is \
             imported: std's gives no lane), which does `factorise(*number)` in a span \
             \"factorise\"; return what they found, in the order of the numbers",
        )],
        section: "What to see in it",
        besides: &[
            ("common/GLOSSARY.md", &["Scope", "Closure", "Step, lane, span"]),
            ("common/src/threads.rs", &["fn spawn", "trait Join"]),
        ],
        steps: &["threads"],
        tests: &[Test::Of("threads", IN_ORDER)],
        hangs: "which thread is waited for, and what does that one wait for?",
        hints: &[
            Hint(
                "",
                "`thread::scope(|scope| …)` joins what is spawned in it before it returns. That is \
                 why its threads may borrow.",
            ),
            Hint(
                "build E0373 E0521 E0597",
                "The compiler asks how long the numbers live. A thread of `thread::spawn` may \
                 outlive this function; one that is spawned in a scope can't.",
            ),
            Hint(
                IN_ORDER,
                "Are the results in the order of the numbers? Join the threads in the order in \
                 which they were started.",
            ),
            Hint(
                "report",
                "No span was recorded: is there a `span(\"factorise\", …)` in each thread? A thread of \
                 `scope.spawn` has no lane to record in; `spawn` of common::threads gives it one.",
            ),
            Hint(
                "threads.seen_computing_at_once",
                "Start all of them before one is joined, and let each work in a span.",
            ),
        ],
        wrong: &[
            Wrong {
                what: "threads that may outlive what they borrow",
                slips: &[Body(
                    "in_threads",
                    r"{
    let mut threads = Vec::new();
    for number in numbers {
        threads.push(thread::spawn(|| factorise(*number)));
    }
    threads.into_iter().map(Join::joined).collect()
}",
                )],
                row: "build",
            },
            Wrong {
                what: "the results are in the wrong order",
                slips: &[Words(
                    "in_threads",
                    &[(
                        "threads.into_iter().map(Join::joined).collect()",
                        "let mut found = Vec::new(); while let Some(thread) = threads.pop() { found.push(thread.joined()?); } Ok(found)",
                    )],
                )],
                row: "threads.factors",
            },
            Wrong {
                what: "the results come in the order in which the threads end",
                slips: &[Body(
                    "in_threads",
                    r#"{
    let found = std::sync::Mutex::new(Vec::new());
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for number in numbers {
            let find = || {
                let one = span("factorise", || factorise(*number));
                found.lock().unwrap().push(one);
            };
            threads.push(spawn(scope, number.to_string(), find)?);
        }
        threads.into_iter().try_for_each(Join::joined)
    })?;
    Ok(found.into_inner().unwrap())
}"#,
                )],
                row: IN_ORDER,
            },
        ],
    },
    Exercise {
        name: "53-calls",
        item: 53,
        task: "Let slow system calls wait in threads, and compute something meanwhile.",
        file: "src/calls.rs",
        functions: &[(
            "at_once",
            "spawn a thread \"call n\" for each call of slow_syscall(latency); before you join \
             them, make the COMPUTATIONS, each a black_box(try_all(black_box(50_000))) in a span \
             \"compute\"",
        )],
        section: "What to see in it",
        besides: &[
            ("common/GLOSSARY.md", &["Scope", "Step, lane, span"]),
            ("common/src/threads.rs", &["fn spawn", "fn join_all"]),
        ],
        steps: &["at_once"],
        tests: &[],
        hangs: "what is waited for that never ends?",
        hints: &[
            Hint("", "Spawn all, then compute, then join: three steps, one after the other."),
            Hint(
                "at_once.spans",
                "A thread that is joined before the next is spawned waits alone.",
            ),
            Hint(
                "at_once.computations_meanwhile",
                "The main thread is free as long as it has joined nobody.",
            ),
        ],
        wrong: &[
            Wrong {
                what: "each thread is joined before the next is started",
                slips: &[Words(
                    "at_once",
                    &[
                        ("let mut threads = Vec::new();", ""),
                        (
                            r#"threads.push(spawn(scope, format!("call {n}"), || slow_syscall(latency))?);"#,
                            r#"join_all([spawn(scope, format!("call {n}"), || slow_syscall(latency))?])?;"#,
                        ),
                        ("join_all(threads).map(drop)", "Ok(())"),
                    ],
                )],
                row: "at_once.spans",
            },
            Wrong {
                what: "it computes when the calls are over",
                slips: &[Words(
                    "at_once",
                    &[
                        (
                            "for _ in 0..COMPUTATIONS {",
                            "join_all(threads)?; for _ in 0..COMPUTATIONS {",
                        ),
                        ("join_all(threads).map(drop)", "Ok(())"),
                    ],
                )],
                row: "at_once.computations_meanwhile",
            },
        ],
    },
];
