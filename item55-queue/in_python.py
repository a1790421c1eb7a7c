#!/usr/bin/env python3
"""Item 55: Use Queue to Coordinate Work Between Threads

Workers in a row, each in a thread, and queues between them: a pipeline. Queue does what it takes:
it wakes whoever waits for an item, holds up whoever brings too many, and tells when all is done.
"""

import sys
from contextlib import closing
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "common/python"))
from chapter7 import Program, Stopwatch, slow_system_call, uncaught_errors
from polling import polling_pipeline
from proofs import tell_failures, tell_parcels
from waiting import hold_up_a_producer, wake_a_consumer

ITEMS = 1000
STAGES = {"download": 3, "resize": 4, "upload": 5}
LATENCY = 0.001


def start(threads):
    threads = list(threads)
    for thread in threads:
        thread.start()
    return threads


def join(threads):
    for thread in threads:
        thread.join()


class ClosableQueue(Queue):
    """A queue that can say: no more."""

    _NO_MORE = object()

    def close(self, workers):
        """Ends the loops of so many workers over `tasks()`."""
        for _ in range(workers):
            self.put(self._NO_MORE)

    def tasks(self):
        """Each item counts as done when the loop asks for the next one, or when this generator is
        closed. An item that is never done would let `join` wait for ever."""
        for item in iter(self.get, self._NO_MORE):
            try:
                yield item
            finally:
                self.task_done()


def do(work, inbox, outbox):
    # An exception ends a loop, not its generator. CPython closes that as soon as nobody refers to it,
    # PyPy when it collects it, perhaps never.
    with closing(inbox.tasks()) as tasks:
        for item in tasks:
            outbox.put(work(item))


class Pipeline:
    def __init__(self, works, do=do):
        """Starts the workers of each stage; `works` maps its name to what they do."""
        self.queues, self.crews = [ClosableQueue()], []
        for stage, work in works.items():
            self.queues.append(ClosableQueue())
            job = (work, *self.queues[-2:])
            names = [f"{stage} {n}" for n in range(STAGES[stage])]
            crew = start(Thread(target=do, args=job, name=name) for name in names)
            self.crews.append(crew)
        self.done = self.queues[-1]

    def put(self, item):
        self.queues[0].put(item)

    def close(self):
        """Ends it stage by stage: no item comes any more when those of the stage before are done.

        The notes close a queue first and join it then. Their loop calls task_done() for the end, too;
        so theirs waits for ever only once a worker has died, and ours always would."""
        for queue, crew in zip(self.queues, self.crews):
            queue.join()
            queue.close(len(crew))
            join(crew)


class Parcel(NamedTuple):
    number: int
    stamps: tuple = ()


def stamp(stage, latency=0, bad_item=None):
    """What the workers of a stage do with a parcel."""

    def work(parcel):
        if latency:
            slow_system_call(latency)
        if parcel.number == bad_item:
            raise ValueError(f"{stage}: not a picture")
        return Parcel(parcel.number, (*parcel.stamps, stage))

    return work


def send(pipeline):
    for number in range(ITEMS):
        pipeline.put(Parcel(number))
    pipeline.close()
    return pipeline.done


def longest_queue(capacity):
    """A fast producer and a slow consumer: how long does the queue between them get?"""
    queue, longest = ClosableQueue(capacity), 0
    job = (lambda item: slow_system_call(LATENCY), queue, Queue())
    consumer = start([Thread(target=do, args=job)])
    for item in range(100):
        queue.put(item)
        longest = max(longest, queue.qsize())
    queue.close(1)
    join(consumer)
    return longest


def join_with_a_casualty():
    """Ten items, three workers, and one of the items ends its worker."""
    queue, outbox = ClosableQueue(), Queue()
    job = (stamp("join", LATENCY, bad_item=4), queue, outbox)
    workers = start(Thread(target=do, args=job) for _ in range(3))
    for number in range(10):
        queue.put(Parcel(number))
    queue.join()
    completed = outbox.qsize()
    queue.close(len(workers))
    join(workers)
    return completed


def last_loop(done, items):
    """The notes' last loop: other work while items are missing. What it sees, in each round and at
    the end."""
    seen = []
    while done.qsize() < items:
        seen.append(done.qsize())
        slow_system_call(LATENCY)  # or other work
    return [*seen, done.qsize()]


def watch_them_work(items):
    pipeline = Pipeline({stage: stamp(stage, LATENCY) for stage in STAGES})
    for number in range(items):
        pipeline.put(Parcel(number))
    seen = last_loop(pipeline.done, items)
    pipeline.close()
    return seen


def tell(story):
    with story.step("polling", "workers who find nothing ask again") as step:
        with Stopwatch() as took:
            processed, polls = polling_pipeline(ITEMS)
        step.fact(processed=processed, polls=polls, polls_in_vain=polls - 3 * ITEMS)
        step.figure(elapsed_s=took.s)

    with story.step("blocking", "a queue that wakes its consumer") as step:
        get = wake_a_consumer(order := [])
        step.fact(
            order=order,
            waited_s=get.waited_s,
            processor_while_waiting_s=get.processor_s,
        )

    with story.step("bounded", "a queue that holds up its producer") as step:
        put = hold_up_a_producer(order := [])
        step.fact(order=order)
        step.figure(second_put_waited_s=put.waited_s)

    with story.step("memory", "the longest that a queue gets") as step:
        step.fact(unbounded_peak=longest_queue(0))
        step.setting(capacity=10)
        step.fact(bounded_peak=longest_queue(10))

    says = "ten items are put, and one of them ends its worker"
    with story.step("join", says) as step, uncaught_errors() as errors:
        step.fact(completed=join_with_a_casualty(), workers_that_died=len(errors))

    works = {stage: stamp(stage) for stage in STAGES}
    with story.step("pipeline", "3 download, 4 resize, 5 upload") as step:
        slow = {stage: step.watched(stage, stamp(stage, LATENCY)) for stage in STAGES}
        with Stopwatch() as took:
            done = send(Pipeline(slow))
        with Stopwatch() as took_without_work:
            send(Pipeline(works))
        rounds = len(last_loop(done, ITEMS)) - 1
        parcels = [done.get() for _ in range(done.qsize())]
        tell_parcels(step, parcels, STAGES)
        step.fact(elapsed_s=took.s)
        step.figure(without_calls_s=took_without_work.s)

    with story.step("loop_after_joins", "the notes' last loop") as step:
        step.fact(rounds=rounds)
        step.say("All was done when the joins returned: nothing is left to wait for.")

    with story.step("loop_before_joins", "the same loop while they work") as step:
        seen = watch_them_work(ITEMS // 4)
        step.fact(rounds=len(seen) - 1)
        step.proof(seen=seen)

    bad = ITEMS // 2
    works["resize"] = stamp("resize", bad_item=bad)
    tell_failures(story, lambda do=do: send(Pipeline(works, do)))


if __name__ == "__main__":
    Program(__doc__).run(tell)
