#!/usr/bin/env python3
"""Item 56: Know How to Recognize When Concurrency Is Necessary

A program that was fast gets slow when a step that computed begins to wait. The processor is idle
then, and no better algorithm helps. What helps is to begin all the waits of a generation at once
(fan-out) and to go on when the last of them is over (fan-in).
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import life
from chapter7 import Program, Stopwatch, overlap


def next_grid(grid, call):
    """One cell after the other, and each of them waits."""
    states = []
    for cell in grid.cells():
        call(cell)
        states.append(grid.lives_on(cell))
    return grid.followed_by(states)


def no_call(cell):
    """The rules alone take no time."""


def tell(story):
    with story.step("serial", "45 cells, one after the other") as step:
        calls = life.Calls()
        with Stopwatch() as took:
            grids = life.generations(life.GLIDER, lambda grid: next_grid(grid, calls))
        step.spans += calls.spans
        step.setting(latency_s=life.LATENCY)
        step.fact(generation_s=took.s / life.GENERATIONS)
        step.fact(calls_at_once=overlap(calls.spans))
        life.prove(step, grids)

    with story.step("cost", "where the time went: into waiting") as step:
        waiting = sum(span.end - span.start for span in calls.spans)
        step.fact(calls=len(calls.spans), elapsed_s=took.s, waiting_s=waiting)
        with Stopwatch() as alone:
            grids = life.generations(life.GLIDER, lambda grid: next_grid(grid, no_call))
        step.fact(computing_alone_s=alone.s)
        life.prove(step, grids)

    with story.step("failure", "a call is refused: an ordinary exception") as step:
        calls = life.Calls(refused=(2, 3))
        try:
            next_grid(life.GLIDER, calls)
        except OSError as error:
            step.fact(error=str(error), calls_before=len(calls.spans))


if __name__ == "__main__":
    Program(__doc__).run(tell)
