"""Sees whether threads, or processes, compute at the same time.

They do if two of them have been seen computing at one moment: two short pieces of work that overlap
for longer than both together were without a processor. Processor time divided by wall time shows
nothing of the kind, for a busy machine makes it anything.

A busy machine may let no two pieces overlap, either. So other threads are looked at by turns with
the work. They compute digests, for which the interpreter gives its lock away. Where those were seen
and the work was not, the work can't compute at the same time. In the names here they are the control.
"""

from hashlib import sha256
from threading import Thread
from time import monotonic, monotonic_ns, thread_time_ns
from typing import NamedTuple

from chapter7 import cores

THREADS = 8
MANY = 20
TURN = 0.05
PATIENCE = 2
SHORTEST_NS = 20_000


class Window(NamedTuple):
    """When a piece of work was done, and for how long its thread had a processor, in ns."""

    start: int
    end: int
    processor: int

    def waited(self):
        return max(self.end - self.start - self.processor, 0)

    def is_beside(self, other):
        overlap = min(self.end, other.end) - max(self.start, other.start)
        both_computed = overlap - self.waited() - other.waited()
        shorter = min(self.end - self.start, other.end - other.start)
        return shorter >= SHORTEST_NS and both_computed > shorter / 2


def timed(work, *arguments):
    """What `work` returns, and the window of it. Also for other processes."""
    start, processor = monotonic_ns(), thread_time_ns()
    found = work(*arguments)
    processor = thread_time_ns() - processor
    return found, Window(start, monotonic_ns(), processor)


class Watch:
    """Watches the work during one turn."""

    def __init__(self):
        self.has_seen = False
        self._end = monotonic() + TURN
        self._windows = []

    def is_over(self):
        return self.has_seen or monotonic() >= self._end

    def note(self, window):
        recent = self._windows[-THREADS:]
        self.has_seen = self.has_seen or any(map(window.is_beside, recent))
        self._windows.append(window)


def in_threads(piece, *arguments):
    """Work for `look`: threads that do `piece`, of half a millisecond or so, again and again."""

    def work(watch):
        def do_pieces():
            while not watch.is_over():
                _, window = timed(piece, *arguments)
                watch.note(window)

        threads = [Thread(target=do_pieces) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return work


def look(work):
    """Lets `work` have its turns until it has been seen computing at the same time. Returns whether
    it was, and how often the control was while the work was not."""
    control = in_threads(sha256, bytes(1_000_000))
    control_seen = 0
    give_up = monotonic() + PATIENCE
    while control_seen < MANY and cores() > 1:
        if monotonic() > give_up and control_seen < MANY / 4:
            break
        if _has_seen(work):
            return True, control_seen
        control_seen += _has_seen(control)
    return False, control_seen


def _has_seen(work):
    watch = Watch()
    work(watch)
    return watch.has_seen


def tell(step, work):
    """Reports what a look at `work` has found."""
    seen, control_seen = look(work)
    step.fact(seen_computing_at_once=2 if seen else 1)
    step.proof(control_seen=control_seen, cores=cores())
