#!/usr/bin/env python3
"""Item 64: Consider concurrent.futures for True Parallelism

The interpreter's lock lets one thread of a process compute at a time. Other processes have locks of
their own: ProcessPoolExecutor sends the work to them and brings the results back. It pays where
little travels and much is computed.
"""

import math
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from multiprocessing import Pipe, Process, RawArray, active_children
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "common/python"))
import computing_at_once
from chapter7 import Program, Stopwatch, be_a_child, by_turns

WORKERS = 2
ROUNDS = 2
TRIPS = 50
TWO_INTEGERS = bytes(range(8))
MEGABYTE = bytes(range(256)) * 4096
PAIRS = [
    (1963309, 2265973),
    (2030677, 3814172),
    (1551645, 2229620),
    (2039045, 2020802),
    (1823712, 1924928),
    (2293129, 1020491),
    (1281238, 2273782),
    (3823812, 4237281),
    (3812741, 4729139),
    (1292391, 2123811),
]
SMALL_PAIR = (8192, 8193)


def gcd(pair):
    """Tries all numbers from the smaller one down: work for a processor, and nothing else."""
    a, b = pair
    for n in range(min(a, b), 0, -1):
        if a % n == 0 and b % n == 0:
            return n
    raise ValueError(f"{pair} are not positive")


def in_a_row():
    return list(map(gcd, PAIRS))


def in_threads():
    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(gcd, PAIRS))


def in_processes():
    """As the threads, but for a word. What children need, they must be able to import; what
    travels to them and back is pickled."""
    with ProcessPoolExecutor(WORKERS, initializer=be_a_child) as pool:
        return list(pool.map(gcd, PAIRS))


def send_back(pipe):
    """What a child does all its life: it sends back what it is sent. A message of no bytes ends it."""
    be_a_child()
    while message := pipe.recv_bytes():
        pipe.send_bytes(message)


def copy_first_to_last(pipe, memory):
    """The same, for a message that lies in shared memory: only the news of it is sent."""
    be_a_child()
    while news := pipe.recv_bytes():
        memory[-1] = memory[0]
        pipe.send_bytes(news)


@contextmanager
def child(*life):
    """Starts a child, and ends it after the `with` block, which is given the pipe to it. (On Unix, `Pipe`
    makes two sockets, which hold more than a pipe does.)"""
    ours, its = Pipe()
    process = Process(target=life[0], args=(its, *life[1:]))
    process.start()
    its.close()
    try:
        yield ours
        ours.send_bytes(b"")
    finally:
        ours.close()
        process.join()


def there_and_back(pipe, message, times=TRIPS):
    for _ in range(times):
        pipe.send_bytes(message)
        message = pipe.recv_bytes()
    return message


def news_there_and_back(pipe, memory):
    """Whether what the child changes in the shared memory is there when its answer comes."""
    found = []
    for trip in range(TRIPS):
        memory[0] = trip
        pipe.send_bytes(b"look")
        pipe.recv_bytes()
        found.append(memory[-1])
    return found == list(range(TRIPS))


def pieces_in_processes(pool):
    def work(watch):
        while not watch.is_over():
            pieces = [SMALL_PAIR] * 4 * computing_at_once.THREADS
            for _, window in pool.map(timed_gcd, pieces):
                watch.note(window)

    return work


def timed_gcd(pair):
    return computing_at_once.timed(gcd, pair)


def tell(story):
    alone, threads, processes = by_turns(ROUNDS, in_a_row, in_threads, in_processes)

    with story.step("serial", "one pair after the other") as step:
        step.fact(gcds=alone.found)
        step.proof(by_euclid=[math.gcd(*pair) for pair in PAIRS])
        step.figure(elapsed_s=alone.s)

    with story.step("threads", "two threads share the pairs") as step:
        step.proof(gcds=threads.found)
        step.figure(elapsed_s=threads.s, times_as_fast_as_serial=alone.s / threads.s)
        computing_at_once.tell(step, computing_at_once.in_threads(gcd, SMALL_PAIR))

    with story.step("processes", "two processes share the pairs") as step:
        step.proof(gcds=processes.found)
        step.figure(
            elapsed_s=processes.s, times_as_fast_as_serial=alone.s / processes.s
        )
        with ProcessPoolExecutor(
            computing_at_once.THREADS, initializer=be_a_child
        ) as pool:
            computing_at_once.tell(step, pieces_in_processes(pool))

    with story.step("trip", "two integers to a child and back, and no work") as step:
        # A `RawArray` lies in memory that child processes share. `shared_memory`, since Python 3.8, is
        # such memory with a name, by which other programs find it.
        memory = RawArray("B", MEGABYTE)
        with ExitStack() as children:
            with Stopwatch() as start:
                pipe = children.enter_context(child(send_back))
                there_and_back(pipe, TWO_INTEGERS, times=1)
            news = children.enter_context(child(copy_first_to_last, memory))
            few, many, shared = by_turns(
                ROUNDS,
                lambda: there_and_back(pipe, TWO_INTEGERS),
                lambda: there_and_back(pipe, MEGABYTE),
                lambda: news_there_and_back(news, memory),
            )
        step.figure(start_s=start.s, round_trip_s=few.s / TRIPS)
        step.proof(came_back_equal=few.found == TWO_INTEGERS)
        # Where Python spawns or forks by a server, helpers of its own live on: they are not counted.
        step.proof(a_child_is_left=bool(active_children()))

    with story.step("megabyte", "a megabyte, through pipes as well") as step:
        step.figure(round_trip_s=many.s / TRIPS)
        step.proof(came_back_equal=many.found == MEGABYTE)

    with story.step("shared", "a megabyte in memory that the child shares") as step:
        step.figure(round_trip_s=shared.s / TRIPS)
        # The child has changed the parent's megabyte, and none was sent.
        step.fact(moved_in_memory=not shared.found)


if __name__ == "__main__":
    Program(__doc__).run(tell)
