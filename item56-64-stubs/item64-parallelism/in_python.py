#!/usr/bin/env python3
"""Item 64: Consider concurrent.futures for True Parallelism

The interpreter's lock lets one thread of a process compute at a time. Other processes have locks of
their own: ProcessPoolExecutor sends the work to them and brings the results back. It pays where
little travels and much is computed.
"""

import math
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import active_children
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "common/python"))
import witness
from chapter7 import Program, Stopwatch, be_a_child, by_turns

WORKERS = 2
ROUNDS = 2
TRIPS = 100
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


def pieces_in_processes(pool):
    def work(watch):
        while not watch.is_over():
            pieces = [SMALL_PAIR] * 4 * witness.THREADS
            for _, window in pool.map(timed_gcd, pieces):
                watch.note(window)

    return work


def timed_gcd(pair):
    return witness.timed(gcd, pair)


def tell(story):
    alone, threads, processes = by_turns(ROUNDS, in_a_row, in_threads, in_processes)

    with story.step("serial", "one pair after the other") as step:
        step.fact(gcds=alone.found)
        step.proof(by_euclid=[math.gcd(*pair) for pair in PAIRS])
        step.figure(elapsed_s=alone.s)

    with story.step("threads", "two threads share the pairs") as step:
        step.proof(gcds=threads.found)
        step.figure(elapsed_s=threads.s, speed_up=alone.s / threads.s)
        witness.tell(step, witness.in_threads(gcd, SMALL_PAIR))

    with story.step("processes", "two processes share the pairs") as step:
        step.proof(gcds=processes.found)
        step.figure(elapsed_s=processes.s, speed_up=alone.s / processes.s)
        with ProcessPoolExecutor(witness.THREADS, initializer=be_a_child) as pool:
            witness.tell(step, pieces_in_processes(pool))

    with story.step("trip", "what a process costs besides") as step:
        with ProcessPoolExecutor(1, initializer=be_a_child) as pool:
            with Stopwatch() as start:
                pool.submit(gcd, (1, 1)).result()
            with Stopwatch() as trips:
                answers = [pool.submit(gcd, (1, 1)).result() for _ in range(TRIPS)]
        step.figure(start_s=start.s, round_trip_s=trips.s / TRIPS)
        step.proof(answers=len(answers))
        # Where Python spawns or forks by a server, helpers of its own live on: they are not counted.
        step.fact(a_child_is_left=bool(active_children()))


if __name__ == "__main__":
    Program(__doc__).run(tell)
