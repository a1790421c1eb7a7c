#!/usr/bin/env python3
"""Item 58: Understand How Using Queue for Concurrency Requires Refactoring

A fixed set of workers takes the cells from a queue, so no generation starts threads. The price is
in the code: what was a loop becomes messages between threads, and every stage that waits needs a
queue and workers of its own.
"""

import sys
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from threading import Thread

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import life
from chapter7 import Program, Stopwatch

WORKERS = 5
MANY_WORKERS = 45


def work(decide, inbox, outbox):
    """The life of a worker. An error must travel like a result: nobody else would bring one."""
    for grid, cell, known in iter(inbox.get, None):
        if not isinstance(known, OSError):
            try:
                known = decide(grid, cell, known)
            except OSError as error:
                known = error
        outbox.put((grid, cell, known))


@contextmanager
def workers(count, decide, inbox, outbox, stage="worker"):
    """Threads that work for the time of the block."""
    threads = [
        Thread(target=work, args=(decide, inbox, outbox), name=f"{stage} {n}")
        for n in range(count)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for _ in threads:
            inbox.put(None)
        for thread in threads:
            thread.join()


def fan_out(grid, jobs):
    for cell in grid.cells():
        jobs.put((grid, cell, None))


def fan_in(grid, results):
    """As many results as there are cells; they come in any order."""
    decided = (results.get() for _ in grid.cells())
    return {cell: state for _, cell, state in decided}


def next_grid(grid, jobs, results):
    fan_out(grid, jobs)
    states = fan_in(grid, results)
    for state in states.values():
        if isinstance(state, OSError):
            raise state
    return grid.followed_by(states[cell] for cell in grid.cells())


@contextmanager
def one_stage(count, call):
    jobs, results = Queue(), Queue()

    def decide(grid, cell, _):
        call(cell)
        return grid.lives_on(cell)

    with workers(count, decide, jobs, results):
        yield jobs, results


@contextmanager
def two_stages(count, call):
    """Counting the neighbours waits, too: another queue, another message, more workers."""
    jobs, counted, results = Queue(), Queue(), Queue()

    def count_neighbours(grid, cell, _):
        call(cell)
        return grid.live_neighbours(cell)

    def decide(grid, cell, neighbours):
        call(cell)
        return grid.lives_with(cell, neighbours)

    counters = workers(count, count_neighbours, jobs, counted, "count")
    deciders = workers(count, decide, counted, results, "decide")
    with counters, deciders:
        yield jobs, results


@contextmanager
def one_stage_of_two_calls(count, call):
    """A stage can do without a second one: who may wait once may wait twice."""

    def call_twice(cell):
        call(cell)
        call(cell)

    with one_stage(count, call_twice) as queues:
        yield queues


def play(jobs, results):
    return life.generations(life.GLIDER, lambda grid: next_grid(grid, jobs, results))


def tell(story):
    with story.step("queue", "five workers for all cells of all generations") as step:
        calls = life.Calls()
        with one_stage(WORKERS, calls) as queues, Stopwatch() as took:
            grids = play(*queues)
        step.spans += calls.spans
        step.setting(workers=WORKERS, latency_s=life.LATENCY)
        step.fact(threads_started=len(calls.threads))
        step.fact(generation_s=took.s / life.GENERATIONS)
        life.prove(step, grids)

    for name, says, stages, workers_of_a_stage in (
        ("phased", "two calls for each cell, in two stages", two_stages, WORKERS),
        ("merged", "the same in one stage", one_stage_of_two_calls, 2 * WORKERS),
    ):
        with story.step(name, says) as step:
            calls = life.Calls()
            with stages(workers_of_a_stage, calls) as queues, Stopwatch() as took:
                grids = play(*queues)
            step.spans += calls.spans
            step.setting(workers=2 * WORKERS)
            step.fact(calls=len(calls.spans))
            step.fact(generation_s=took.s / life.GENERATIONS)
            life.prove(step, grids)

    with story.step("failure", "a call is refused; its error is a result") as step:
        with one_stage(WORKERS, life.Calls(refused=(2, 3))) as (jobs, results):
            fan_out(life.GLIDER, jobs)
            states = fan_in(life.GLIDER, results)
            again = next_grid(life.GLIDER, jobs, results)
        [error] = [state for state in states.values() if isinstance(state, OSError)]
        step.fact(results=len(states), error=str(error))
        life.prove(step, [life.GLIDER, again])

    with story.step("large", "1000 cells, 45 workers") as step:
        start = life.soup(25, 40)
        with one_stage(MANY_WORKERS, life.Calls()) as queues:
            with Stopwatch() as small:
                play(*queues)
            with Stopwatch() as took:
                grid = next_grid(start, *queues)
        step.setting(workers=MANY_WORKERS)
        step.figure(small_generation_s=small.s / life.GENERATIONS)
        step.figure(generation_s=took.s)
        life.prove(step, [start, grid])


if __name__ == "__main__":
    Program(__doc__).run(tell)
