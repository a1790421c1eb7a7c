#!/usr/bin/env python3
"""Item 54: Use Lock to Prevent Data Races in Threads

Five threads count together. `count += 1` reads, adds and writes; if another thread comes in
between, a count is lost. The lock that the interpreter has for itself (the GIL) does not prevent
that: it keeps the interpreter's data in order, not yours.
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
TIMES = 1000


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


def count_up(counter, everyone_is_here):
    everyone_is_here.wait()
    for _ in range(HOW_MANY):
        counter.add(1)


def in_threads(work, counter):
    """Does `work` in five threads, and returns when all of them have ended."""
    meeting = Barrier(THREADS)
    threads = [
        Thread(target=work, args=(counter, meeting), name=f"thread {n}")
        for n in range(THREADS)
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
    # Each of the five threads has read 0 and writes 1, so four of these increments are lost.
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


def deadlock():
    """Two threads that hold a lock each and ask for the other's: does each find it taken?"""
    left, right, meeting = Lock(), Lock(), Barrier(2)
    taken = {}

    def find(name, first, second):
        with first:
            meeting.wait()  # A and B hold a lock each.
            taken[name] = not second.acquire(blocking=False)
            meeting.wait()  # A and B have tried. Only now may they let go.

    b = Thread(target=find, args=("B", right, left))
    b.start()
    find("A", left, right)
    b.join()
    return taken["A"], taken["B"]


def one_order():
    """The cure: whoever takes both locks takes the left one first."""
    left, right, counts = Lock(), Lock(), {"left": 0, "right": 0}

    def add_to_both():
        for _ in range(TIMES):
            with left, right:
                counts["left"] += 1
                counts["right"] += 1

    threads = [Thread(target=add_to_both) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return counts


def count_alone(_thread):
    count = 0
    for _ in range(HOW_MANY):
        count += 1
    return count


def add_subtotals():
    """A count that no other thread sees needs no lock."""
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
            step.say(
                "CPython 3.10 and later switch threads at fewer places, so none was lost."
            )
            step.say("The language does not promise that.")

    with story.step("race_mended", "the same with a call in each increment") as step:
        counter = Counter()
        with often_switched(), Stopwatch() as took:
            in_threads(step.watched("count", count_readings), counter)
        step.fact(expected=expected, found=counter.count, lost=expected - counter.count)
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

    with story.step("deadlock", "two locks, in opposite order") as step:
        right_is_taken, left_is_taken = deadlock()
        step.fact(a_finds_right_taken=right_is_taken, b_finds_left_taken=left_is_taken)
        step.say("With acquire() instead of acquire(blocking=False), both would hang.")

    with story.step("one_order", "both threads take left first, then right") as step:
        counts = one_order()
        step.fact(left_count=counts["left"], right_count=counts["right"])

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
