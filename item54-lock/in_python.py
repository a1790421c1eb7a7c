#!/usr/bin/env python3
"""Item 54: Use Lock to Prevent Data Races in Threads

Five threads count together. `count += 1` reads, adds and writes, and whoever comes in between
loses a count. The lock that the interpreter has for itself (the GIL) does not prevent it: that
one keeps the interpreter's data in order, not yours.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier, Event, Lock, Thread

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "common/python"))
from chapter7 import Program, Stopwatch, by_turns

THREADS = 5
HOW_MANY = 100_000
ROUNDS = 3
ATTEMPTS = 20


class Counter:
    """What the threads share. The notes' counts are lost between the reading and the writing in
    `+=`, though it may take many attempts to see it, or another interpreter."""

    count = 0

    def add(self, more):
        self.count += more


class LockedCounter:
    """The same for one thread at a time."""

    count = 0

    def __init__(self):
        self._one_at_a_time = Lock()

    def add(self, more):
        with self._one_at_a_time:
            self.count += more


def count_up(counter):
    for _ in range(HOW_MANY):
        counter.add(1)


def in_threads(work, *arguments):
    """Does `work` in five threads, and returns when all of them have ended."""
    threads = [
        Thread(target=work, args=arguments, name=f"thread {n}") for n in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@contextmanager
def often_switched():
    """Lets threads take turns every 0.1 ms, instead of every 5."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def read_sensor():
    return 1


def count_readings(counter, everyone_has_read):
    count = counter.count
    everyone_has_read.wait()
    # Each of the threads has read 0 and writes 1, so four of these five increments are lost.
    counter.count = count + 1
    for _ in range(HOW_MANY - 1):
        # Reads the count, calls, adds, writes; and a call is where Python may switch threads.
        counter.count += read_sensor()


def replay():
    """Two increments in the order that loses one: returns the count, and the order."""
    counter, order = Counter(), []
    a_has_read, b_has_written = Event(), Event()

    def increment_in_between():
        a_has_read.wait()
        count = counter.count
        order.append("B reads")
        counter.count = count + 1
        order.append("B writes")
        b_has_written.set()

    b = Thread(target=increment_in_between)
    b.start()
    count = counter.count
    order.append("A reads")
    a_has_read.set()
    b_has_written.wait()
    counter.count = count + 1
    order.append("A writes")
    b.join()
    return counter.count, order


def count_alone(_thread):
    count = 0
    for _ in range(HOW_MANY):
        count += 1
    return count


def add_subtotals():
    """What nobody shares needs no lock."""
    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(count_alone, range(THREADS)))


def tell(story):
    expected = THREADS * HOW_MANY

    with story.step("race", "five threads add 1 to a counter without a lock") as step:
        for attempt in range(1, ATTEMPTS + 1):
            counter = Counter()
            with Stopwatch() as took:
                in_threads(step.watched("count", count_up), counter)
            if counter.count < expected:
                break
        step.fact(expected=expected, found=counter.count, lost=expected - counter.count)
        step.figure(attempts=attempt, elapsed_s=took.s)
        if counter.count == expected:
            step.say("Luck, not law: CPython 3.10 and later switch at fewer places.")

    with story.step("race_mended", "the same with a call in each increment") as step:
        counter = Counter()
        with often_switched(), Stopwatch() as took:
            in_threads(step.watched("count", count_readings), counter, Barrier(THREADS))
        step.fact(expected=expected, found=counter.count, lost=expected - counter.count)
        step.proof(lost_by_law=THREADS - 1)
        step.figure(elapsed_s=took.s)

    with story.step("replay", "two increments, in the order that loses one") as step:
        found, order = replay()
        step.fact(order=order, found=found)

    with story.step("lock", "one thread at a time") as step:
        counter = LockedCounter()
        with Stopwatch() as took:
            in_threads(step.watched("count", count_up), counter)
        step.fact(found=counter.count)
        step.figure(elapsed_s=took.s)

    with story.step("subtotals", "each counts for itself; then add") as step:
        with Stopwatch() as took:
            found = add_subtotals()
        step.fact(found=found)
        step.figure(elapsed_s=took.s)

    with story.step("cost", "of an increment; the best of some rounds") as step:
        race, lock, subtotals = by_turns(
            ROUNDS,
            lambda: in_threads(count_up, Counter()),
            lambda: in_threads(count_up, LockedCounter()),
            add_subtotals,
        )
        step.figure(race_ns=race.s / expected * 1e9)
        step.figure(lock_ns=lock.s / expected * 1e9)
        step.figure(subtotals_ns=subtotals.s / expected * 1e9)


if __name__ == "__main__":
    Program(__doc__).run(tell)
