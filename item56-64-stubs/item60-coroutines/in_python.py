#!/usr/bin/env python3
"""Item 60: Achieve Highly Concurrent I/O with Coroutines

A coroutine that waits gives its thread to the others, and needs no stack meanwhile. So there can be
one for each cell, of this grid and of far larger ones.
"""

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import life
from chapter7 import Program, Stopwatch, overlap

LONG_LATENCY = 0.5
MINUTE = 60


async def next_grid(grid, calls):
    async def decide(cell):
        await calls.soon(cell)
        return grid.lives_on(cell)

    return grid.followed_by(await asyncio.gather(*map(decide, grid.cells())))


async def next_grid_in_turn(grid, calls):
    """To await alone makes nothing concurrent."""
    states = []
    for cell in grid.cells():
        await calls.soon(cell)
        states.append(grid.lives_on(cell))
    return grid.followed_by(states)


async def play(calls):
    grids = [life.GLIDER]
    for _ in range(life.GENERATIONS):
        grids.append(await next_grid(grids[-1], calls))
    return grids


async def next_grid_all_alive(grid, calls):
    """No task ends before all have made their calls. Returns how many did, how many tasks were
    alive then, and the memory in use, too."""
    cells = grid.cells()
    called, all_have_called = 0, asyncio.Event()
    then = {}

    async def decide(cell):
        nonlocal called
        await calls.soon(cell)
        called += 1  # needs no lock: tasks take turns at `await` alone
        if called == len(cells):
            tasks = len(asyncio.all_tasks()) - 1
            then.update(calls=called, tasks=tasks, memory=life.memory())
            all_have_called.set()
        await all_have_called.wait()
        return grid.lives_on(cell)

    states = await asyncio.gather(*map(decide, cells))
    return grid.followed_by(states), then


async def fail_and_cancel(calls):
    """One call is refused while the others wait. Returns the error, how many calls were open then,
    and how many tasks could be cancelled."""
    tasks = [asyncio.ensure_future(calls.soon(cell)) for cell in life.GLIDER.cells()]
    done, waiting = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    calls_open = len(calls.open)
    for task in waiting:
        task.cancel()
    # Cancelling is a wish. It has come true when the task has ended.
    await asyncio.wait(waiting)
    cancelled = sum(task.cancelled() for task in waiting)
    return done.pop().exception(), calls_open, cancelled


async def answers_after_dropping(cells, calls):
    """Forgets the tasks in the middle of their calls. Returns how many calls had begun, and how many tasks
    answered after that."""
    answers = 0

    async def call_and_answer(cell):
        nonlocal answers
        await calls.soon(cell)
        answers += 1

    tasks = [asyncio.ensure_future(call_and_answer(cell)) for cell in cells]
    await asyncio.sleep(0)
    begun = len(calls.open)
    # What is dropped here is a list. The event loop knows the tasks, since each waits for a timer of its.
    # (A task that waits for nothing that the loop knows may be collected in the middle: keep yours.)
    del tasks
    await asyncio.wait(asyncio.all_tasks() - {asyncio.current_task()})
    return begun, answers


def tell(story):
    before = life.memory()

    with story.step("in_turn", "each call is awaited before the next") as step:
        calls = life.Calls()
        with Stopwatch() as took:
            grid = asyncio.run(next_grid_in_turn(life.GLIDER, calls))
        step.spans += calls.spans
        step.setting(latency_s=life.LATENCY)
        step.fact(generation_s=took.s)
        life.prove(step, [life.GLIDER, grid])

    with story.step("tasks", "a task for each cell of each generation") as step:
        calls = life.Calls()
        with Stopwatch() as took:
            grids = asyncio.run(play(calls))
        step.spans += calls.spans
        step.fact(threads=len(calls.threads))
        step.figure(generation_s=took.s / life.GENERATIONS)
        step.figure(calls_at_once=overlap(calls.spans))
        life.prove(step, grids)

    with story.step("large", "a task for each of 1000 cells") as step:
        start, calls = life.soup(25, 40), life.Calls()
        with Stopwatch() as took:
            grid = asyncio.run(next_grid(start, calls))
        step.figure(generation_s=took.s, calls_at_once=overlap(calls.spans))
        life.prove(step, [start, grid])

    with story.step("huge_at_once", "100000 tasks, all alive at the same time") as step:
        start = life.soup(250, 400)
        calls = life.Calls(latency=LONG_LATENCY, noted=False)
        with Stopwatch() as took:
            grid, then = asyncio.run(next_grid_all_alive(start, calls))
        step.setting(latency_s=LONG_LATENCY)
        step.fact(tasks_alive=then["tasks"], generation_s=took.s)
        step.proof(calls_made=then["calls"])
        life.tell_cost_of_each(step, before, then["memory"], then["tasks"])
        life.prove(step, [start, grid])

    with story.step("failure", "a call is refused, the others wait a minute") as step:
        calls = life.Calls(latency=MINUTE, refused=(2, 3))
        with Stopwatch() as took:
            error, calls_open, cancelled = asyncio.run(fail_and_cancel(calls))
        step.fact(error=str(error), calls_open_then=calls_open)
        step.fact(tasks_cancelled=cancelled, calls_open_after=len(calls.open))
        step.setting(latency_s=MINUTE)
        step.fact(elapsed_s=took.s)

    # There is no set whose end is the end of its tasks: both ways to let them go are the same. (With
    # `asyncio.TaskGroup`, since 3.11, leaving the block waits for them.)
    for name, says in (
        ("handles_dropped", "45 tasks are in a call; the list of them is dropped"),
        ("set_dropped", "and so it is where Rust drops the set"),
    ):
        with story.step(name, says) as step:
            calls = life.Calls()
            cells = life.GLIDER.cells()
            begun, answers = asyncio.run(answers_after_dropping(cells, calls))
            step.setting(latency_s=life.LATENCY)
            step.fact(calls_begun=begun, answers_after=answers)


if __name__ == "__main__":
    Program(__doc__).run(tell)
