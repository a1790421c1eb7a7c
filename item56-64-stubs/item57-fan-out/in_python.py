#!/usr/bin/env python3
"""Item 57: Avoid Creating New Thread Instances for On-demand Fan-out

A thread for each cell makes all calls of a generation at once. But threads take time to start and
memory to run, each generation needs new ones, and an exception of theirs reaches nobody.
"""

import sys
from pathlib import Path
from threading import Event, Semaphore, Thread, current_thread
from threading import enumerate as enumerate_threads

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import life
from chapter7 import Program, Stopwatch, overlap, start_and_join, uncaught_errors


def fan_out(grid, call, states):
    def decide(cell):
        call(cell)
        states[cell] = grid.lives_on(cell)

    threads = [Thread(target=decide, args=(cell,)) for cell in grid.cells()]
    for thread in threads:
        thread.start()
    return threads


def fan_in(threads):
    for thread in threads:
        thread.join()


def next_grid(grid, call):
    states = {}
    fan_in(fan_out(grid, call, states))
    return grid.followed_by(states[cell] for cell in grid.cells())


def keep_alive(grid, call):
    """No thread ends before all have made their calls. Returns how many there were then, the memory
    in use, and the system's words if it has refused one."""
    have_called = Semaphore(0)
    gates = [Event() for _ in range(grid.rows)]
    refused = False

    def call_and_stay(cell):
        call(cell)
        have_called.release()
        row, _ = cell
        gates[row].wait()

    try:
        try:
            fan_out(grid, call_and_stay, {})
        except RuntimeError as error:
            refused = str(error)
        threads = [
            thread for thread in enumerate_threads() if thread != current_thread()
        ]
        for _ in threads:
            have_called.acquire()
        memory = life.memory()
        # Row by row: ten thousand threads that end at once are in each other's way.
        for row, gate in enumerate(gates):
            gate.set()
            fan_in(threads[row * grid.columns :][: grid.columns])
    finally:
        for gate in gates:
            gate.set()
    return len(threads), memory, refused


def tell(story):
    with story.step("threads", "a new thread for each cell of each generation") as step:
        calls = life.Calls()
        with Stopwatch() as took:
            grids = life.generations(life.GLIDER, lambda grid: next_grid(grid, calls))
        step.spans += calls.spans
        step.setting(latency_s=life.LATENCY)
        step.fact(threads_started=len(calls.threads))
        step.figure(generation_s=took.s / life.GENERATIONS)
        step.figure(calls_at_once=overlap(calls.spans))
        life.prove(step, grids)

    with story.step("one", "a thread that does nothing") as step:
        step.fact(start_and_join_s=start_and_join(200))

    start = life.soup(25, 40)
    with story.step("large", "1000 threads for 1000 cells") as step:
        grids = [start]
        try:
            with Stopwatch() as took:
                grids.append(next_grid(start, life.Calls()))
            step.fact(refused=False)
            step.figure(generation_s=took.s)
        except RuntimeError as refused:
            step.fact(refused=str(refused))
        life.prove(step, grids, count=1)

    with story.step("large_at_once", "all of them alive at the same time") as step:
        before = life.memory()
        with Stopwatch() as took:
            started, during, refused = keep_alive(start, life.Calls())
        step.setting(threads_wanted=len(start.cells()))
        step.fact(threads_started=started, refused=refused)
        step.figure(elapsed_s=took.s)
        life.tell_cost_of_each(step, before, during, started)

    with story.step("failure", "a call is refused, and nobody hears of it") as step:
        states, calls = {}, life.Calls(refused=(2, 3))
        with uncaught_errors() as errors:
            threads = fan_out(life.GLIDER, calls, states)
            joined = [thread.join() for thread in threads]
        step.fact(threads_joined=len(joined), cells_decided=len(states))
        step.fact(calls_open_after=len(calls.open))
        # Nothing comes out of a thread. What it has raised goes to stderr, as a traceback.
        [outcome] = set(joined)
        step.fact(error=str(outcome))
        step.figure(on_stderr=str(errors[0]))


if __name__ == "__main__":
    Program(__doc__).run(tell)
