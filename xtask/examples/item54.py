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
    """Lets each thread call `count`; returns a span for each. They meet before they count."""
    spans = []
    everyone_is_here = threading.Barrier(THREADS)

    def work(thread):
        start = now_us()
        everyone_is_here.wait()
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
    return {"name": "race", "facts": facts, "spans": spans}


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


def deadlock():
    """Each thread holds a lock and asks for the other's. `acquire` alone would hang here."""
    left, right, meeting = threading.Lock(), threading.Lock(), threading.Barrier(2)
    facts = {}

    def work(fact, first, second):
        with first:
            meeting.wait()
            facts[fact] = not second.acquire(blocking=False)
            meeting.wait()

    b = threading.Thread(target=work, args=("b_finds_left_taken", right, left))
    b.start()
    work("a_finds_right_taken", left, right)
    b.join()
    return {"name": "deadlock", "facts": facts}


def one_order():
    """Every thread takes left before right."""
    left, right = threading.Lock(), threading.Lock()
    facts = {"left_count": 0, "right_count": 0}

    def work():
        for _ in range(1000):
            with left, right:
                facts["left_count"] += 1
                facts["right_count"] += 1

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"name": "one_order", "facts": facts}


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


steps = [race(), replay(), locked("lock"), locked("atomic")]
steps += [deadlock(), one_order(), locked("subtotals")]
print(json.dumps({"item": 54, "title": "Use Lock, in Python", "steps": steps}))
