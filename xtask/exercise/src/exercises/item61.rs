use crate::Slip::{Body, Words};
use crate::{Exercise, Hint, Test, Wrong};

const FILE: &str = "src/tasks.rs";
const BETWEEN_LINES: &str = "other_tasks_get_their_turn_between_two_lines";

pub const EXERCISES: [Exercise; 2] = [
    Exercise {
        name: "61-session",
        item: 61,
        task: "Port the server's session loop from a thread to a task.",
        file: FILE,
        functions: &[(
            "converse",
            "as `converse` in threads.rs: one Session of this seed answers line by line until the \
             peer hangs up; an error is returned; after each line, the task gives way (there is no \
             `stopping`: the task is dropped)",
        )],
        section: "What to see in it",
        besides: &[
            ("item56-64-stubs/item61-port/src/threads.rs", &["fn converse"]),
            ("common/GLOSSARY.md", &["Task", "Future and await"]),
        ],
        steps: &["pairings", "rules", "bad_peers", "deadline"],
        tests: &[Test::Of("turns", BETWEEN_LINES)],
        hangs: "does the loop end when `receive` gives None? Or does something block the thread that \
                all tasks share?",
        hints: &[
            Hint("", "Read `converse` in threads.rs. What waits there gets an `.await` here."),
            Hint("report", "A session remembers what it was told. How long does yours live?"),
            Hint(
                "bad_peers.unknown_command",
                "The error of `answer` is what the peer is to be told: hand it on with `?`. A panic \
                 tells the peer nothing.",
            ),
            Hint(
                "deadline.told",
                "The error of `receive` is what the peer is to be told: hand it on with `?`.",
            ),
            Hint(
                BETWEEN_LINES,
                "Where the next line is there already, `.await` does not wait, and no other task gets \
                 its turn. `yield_now().await` gives way. What waits in `std::thread` stops the \
                 thread, with all its tasks.",
            ),
        ],
        wrong: &[
            Wrong {
                what: "a new session for each line",
                slips: &[Body(
                    "converse",
                    "{
    while let Some(line) = connection.receive().await? {
        let mut session = Session::new(seed);
        connection.send(&session.answer(&line)?).await?;
        yield_now().await;
    }
    Ok(())
}",
                )],
                row: "report",
            },
            Wrong {
                what: "an error ends it without a word",
                slips: &[Words(
                    "converse",
                    &[(
                        "while let Some(line) = connection.receive().await? {",
                        "while let Ok(Some(line)) = connection.receive().await {",
                    )],
                )],
                row: "deadline.told",
            },
            Wrong {
                what: "it keeps the thread as long as there are lines",
                slips: &[Words("converse", &[("yield_now().await;", "")])],
                row: BETWEEN_LINES,
            },
        ],
    },
    Exercise {
        name: "61-serve",
        item: 61,
        task: "A server that gives each peer a task, turns away who is too many, and stops when it \
               is told to.",
        file: FILE,
        functions: &[(
            "serve",
            "until `stop` is done, take the next peer (next_peer_async) and spawn `attend` for it, \
             if fewer than `most_peers` tasks are there, else add its std stream to `turned_away`; \
             then end all tasks and return how many were served",
        )],
        section: "What to see in it",
        besides: &[
            ("item56-64-stubs/item61-port/src/threads.rs", &["fn serve"]),
            ("common/GLOSSARY.md", &["Task", "Select", "Cancel"]),
        ],
        steps: &["pairings", "idle_peers", "full", "stop"],
        tests: &[Test::Of("servers", "a_full_server_turns_peers_away_until_one_has_left")],
        hangs: "who waits for a peer that says nothing, so that nobody else is taken?",
        hints: &[
            Hint(
                "",
                "`select!` waits for two things at once: `_ = &mut stop => break` beside the next \
                 peer. `stop` must be pinned: `pin!(stop)`.",
            ),
            Hint(
                "hang",
                "A task that is spawned runs beside this one; `attend(…).await` keeps this one \
                 until the peer has hung up.",
            ),
            Hint(
                "full.told",
                "How many tasks are there when the next peer comes? A JoinSet knows: `len`.",
            ),
            Hint(
                "a_full_server_turns_peers_away_until_one_has_left",
                "Tasks that have ended stay in the set until they are taken out: `try_join_next`.",
            ),
        ],
        wrong: &[
            Wrong {
                what: "a peer is attended to before the next one is taken",
                slips: &[Body(
                    "serve",
                    "{
    let mut served = 0;
    let mut stop = pin!(stop);
    loop {
        let stream = select! {
            _ = &mut stop => break,
            stream = next_peer_async(&listener) => stream,
        };
        served += 1;
        let _ = attend(stream, settings).await;
    }
    served
}",
                )],
                row: "hang",
            },
            Wrong {
                what: "peers who have left keep their place",
                slips: &[Words("serve", &[("while tasks.try_join_next().is_some() {}", "")])],
                row: "a_full_server_turns_peers_away_until_one_has_left",
            },
        ],
    },
];
