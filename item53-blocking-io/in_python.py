#!/usr/bin/env python3
"""Item 53: Use Threads for Blocking I/O, Avoid for Parallelism

While a thread waits for the operating system, the others go on: threads are for waiting. Threads
are not for computing, because the interpreter's lock (the GIL) lets one of them compute at a time.
"""

import math
import select
import socket
import sys
from pathlib import Path
from threading import Thread

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "common/python"))
import computing_at_once
from chapter7 import Program, Stopwatch, by_turns, slow_system_call, start_and_join

NUMBERS = [2139079, 1214759, 1516637, 1852285]
CALLS = 5
LATENCY = 0.1
ROUNDS = 3


def all_of(number):
    return range(1, number + 1)


def up_to_root(number):
    return range(1, math.isqrt(number) + 1)


def divisors(number, candidates):
    for candidate in candidates:
        if number % candidate == 0:
            yield candidate


def factors(number):
    return list(divisors(number, all_of(number)))


def factors_in_pairs(number):
    """Of two factors that make the number, one is no larger than its square root."""
    small = list(divisors(number, up_to_root(number)))
    return sorted({*small, *(number // factor for factor in small)})


def in_one_thread():
    return [factors(number) for number in NUMBERS]


def in_threads():
    found = {}

    def find(number):
        found[number] = factors(number)

    threads = [Thread(target=find, args=(number,)) for number in NUMBERS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [found[number] for number in NUMBERS]


def up_to_roots():
    return [factors_in_pairs(number) for number in NUMBERS]


def hasty_system_call(latency):
    """The notes' own, meant to wait for a socket to which nobody writes. But a stream socket that
    was never connected counts as hung up on Linux, and so as ready to be read."""
    with socket.socket() as unconnected:
        select.select([unconnected], [], [], latency)


def in_a_row(call):
    for _ in range(CALLS):
        call(LATENCY)


def at_once(call, compute):
    """Makes each call in a thread, and computes before it waits for them."""
    threads = [
        Thread(target=call, args=(LATENCY,), name=f"call {n}") for n in range(CALLS)
    ]
    for thread in threads:
        thread.start()
    for _ in range(CALLS):
        compute(50_000)
    for thread in threads:
        thread.join()


def tell(story):
    alone, threads, roots = by_turns(ROUNDS, in_one_thread, in_threads, up_to_roots)

    with story.step("one_thread", "the factors of four numbers, one by one") as step:
        step.proof(factors=as_texts(alone.found))
        step.fact(divisions=sum(len(all_of(number)) for number in NUMBERS))
        step.proof(sum_of_numbers=sum(NUMBERS))
        step.figure(elapsed_s=alone.s)

    with story.step("threads", "a thread for each number") as step:
        step.proof(factors=as_texts(threads.found))
        step.figure(elapsed_s=threads.s, speed_up_over_one_thread=alone.s / threads.s)
        computing_at_once.tell(step, computing_at_once.in_threads(factors, 10_000))

    with story.step("square_root", "one thread that stops at the square root") as step:
        step.proof(factors=as_texts(roots.found))
        step.fact(divisions=sum(len(up_to_root(number)) for number in NUMBERS))
        step.figure(elapsed_s=roots.s, speed_up_over_one_thread=alone.s / roots.s)

    tell_calls(story, hasty_system_call, "", "the notes' system calls")
    tell_calls(story, slow_system_call, "_mended", "calls that do wait")


def as_texts(found):
    return "\n".join(" ".join(map(str, factors)) for factors in found)


def tell_calls(story, call, ending, calls):
    with story.step(f"in_a_row{ending}", f"{calls}, one after the other") as step:
        with Stopwatch() as took:
            in_a_row(step.watched("wait", call))
        step.proof(sum_of_waits_s=CALLS * LATENCY)
        step.fact(elapsed_s=took.s)

    with story.step(f"at_once{ending}", f"{calls}, each in a thread") as step:
        with Stopwatch() as took:
            at_once(step.watched("wait", call), step.watched("compute", factors))
        waits = [span for span in step.spans if span.label == "wait"]
        first_end = min(span.end for span in waits)
        computed = [span for span in step.spans if span.label == "compute"]
        meanwhile = [span for span in computed if span.end <= first_end]
        computing = computed[-1].end - computed[0].start
        step.proof(calls=len(waits), computed=len(computed), computing_s=computing)
        step.proof(thread_start_s=start_and_join(3))
        step.fact(computations_meanwhile=len(meanwhile))
        step.figure(elapsed_s=took.s)


if __name__ == "__main__":
    Program(__doc__).run(tell)
