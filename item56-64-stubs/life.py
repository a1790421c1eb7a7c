"""The Game of Life that the Python programs of items 56 to 60 share.

To decide a cell takes a slow system call, as if the cells were players somewhere on the network.
The programs differ in how they make the calls of a generation: one after the other, in threads, in
coroutines. They import this module first, for it knows where `chapter7` is.
"""

import asyncio
import hashlib
import random
import sys
from collections import Counter
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from threading import current_thread
from time import perf_counter
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "common/python"))
from chapter7 import Span, slow_system_call

GENERATIONS = 4
LATENCY = 0.002


class Grid(NamedTuple):
    """Live cells (row, column) on a torus: beyond the last row comes the first again."""

    rows: int
    columns: int
    alive: frozenset

    def cells(self):
        """All places, row by row."""
        return list(product(range(self.rows), range(self.columns)))

    def neighbours(self, cell):
        row, column = cell
        return [
            ((row + down) % self.rows, (column + right) % self.columns)
            for down, right in product((-1, 0, 1), repeat=2)
            if down or right
        ]

    def live_neighbours(self, cell):
        return sum(neighbour in self.alive for neighbour in self.neighbours(cell))

    def lives_with(self, cell, count):
        """Life begins or goes on with three live neighbours, and goes on with two."""
        return count == 3 or (count == 2 and cell in self.alive)

    def lives_on(self, cell):
        return self.lives_with(cell, self.live_neighbours(cell))

    def followed_by(self, states):
        """The grid with these states, in the order of `cells()`."""
        alive = (cell for cell, lives in zip(self.cells(), states) if lives)
        return self._replace(alive=frozenset(alive))

    def __str__(self):
        return "\n".join(
            "".join("O" if (row, n) in self.alive else "." for n in range(self.columns))
            for row in range(self.rows)
        )


GLIDER = Grid(5, 9, frozenset([(0, 3), (1, 4), (2, 2), (2, 3), (2, 4)]))


def soup(rows, columns):
    """A grid on which every third cell lives, the same one each time."""
    dice = random.Random(56)
    empty = Grid(rows, columns, frozenset())
    return empty.followed_by(dice.random() < 1 / 3 for _ in empty.cells())


def generations(start, step, count=GENERATIONS):
    """`start` and what comes after it, each made by `step` from the one before."""
    grids = [start]
    for _ in range(count):
        grids.append(step(grids[-1]))
    return grids


def reference(grid):
    """A step without calls, the other way round: each live cell counts for its neighbours."""
    counts = Counter(place for cell in grid.alive for place in grid.neighbours(cell))
    alive = {cell for cell, count in counts.items() if count == 3}
    alive |= {cell for cell in grid.alive if counts[cell] == 2}
    return grid._replace(alive=frozenset(alive))


def digest(grids):
    """A short text that differs if one cell does."""
    return hashlib.sha256("\n\n".join(map(str, grids)).encode()).hexdigest()[:16]


def prove(step, grids, count=None):
    """Reports the digest of `grids` beside that of what they must be: the first one, and `count` after
    it, by default as many as there are."""
    expected = generations(grids[0], reference, count or len(grids) - 1)
    step.proof(digest=digest(grids), reference=digest(expected))


class Calls:
    """The slow system calls of a run: `call(cell)` blocks, `await call.soon(cell)` does not.

    The first call of the cell `refused` fails. `open` are the cells whose calls are open now,
    `spans` tells who made a call and when, `threads` in which threads. All empty if not `noted`."""

    def __init__(self, latency=LATENCY, refused=None, noted=True):
        self.latency = latency
        self.refused = refused
        self.noted = noted
        self.open = set()
        self.spans = []
        self.threads = set()

    def __call__(self, cell):
        with self._noting(cell):
            slow_system_call(self.latency)

    async def soon(self, cell):
        with self._noting(cell, asyncio.current_task()):
            await asyncio.sleep(self.latency)

    @contextmanager
    def _noting(self, cell, task=None):
        if cell == self.refused:
            self.refused = None
            row, column = cell
            complaint = f"the call of cell {row},{column} failed: connection refused"
            raise OSError(complaint)
        if not self.noted:
            yield
            return
        lane = task.get_name() if task else current_thread().name
        self.threads.add(current_thread().name)
        start = perf_counter()
        self.open.add(cell)
        try:
            yield
        finally:
            self.open.remove(cell)
            self.spans.append(Span(lane, "call", start, perf_counter()))


def memory():
    """Of this process: bytes reserved, bytes in use, threads. None where the system doesn't tell."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return None
    status = dict(line.split(":", 1) for line in lines)
    return Memory(
        reserved=int(status["VmSize"].split()[0]) * 1024,
        resident=int(status["VmRSS"].split()[0]) * 1024,
        threads=int(status["Threads"]),
    )


class Memory(NamedTuple):
    reserved: int
    resident: int
    threads: int


def tell_cost_of_each(step, before, during, count):
    """Reports how much more memory there was during something that there were `count` of."""
    threads = reserved = resident = "known on Linux only"
    if before and during:
        threads = during.threads
        reserved = (during.reserved - before.reserved) // count
        resident = (during.resident - before.resident) // count
    step.fact(threads_of_process=threads)
    step.fact(reserved_bytes_each=reserved, resident_bytes_each=resident)
