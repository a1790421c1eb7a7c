use crate::Slip::{Body, Words};
use crate::{Exercise, Hint, Test, Wrong};

const FILE: &str = "src/counters.rs";

pub const EXERCISES: [Exercise; 4] = [
    Exercise {
        name: "54-race",
        item: 54,
        task: "Increment as Python's `count += 1` does, so that counts can be lost.",
        file: FILE,
        functions: &[(
            "RacyCounter::increment_after",
            "read the count, then call `meanwhile`, then write what was read plus one: others may \
             come in between, and their counts are lost",
        )],
        section: "What to see in it",
        besides: &[("common/GLOSSARY.md", &["Data race, race condition"])],
        steps: &["race", "replay"],
        tests: &[Test::Model("the_race_can_lose_an_increment_and_need_not")],
        hangs: "who waits in `meanwhile` for somebody who must be able to read the count now?",
        hints: &[
            Hint(
                "",
                "An AtomicU64 can be read (`load`) and written (`store`), each with an ordering: \
                 here Relaxed.",
            ),
            Hint(
                "replay.found",
                "B comes and goes while A is in its `meanwhile`. To lose B's count, A must have \
                 read before, and must not read again.",
            ),
            Hint(
                "race.found",
                "An operation that reads and writes at once loses nothing. The race needs two \
                 operations.",
            ),
            Hint(
                "race.lost",
                "All five threads meet in `meanwhile`. Each must have read 0 by then.",
            ),
        ],
        wrong: &[
            Wrong {
                what: "one indivisible operation",
                slips: &[Body(
                    "RacyCounter::increment_after",
                    "{ meanwhile(); self.count.fetch_add(1, Relaxed); }",
                )],
                row: "race.found",
            },
            Wrong {
                what: "the read comes after the others",
                slips: &[Body(
                    "RacyCounter::increment_after",
                    "{ meanwhile(); let seen = self.count.load(Relaxed); self.count.store(seen + \
                     1, Relaxed); }",
                )],
                row: "replay.found",
            },
        ],
    },
    Exercise {
        name: "54-lock",
        item: 54,
        task: "Count under a mutex, so that no increment is lost.",
        file: FILE,
        functions: &[(
            "LockCounter::increment",
            "add one to the count; whoever reads it to add one keeps the lock until it is written",
        )],
        section: "What to see in it",
        besides: &[("common/GLOSSARY.md", &["Guard"])],
        steps: &["lock"],
        tests: &[Test::Model("the_lock_never_loses_an_increment")],
        hangs: "who locks a mutex while the same thread holds its guard?",
        hints: &[
            Hint(
                "",
                "`lock` returns a Result with a guard. The guard is the way to the number: \
                 `*guard`.",
            ),
            Hint(
                "the_lock_never_loses_an_increment",
                "The lock is held as long as the guard lives. How many guards are there between \
                 the read and the write?",
            ),
            Hint(
                "lock.found",
                "Is it the number in the mutex that changes, or a copy of it? And is the lock held \
                 from the read to the write?",
            ),
            Hint(
                "hang",
                "std's Mutex can't be locked twice by one thread: the second `lock` waits for the \
                 first guard. `self.count()` locks, too.",
            ),
        ],
        wrong: &[
            Wrong {
                what: "the lock is released before the write",
                slips: &[Body(
                    "LockCounter::increment",
                    "{ let seen = *self.count.lock().unwrap(); *self.count.lock().unwrap() = seen \
                     + 1; }",
                )],
                row: "the_lock_never_loses_an_increment",
            },
            Wrong {
                what: "it adds one to a copy of the number",
                slips: &[Body(
                    "LockCounter::increment",
                    "{ let mut count = *self.count.lock().unwrap(); count += 1; }",
                )],
                row: "lock.found",
            },
            Wrong {
                what: "locked twice by the same thread",
                slips: &[Body(
                    "LockCounter::increment",
                    "{ let mut count = self.count.lock().unwrap(); *count = self.count() + 1; }",
                )],
                row: "hang",
            },
        ],
    },
    Exercise {
        name: "54-atomic",
        item: 54,
        task: "Count without a lock, by one indivisible operation.",
        file: FILE,
        functions: &[(
            "AtomicCounter::increment",
            "add one, in one operation that nobody can come between",
        )],
        section: "What Rust does differently",
        besides: &[("common/GLOSSARY.md", &["Data race, race condition"])],
        steps: &["atomic"],
        tests: &[Test::Model("fetch_add_never_loses_an_increment")],
        hangs: "a loop that tries again must look at the count again each time: does it?",
        hints: &[
            Hint("", "Which methods of AtomicU64 read and write at once?"),
            Hint(
                "fetch_add_never_loses_an_increment",
                "In some order of the two threads' operations a count is lost: what can happen \
                 between your read and your write?",
            ),
            Hint(
                "atomic.found",
                "A compare_exchange that fails has written nothing. Who tries again?",
            ),
        ],
        wrong: &[
            Wrong {
                what: "a read and a write",
                slips: &[Body(
                    "AtomicCounter::increment",
                    "{ let seen = self.count.load(Relaxed); self.count.store(seen + 1, Relaxed); }",
                )],
                row: "fetch_add_never_loses_an_increment",
            },
            Wrong {
                what: "a compare_exchange that fails is not tried again",
                slips: &[Body(
                    "AtomicCounter::increment",
                    "{ let seen = self.count.load(Relaxed); let _ = \
                     self.count.compare_exchange(seen, seen + 1, Relaxed, Relaxed); }",
                )],
                row: "fetch_add_never_loses_an_increment",
            },
        ],
    },
    Exercise {
        name: "54-deadlock",
        item: 54,
        task: "Let two threads meet in a deadlock, and find it without hanging in it.",
        file: "src/deadlock.rs",
        functions: &[(
            "deadlock",
            "A (this thread) locks left, B (a thread of that name) locks right; when both hold one, \
             each tries the other's (`try_lock`, which never waits) and notes whether it is taken; \
             nobody lets go before both have tried; return what A found, and B",
        )],
        section: "What to see in it",
        besides: &[
            ("common/GLOSSARY.md", &["Deadlock", "Guard", "Scope"]),
            ("common/src/threads.rs", &["fn spawn"]),
        ],
        steps: &["deadlock"],
        tests: &[],
        hangs: "A holds what B waits for, and B what A waits for: who only tries? Or does somebody \
                hold a lock that another needs to come to the meeting?",
        hints: &[
            Hint(
                "",
                "A Barrier of two lets both go on when both have come: once when each holds a lock, \
                 once when each has tried.",
            ),
            Hint(
                "deadlock.a_finds_right_taken",
                "A lock is held as long as its guard lives. Is it the guard that is kept until both \
                 have tried, or a copy of the number?",
            ),
            Hint(
                "build let_underscore_lock",
                "`let _ = …` would drop the guard at once, so the compiler refuses it for a lock: \
                 `let _guard = …` keeps it.",
            ),
            Hint(
                "hang",
                "`lock` on what the other holds waits for ever; that is the deadlock. `try_lock` \
                 says WouldBlock instead. And the two take the locks in opposite order.",
            ),
        ],
        wrong: &[
            Wrong {
                what: "the number is copied, and its guard dropped at once",
                slips: &[Words(
                    "deadlock",
                    &[(
                        "let _guard = first.lock().expect(UNHARMED);",
                        "let _held = *first.lock().expect(UNHARMED);",
                    )],
                )],
                row: "deadlock.a_finds_right_taken",
            },
            Wrong {
                what: "it waits for what the other holds",
                slips: &[Words(
                    "deadlock",
                    &[(
                        "let is_taken = matches!(second.try_lock(), Err(WouldBlock));",
                        "let is_taken = second.lock().is_err();",
                    )],
                )],
                row: "hang",
            },
            Wrong {
                what: "both take the same lock first",
                slips: &[Words(
                    "deadlock",
                    &[(
                        r#"let b = spawn(scope, "B", || finds_taken(&right, &left))?;"#,
                        r#"let b = spawn(scope, "B", || finds_taken(&left, &right))?;"#,
                    )],
                )],
                row: "hang",
            },
        ],
    },
];
