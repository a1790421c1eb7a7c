#!/usr/bin/env python3
"""Item 59: Consider ThreadPoolExecutor When Threads Are Necessary for Concurrency

A pool has all that takes a page with queues: threads that are started once, a way for results, a
way for exceptions. Its size is the most that happens at the same time, and must be known before.
"""

import sys
from concurrent.futures import ThreadPoolExecutor, TimeoutError
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import life
from chapter7 import Program, Stopwatch, cores, overlap, slow_system_call

THREADS = 5
MANY_THREADS = 45
SIZES = (1, 2, 5, 10, 45)
PATIENCE = 0.1


def next_grid(grid, pool, call):
    def decide(cell):
        call(cell)
        return grid.lives_on(cell)

    return grid.followed_by(pool.map(decide, grid.cells()))


def play(pool, calls):
    return life.generations(life.GLIDER, lambda grid: next_grid(grid, pool, calls))


def compute():
    return sum(n % 7 for n in range(20_000))


def compute_beside_waits(waiting_pool, computing_pool):
    """How long `compute` takes, and how many of the waits were over before it."""
    over = [waiting_pool.submit(slow_system_call, 0.05) for _ in range(cores())]

    def count_and_compute():
        count = sum(wait.done() for wait in over)
        compute()
        return count

    with Stopwatch() as took:
        count = computing_pool.submit(count_and_compute).result()
    return took.s, count


def block_on_another_job(pool):
    """The mistake: a job blocks until another one of its pool is done. Without a timeout, `result` would
    wait for ever in a pool of one thread."""
    happened = []

    def job():
        happened.append("the job waits")
        other = pool.submit(happened.append, "the other runs")
        try:
            other.result(timeout=PATIENCE)
            happened.append("the job goes on")
        except TimeoutError:
            happened.append("the job gives up")
        return other

    pool.submit(job).result().result()
    return happened


def wait_outside(pool):
    """The cure: the job returns the future of the other one, and whoever is outside the pool waits."""
    happened = []

    def job():
        other = pool.submit(happened.append, "the other runs")
        happened.append("the job ends")
        return other

    pool.submit(job).result().result()
    happened.append("whoever is outside goes on")
    return happened


def tell(story):
    with story.step("pool", "five threads for all cells of all generations") as step:
        calls = life.Calls()
        with ThreadPoolExecutor(THREADS) as pool, Stopwatch() as took:
            grids = play(pool, calls)
        step.spans += calls.spans
        step.setting(threads=THREADS, latency_s=life.LATENCY)
        step.fact(threads_started=len(calls.threads))
        step.figure(generation_s=took.s / life.GENERATIONS)
        life.prove(step, grids)

    with story.step("failure", "a call is refused: `map` raises its error") as step:
        calls = life.Calls(refused=(2, 3))
        with ThreadPoolExecutor(THREADS) as pool:
            try:
                next_grid(life.GLIDER, pool, calls)
            except OSError as error:
                step.fact(error=str(error))
            again = next_grid(life.GLIDER, pool, calls)
        life.prove(step, [life.GLIDER, again])

    with story.step("sizes", "a generation in pools of 1, 2, 5, 10, 45") as step:
        at_once, grids = [], []
        step.setting(latency_s=life.LATENCY)
        for size in SIZES:
            calls = life.Calls()
            with ThreadPoolExecutor(size) as pool, Stopwatch() as took:
                grids.append(next_grid(life.GLIDER, pool, calls))
            step.fact(**{f"generation_with_{size}_s": took.s})
            at_once.append(overlap(calls.spans))
        step.fact(calls_at_once=at_once)
        expected = [life.reference(life.GLIDER)] * len(SIZES)
        step.proof(digest=life.digest(grids), reference=life.digest(expected))

    with story.step("large", "1000 cells, 45 threads") as step:
        start = life.soup(25, 40)
        with ThreadPoolExecutor(MANY_THREADS) as pool, Stopwatch() as took:
            grid = next_grid(start, pool, life.Calls())
        step.setting(threads=MANY_THREADS)
        step.figure(generation_s=took.s)
        life.prove(step, [start, grid])

    pool, other = ThreadPoolExecutor(cores()), ThreadPoolExecutor(cores())
    with pool, other:
        with story.step("starved", "computing in a pool full of waits") as step:
            with Stopwatch() as alone:
                compute()
            computing_s, waits = compute_beside_waits(pool, pool)
            step.figure(computing_alone_s=alone.s, computing_s=computing_s)
            step.proof(waits_ended_first=waits)

        with story.step("apart", "the waits have a pool of their own") as step:
            computing_s, _ = compute_beside_waits(other, pool)
            step.figure(computing_s=computing_s)

    with ThreadPoolExecutor(1) as pool:
        with story.step("nested", "a job blocks until another one is done") as step:
            step.setting(threads=1, patience_s=PATIENCE)
            step.fact(order=block_on_another_job(pool))

        with story.step("scoped", "a job leaves it to others to wait") as step:
            step.fact(order=wait_outside(pool))


if __name__ == "__main__":
    Program(__doc__).run(tell)
