#!/usr/bin/env python3
"""Item 54 by someone else: the smallest program that `cargo xtask verify 54 --program` can judge.

With `--json` it prints one object. A step holds facts, which are judged, figures, which are not, and
spans: who did what, from when to when, in whole microseconds since any moment you like.
"""

import json
import threading
import time

THREADS, HOW_MANY = 5, 100_000


def now_us():
    return time.monotonic_ns() // 1000


def run_threads(count):
    """Lets each thread call `count`; returns a span for each."""
    spans = []

    def work(thread):
        start = now_us()
        count()
        lane = f"thread {thread}"
        spans.append(
            {"lane": lane, "label": "count", "start_us": start, "end_us": now_us()}
        )

    threads = [threading.Thread(target=work, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return spans


def race():
    count = 0
    everyone_has_read = threading.Barrier(THREADS)

    def work():
        nonlocal count
        for n in range(HOW_MANY):
            seen = count
            if n == 0:
                everyone_has_read.wait()
            count = seen + 1

    spans = run_threads(work)
    expected = THREADS * HOW_MANY
    facts = {"expected": expected, "found": count, "lost": expected - count}
    return {
        "name": "race",
        "facts": {**facts, "lost_by_law": THREADS - 1},
        "spans": spans,
    }


def replay():
    """Two increments as two generators: the order is ours to choose."""
    count, order = 0, []

    def increment(who):
        nonlocal count
        seen = count
        order.append(f"{who} reads")
        yield
        count = seen + 1
        order.append(f"{who} writes")
        yield

    a, b = increment("A"), increment("B")
    for who in (a, b, b, a):
        next(who)
    return {"name": "replay", "facts": {"order": order, "found": count}}


def locked(name):
    """Python has neither `fetch_add` nor rayon: the lock stands in for both."""
    count, lock = 0, threading.Lock()

    def work():
        nonlocal count
        for _ in range(HOW_MANY):
            with lock:
                count += 1

    start = time.perf_counter()
    spans = run_threads(work)
    figures = {"elapsed_s": time.perf_counter() - start}
    return {"name": name, "facts": {"found": count}, "figures": figures, "spans": spans}


steps = [race(), replay(), locked("lock"), locked("atomic"), locked("subtotals")]
print(json.dumps({"item": 54, "title": "Use Lock, in Python", "steps": steps}))
