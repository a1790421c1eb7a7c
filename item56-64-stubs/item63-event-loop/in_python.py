#!/usr/bin/env python3
"""Item 63: Avoid Blocking the asyncio Event Loop to Maximize Responsiveness

An event loop does one thing at a time, and relies on each to come back soon. A slow system call in
a coroutine holds up all others. In a thread it holds up nobody, and can be awaited.
"""

import asyncio
import sys
from operator import sub
from pathlib import Path
from tempfile import TemporaryFile
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "common/python"))
from chapter7 import Clock, Program, Span, Stopwatch, slow_system_call

BEAT = 0.05
WRITE = 0.5
BEATS_AROUND = 3


def slow_write(file):
    """As on a slow disk: the system makes the caller wait."""
    slow_system_call(WRITE)
    file.write("a line of the log\n")


async def write_directly(file):
    """Looks harmless, and nothing warns: only `asyncio.run(..., debug=True)` would tell."""
    slow_write(file)


async def write_in_thread(file):
    """Since Python 3.9: `await asyncio.to_thread(slow_write, file)`."""
    await asyncio.get_running_loop().run_in_executor(None, slow_write, file)


async def beat(beats):
    while True:
        beats.append(perf_counter())
        await asyncio.sleep(BEAT)


async def beside_heart(write, file):
    """Writes between two beats. Returns all beats, how many came meanwhile, and how long it took."""
    beats = []
    heart = asyncio.ensure_future(beat(beats))
    await asyncio.sleep(BEATS_AROUND * BEAT)
    before = len(beats)
    with Stopwatch() as took:
        await write(file)
    meanwhile = len(beats) - before
    await asyncio.sleep(BEATS_AROUND * BEAT)
    heart.cancel()
    return beats, meanwhile, took.s


def tell(story):
    for name, says, write in (
        ("direct", "the write stops the loop", write_directly),
        ("thread", "the write has a thread, and the loop goes on", write_in_thread),
    ):
        with story.step(name, says) as step, TemporaryFile("w+") as file:
            with Clock(BEAT) as clock:
                beats, meanwhile, write_s = asyncio.run(beside_heart(write, file))
            step.spans += [Span("heart", "beat", moment, moment) for moment in beats]
            gaps = map(sub, beats[1:], beats)
            file.seek(0)
            step.fact(write_s=write_s, beats_during_write=meanwhile)
            step.fact(longest_gap_s=max(gaps))
            step.figure(first_to_last_beat_s=beats[-1] - beats[0])
            step.proof(file_holds=file.read().rstrip())
            if write == write_in_thread:
                step.proof(stood_still_s=clock.stood_still_s)


if __name__ == "__main__":
    Program(__doc__).run(tell)
