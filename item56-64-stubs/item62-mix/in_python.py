#!/usr/bin/env python3
"""Item 62: Mix Threads and Coroutines to Ease the Transition to asyncio

Some log files are being written; whole lines of theirs are merged into one file. The program moves
from threads to coroutines in two steps, and works after each: first the merging moves, and the
followers stay in their threads; then they move, too.
"""

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Lock, Thread
from time import sleep

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "common/python"))
from chapter7 import Program, Stopwatch, start_and_join

WRITERS = 5
LINES = 10
PAUSE = 0.1
SEED = 62
POLL = 0.01


def pauses(writer):
    """Before each line, as long as in the Rust program: both compute the same random numbers."""
    state = SEED * 100 + writer
    for _ in range(LINES):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        yield PAUSE * (state >> 32) / 2**32


class Log:
    """A file that grows, and the news that it won't any more."""

    def __init__(self, path):
        self.path = path
        self.path.touch()
        self.ended = Event()

    def write(self, writer):
        """What the program does that writes it: each line comes in two halves."""
        with self.path.open("a", encoding="utf-8") as file:
            for number, pause in enumerate(pauses(writer)):
                for half in (f"writer {writer}, li", f"ne {number}\n"):
                    sleep(pause / 2)
                    file.write(half)
                    file.flush()
        self.ended.set()


class Lines:
    """Puts together what a reader finds. What comes after the last newline waits for more."""

    def __init__(self):
        self.rest = b""
        self.halves = 0

    def add(self, piece):
        """The lines that are whole by now."""
        lines, newline, self.rest = (self.rest + piece).rpartition(b"\n")
        self.halves += self.rest != b""
        return lines + newline


def follow(log, write):
    """Gives whole lines to `write` until the log has ended."""
    lines = Lines()
    with log.path.open("rb") as file:
        while True:
            # First ask, then look: else what comes in between is lost.
            has_ended = log.ended.is_set()
            if piece := file.read():
                write(lines.add(piece))
            elif has_ended:
                return lines.halves
            else:
                sleep(POLL)


async def follow_async(log, write):
    """The same with an `await` wherever it waits. Files can't be awaited, but threads can."""
    loop, lines = asyncio.get_running_loop(), Lines()
    with log.path.open("rb") as file:
        while True:
            has_ended = log.ended.is_set()
            if piece := await loop.run_in_executor(None, file.read):
                await write(lines.add(piece))
            elif has_ended:
                return lines.halves
            else:
                await asyncio.sleep(POLL)


def merge_in_threads(logs, merged):
    """A thread for each log, and a lock around the merged file."""
    one_at_a_time = Lock()

    def write(lines):
        with one_at_a_time:
            merged.write(lines)

    with ThreadPoolExecutor(len(logs)) as pool:
        return sum(pool.map(lambda log: follow(log, write), logs))


async def merge_half_way(logs, merged):
    """The followers block, in threads that can be awaited; they hand their lines to the loop. All
    writing happens there, so it needs no lock."""
    loop = asyncio.get_running_loop()

    async def write(lines):
        merged.write(lines)

    def hand_over(lines):
        asyncio.run_coroutine_threadsafe(write(lines), loop).result()

    # Each follower keeps a thread until its log has ended.
    loop.set_default_executor(ThreadPoolExecutor(len(logs)))
    followers = (loop.run_in_executor(None, follow, log, hand_over) for log in logs)
    return sum(await asyncio.gather(*followers))


async def merge_in_tasks(logs, merged):
    async def write(lines):
        merged.write(lines)

    return sum(await asyncio.gather(*(follow_async(log, write) for log in logs)))


def in_loop(merge):
    return lambda logs, merged: asyncio.run(merge(logs, merged))


VERSIONS = {
    "threads": ("a thread for each log, and a lock", merge_in_threads),
    "spawn_blocking": (
        "the followers stay in threads; a coroutine merges",
        in_loop(merge_half_way),
    ),
    "tasks": ("coroutines all the way", in_loop(merge_in_tasks)),
}


def tell(story):
    for name, (says, merge) in VERSIONS.items():
        with story.step(name, says) as step, TemporaryDirectory() as folder:
            logs = [Log(Path(folder) / f"{n}.log") for n in range(WRITERS)]
            into = Path(folder) / "merged.log"
            with Stopwatch() as took:
                halves = merge_while_written(logs, into, merge)
            texts = [log.path.read_bytes() for log in logs]
            compare(step, texts, into.read_bytes())
            step.fact(lines_met_half_written=halves)
            step.proof(thread_start_s=start_and_join(3))
            step.figure(elapsed_s=took.s)


def merge_while_written(logs, into, merge):
    writers = [Thread(target=log.write, args=(n,)) for n, log in enumerate(logs)]
    for writer in writers:
        writer.start()
    with into.open("wb") as merged:
        halves = merge(logs, merged)
    for writer in writers:
        writer.join()
    return halves


def compare(step, texts, merged):
    """Reports what became of the lines of `texts`; no line stands twice in them."""
    logs = [text.splitlines(keepends=True) for text in texts]
    found = merged.splitlines(keepends=True)
    written = set().union(*logs)
    late = 0
    for log in logs:
        in_order = [line for line in log if line in found]
        as_found = [line for line in found if line in log]
        late += sum(a != b for a, b in zip(in_order, as_found))
    step.fact(lines_written=len(written), lines_merged=len(found))
    step.proof(lines_missing=len(written.difference(found)), lines_out_of_order=late)
    step.proof(lines_repeated=len(found) - len(set(found)))
    step.fact(lines_torn=sum(line not in written for line in found))


if __name__ == "__main__":
    Program(__doc__).run(tell)
