use crate::Slip::{Body, Words};
use crate::{Exercise, Hint, Test, Wrong};

pub const EXERCISES: [Exercise; 4] = [
    Exercise {
        name: "62-lines",
        item: 62,
        task: "Take whole lines out of a file that grows: half a line waits for its end.",
        file: "src/lines.rs",
        functions: &[(
            "Lines::take_whole",
            "take out of `buffer` all up to its last newline, if there is one, and leave the rest; \
             if the buffer ended in half a line after the call before, and a newline has come, \
             that is one of the `halves`",
        )],
        section: "What to see in it",
        besides: &[],
        steps: &["threads"],
        tests: &[
            Test::Unit("no_cut_tears_a_line"),
            Test::Unit("a_line_may_come_byte_by_byte_and_is_one_half_line"),
            Test::Unit("lines_that_come_whole_are_no_halves"),
        ],
        hangs: "does it return None when there is no newline?",
        hints: &[
            Hint(
                "",
                "`iter().rposition(…)` finds the last newline; `split_off` cuts a Vec in two.",
            ),
            Hint(
                "no_cut_tears_a_line",
                "What stands behind the last newline is not handed out: it stays in the buffer.",
            ),
            Hint(
                "threads.lines_missing",
                "What stands behind the last newline is not lost: its rest will be appended to it.",
            ),
            Hint(
                "a_line_may_come_byte_by_byte_and_is_one_half_line",
                "`ends_in_a_half` is about the end of the last call. Look at it before you set it \
                 anew.",
            ),
        ],
        wrong: &[
            Wrong {
                what: "half a line is handed out with the others",
                slips: &[Body(
                    "Lines::take_whole",
                    r"{
        self.buffer.contains(&b'\n').then(|| mem::take(&mut self.buffer))
    }",
                )],
                row: "no_cut_tears_a_line",
            },
            Wrong {
                what: "what follows the last newline is lost",
                slips: &[Body(
                    "Lines::take_whole",
                    r"{
        let at = self.buffer.iter().rposition(|&byte| byte == b'\n')?;
        let whole = self.buffer[..=at].to_vec();
        self.halves += usize::from(self.ends_in_a_half);
        self.ends_in_a_half = self.buffer.len() > at + 1;
        self.buffer.clear();
        Some(whole)
    }",
                )],
                row: "no_cut_tears_a_line",
            },
        ],
    },
    Exercise {
        name: "62-mixed",
        item: 62,
        task: "Blocking followers in threads of tokio's pool, and a task that writes what they \
               find.",
        file: "src/mixed.rs",
        functions: &[(
            "merge_half_way",
            "let each log be followed in a blocking thread of the pool, which sends (its number, \
             lines) into a channel of ROOM; write what is found and join the followers at the same \
             time; return what the join counted",
        )],
        section: "What to see in it",
        besides: &[("common/GLOSSARY.md", &["Channel", "Task", "Future and await"])],
        steps: &["spawn_blocking"],
        tests: &[Test::Unit(
            "followers_that_hold_all_threads_of_the_pool_do_not_lock_out_the_merging_task",
        )],
        hangs: "the lines end when the last sender is dropped: who still holds one?",
        hints: &[
            Hint(
                "",
                "`JoinSet::spawn_blocking` is for code that blocks. In it, a tokio channel is sent \
                 to by `blocking_send`.",
            ),
            Hint(
                "hang",
                "Each follower has a clone of the sender. The one that was cloned must go, too.",
            ),
            Hint(
                "report",
                "A blocking call in a task of the loop stops all of them; tokio panics where it \
                 notices.",
            ),
            Hint(
                "",
                "`tokio::try_join!(write(into, found), join(followers))?` does two things at the \
                 same time.",
            ),
        ],
        wrong: &[
            Wrong {
                what: "a sender is kept",
                slips: &[Words("merge_half_way", &[("drop(sender);", "")])],
                row: "hang",
            },
            Wrong {
                what: "a blocking function in a task",
                slips: &[Words(
                    "merge_half_way",
                    &[(
                        "followers.spawn_blocking(move || follow(&log, poll, send));",
                        "followers.spawn(async move { follow(&log, poll, send) });",
                    )],
                )],
                row: "report",
            },
        ],
    },
    Exercise {
        name: "63-write",
        item: 63,
        task: "Keep a slow write off the event loop: a thread writes, and the task awaits its \
               answer.",
        file: "src/writes.rs",
        functions: &[(
            "write_in_a_thread",
            "in a scope, spawn a thread \"writer\" that answers each Request of a channel by a \
             slow_write; beside a heart, let a task send LINE and await the answer; the thread \
             ends when the sender is dropped",
        )],
        section: "What to see in it",
        besides: &[("common/GLOSSARY.md", &["Channel", "Scope", "Future and await"])],
        steps: &["thread"],
        tests: &[],
        hangs: "the thread waits for requests until their sender is dropped: who owns it, and \
                until when?",
        hints: &[
            Hint(
                "",
                "In a thread, `blocking_recv` waits; in a task, `recv().await` does. A oneshot \
                 channel brings one answer back.",
            ),
            Hint(
                "thread.beats_during_write",
                "The heart stops: the write is made on the loop's own thread.",
            ),
            Hint(
                "hang",
                "The scope waits for the thread, the thread for the end of the requests. `async \
                 move` lets the task own the sender, so that it goes with the task.",
            ),
            Hint("report", "A task can't wait as a thread does: tokio panics. It awaits."),
        ],
        wrong: &[
            Wrong {
                what: "the sender outlives the task",
                slips: &[Words(
                    "write_in_a_thread",
                    &[("let write = async move {", "let write = async {")],
                )],
                row: "hang",
            },
            Wrong {
                what: "the task waits as a thread does",
                slips: &[Words(
                    "write_in_a_thread",
                    &[
                        (
                            "requests.send((LINE, answer)).await.context(gone)?;",
                            "requests.blocking_send((LINE, answer)).context(gone)?;",
                        ),
                        (
                            "answered.await.context(gone)?",
                            "answered.blocking_recv().context(gone)?",
                        ),
                    ],
                )],
                row: "report",
            },
            Wrong {
                what: "the write is made on the loop",
                slips: &[Body(
                    "write_in_a_thread",
                    "{ beside_a_heart(beat, async { slow_write(file, LINE, latency) }) }",
                )],
                row: "thread.beats_during_write",
            },
        ],
    },
    Exercise {
        name: "64-share",
        item: 64,
        task: "Share work out among threads: each takes the next pair when it is free.",
        file: "src/share_out.rs",
        functions: &[(
            "share_out",
            "give each worker a thread of its name, in which it takes the next pair, one after the \
             other, until there is none; no pair is taken twice; return the answers in the order \
             of the pairs, or the first error",
        )],
        section: "What to see in it",
        besides: &[
            ("common/GLOSSARY.md", &["Scope"]),
            ("common/src/threads.rs", &["fn spawn", "fn join_all"]),
        ],
        steps: &["threads", "processes"],
        tests: &[],
        hangs: "does a thread end when the pairs are used up?",
        hints: &[
            Hint(
                "",
                "A counter that all threads share deals out numbers: `fetch_add(1, Relaxed)` gives \
                 each number once.",
            ),
            Hint(
                "threads.gcds",
                "Which thread answers which pair is luck. Keep the number of the pair with its \
                 answer, and sort in the end; and let nobody take what another has taken.",
            ),
            Hint(
                "report",
                "The number that is dealt out may be beyond the last pair: `pairs.get(number)`.",
            ),
        ],
        wrong: &[
            Wrong {
                what: "the answers are in the wrong order",
                slips: &[Body(
                    "share_out",
                    "{
    let next = &AtomicUsize::new(0);
    let answers = thread::scope(|scope| {
        let mut threads = Vec::new();
        for (name, mut worker) in workers {
            let take_pairs = move || {
                let mut answers = Vec::new();
                while let Some(pair) = pairs.get(next.fetch_add(1, Relaxed)) {
                    answers.push(worker(*pair)?);
                }
                anyhow::Ok(answers)
            };
            threads.push(spawn(scope, name, take_pairs)?);
        }
        threads.reverse();
        join_all(threads)
    })?;
    Ok(answers.concat())
}",
                )],
                row: "threads.gcds",
            },
            Wrong {
                what: "each worker takes all pairs",
                slips: &[Body(
                    "share_out",
                    "{
    let answers = thread::scope(|scope| {
        let mut threads = Vec::new();
        for (name, mut worker) in workers {
            let take_pairs = move || pairs.iter().map(|pair| worker(*pair)).collect();
            threads.push(spawn(scope, name, take_pairs)?);
        }
        join_all::<Vec<u32>, anyhow::Error>(threads)
    })?;
    Ok(answers.concat())
}",
                )],
                row: "threads.gcds",
            },
            Wrong {
                what: "a number beyond the last pair",
                slips: &[Words(
                    "share_out",
                    &[
                        (
                            "let Some(pair) = pairs.get(number) else { return anyhow::Ok(answers) };",
                            "if number > pairs.len() { return anyhow::Ok(answers); }",
                        ),
                        ("worker(*pair)?", "worker(pairs[number])?"),
                    ],
                )],
                row: "report",
            },
        ],
    },
];
