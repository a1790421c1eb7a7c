use crate::Slip::{Body, Words};
use crate::{Exercise, Hint, Wrong};

pub const EXERCISES: [Exercise; 2] = [
    Exercise {
        name: "52-poll",
        item: 52,
        task: "Work while a child runs, and ask it after each unit of work whether it has ended.",
        file: "src/poll.rs",
        functions: &[(
            "poll",
            "start sleep; until it has ended, make calls of 10 ms in a span \"work\" and count \
             them; record in the lane \"sleep\" that it \"lives\" since its start; return the \
             count and its exit_status",
        )],
        section: "What to see in it",
        besides: &[
            ("common/src/children.rs", &["try_wait"]),
            ("common/GLOSSARY.md", &["Step, lane, span"]),
        ],
        steps: &["poll"],
        tests: &[],
        hangs: "does the loop ask the child anew each time?",
        hints: &[
            Hint(
                "",
                "A child answers `try_wait` at once: None while it runs, its status when it has \
                 ended.",
            ),
            Hint("poll.units_of_work", "Whoever calls `wait` first does no work meanwhile."),
            Hint(
                "poll.status",
                "The child is to end by itself. A negative status is a signal: who has sent it?",
            ),
            Hint(
                "",
                "`while sleep.try_wait()?.is_none() { … }`, and after the loop `wait` returns the \
                 status once more.",
            ),
        ],
        wrong: &[
            Wrong {
                what: "it waits first",
                slips: &[Words(
                    "poll",
                    &[
                        (
                            "let mut sleep = start_sleep(duration)?;",
                            r#"let mut sleep = start_sleep(duration)?; let status = sleep.wait().context("cannot wait for sleep")?;"#,
                        ),
                        (
                            r#"Ok((units, exit_status(sleep.wait().context("cannot wait for sleep")?)))"#,
                            "Ok((units, exit_status(status)))",
                        ),
                    ],
                )],
                row: "poll.units_of_work",
            },
            Wrong {
                what: "it ends the child when the work is done",
                slips: &[Words(
                    "poll",
                    &[
                        (
                            r#"while sleep.try_wait().context("cannot ask whether sleep has ended")?.is_none() {"#,
                            "for _ in 0..3 {",
                        ),
                        (
                            r#"Ok((units, exit_status(sleep.wait().context("cannot wait for sleep")?)))"#,
                            "Ok((units, exit_status(sleep.end()?)))",
                        ),
                    ],
                )],
                row: "poll.status",
            },
        ],
    },
    Exercise {
        name: "52-timeout",
        item: 52,
        task: "Wait for a child, but never for ever: after a while, end it.",
        file: "src/timeout.rs",
        functions: &[(
            "wait_or_terminate",
            "wait for the child for `timeout` at most; if it has not ended by then, end it and \
             wait for that end; return its exit_status in either case",
        )],
        section: "What Rust does differently",
        besides: &[("common/src/children.rs", &["wait_timeout", "fn end"])],
        steps: &["timeout", "flood"],
        tests: &[],
        hangs: "who waits for a child without a limit?",
        hints: &[
            Hint(
                "",
                "`Child::wait_timeout` returns the status, or None when the time is over and the \
                 child still runs.",
            ),
            Hint(
                "timeout.status",
                "A child that was ended by SIGTERM has the status -15. Whoever reports another one \
                 has not ended it, or has not waited for its end.",
            ),
            Hint("timeout.elapsed_s", "The child is to have all of its time before it is ended."),
            Hint(
                "",
                "`Child::end` asks the child to end, kills it if need be, and waits: what it \
                 returns is the status.",
            ),
        ],
        wrong: &[
            Wrong {
                what: "it gives up on the child, which runs on",
                slips: &[Body(
                    "wait_or_terminate",
                    r#"{
    let status = child.wait_timeout(timeout).context("cannot wait for a child")?;
    Ok(status.map_or(0, exit_status))
}"#,
                )],
                row: "timeout.status",
            },
            Wrong {
                what: "it does not wait",
                slips: &[Body(
                    "wait_or_terminate",
                    r#"{
    if let Some(status) = child.try_wait().context("cannot ask a child")? {
        return Ok(exit_status(status));
    }
    let _ = timeout;
    Ok(exit_status(child.end().context("cannot end a child")?))
}"#,
                )],
                row: "timeout.elapsed_s",
            },
        ],
    },
];
