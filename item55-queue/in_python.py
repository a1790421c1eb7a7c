#!/usr/bin/env python3
"""Item 55: Use Queue to Coordinate Work Between Threads

Workers in a row, each in a thread, and queues between them: a pipeline. Queue does what it takes:
it wakes whoever waits for an item, holds up whoever brings too many, and tells when all is done.
"""

import sys
from collections import deque
from itertools import count
from math import ceil
from pathlib import Path
from queue import Queue
from statistics import mean
from threading import Event, Lock, Thread
from time import perf_counter, sleep, thread_time
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "common/python"))
from chapter7 import Program, Stopwatch, slow_system_call, uncaught_errors

ITEMS = 1000
STAGES = {"download": 3, "resize": 4, "upload": 5}
LATENCY = 0.001
SLOW = 0.03


class PollQueue:
    """First in, first out. Whoever finds it empty can only ask again."""

    def __init__(self):
        self._waiting = deque()
        self._one_at_a_time = Lock()

    def put(self, item):
        with self._one_at_a_time:
            self._waiting.append(item)

    def take(self):
        with self._one_at_a_time:
            return self._waiting.popleft()

    def __len__(self):
        return len(self._waiting)


def poll(inbox, outbox, no_more, polls):
    """Moves items until there are no more. (The notes' workers go on for ever.)"""
    while True:
        next(polls)
        try:
            outbox.put(inbox.take())
        except IndexError:
            if no_more.is_set():
                return
            sleep(0.01)  # always too long, or too short


def polling_pipeline():
    queues = [PollQueue() for _ in range(4)]
    no_more, polls = Event(), count()
    workers = [
        Thread(target=poll, args=(queues[n], queues[n + 1], no_more, polls))
        for n in range(3)
    ]
    for worker in workers:
        worker.start()
    for item in range(ITEMS):
        queues[0].put(item)
    while len(queues[3]) < ITEMS:
        pass
    no_more.set()
    for worker in workers:
        worker.join()
    return len(queues[3]), next(polls)


def wake_a_consumer():
    """Whoever waits in `get` sleeps until there is an item."""
    queue, order, took = Queue(), [], {}

    def consume():
        start, processor = perf_counter(), thread_time()
        order.append("consumer ready")
        queue.get()
        order.append("consumer done")
        took.update(
            waited_s=perf_counter() - start, processor_s=thread_time() - processor
        )

    consumer = Thread(target=consume)
    consumer.start()
    slow_system_call(SLOW)
    order.append("producer put")
    queue.put("an item")
    order.append("producer done")
    consumer.join()
    return order, took


def hold_up_a_producer():
    """A queue with one place: the second `put` waits for the first `get`."""
    queue, order = Queue(maxsize=1), []

    def consume():
        slow_system_call(SLOW)
        for n in (1, 2):
            order.append(f"get {n} begins")
            queue.get()
            order.append(f"get {n} done")
        order.append("consumer done")

    consumer = Thread(target=consume)
    consumer.start()
    for n in (1, 2):
        start = perf_counter()
        queue.put(f"item {n}")
        waited = perf_counter() - start
        order.append(f"put {n} done")
    order.append("producer done")
    consumer.join()
    return order, waited


class ClosableQueue(Queue):
    """A queue that can say: no more."""

    _NO_MORE = object()

    def close(self, workers):
        """Ends the loops of so many workers over `tasks()`."""
        for _ in range(workers):
            self.put(self._NO_MORE)

    def tasks(self):
        """Each item counts as done when the loop asks for the next one, or has been left by an
        exception: Python closes the generator then. An item that is never done would let `join`
        wait for ever."""
        for item in iter(self.get, self._NO_MORE):
            try:
                yield item
            finally:
                self.task_done()


def do(work, inbox, outbox):
    for item in inbox.tasks():
        outbox.put(work(item))


def do_and_tell(failures):
    """The same, with a place for the items that fail."""

    def do_or_tell(work, inbox, outbox):
        for item in inbox.tasks():
            try:
                outbox.put(work(item))
            except Exception as error:  # noqa: BLE001 - whatever it is, it fails one item
                failures.append((item, error))

    return do_or_tell


class Pipeline:
    def __init__(self, works, do=do):
        """Starts the workers of each stage; `works` maps its name to what they do."""
        self.queues, self.crews = [ClosableQueue()], []
        for stage, work in works.items():
            inbox, outbox = self.queues[-1], ClosableQueue()
            crew = [
                Thread(target=do, args=(work, inbox, outbox), name=f"{stage} {n}")
                for n in range(STAGES[stage])
            ]
            for worker in crew:
                worker.start()
            self.queues.append(outbox)
            self.crews.append(crew)

    @property
    def done(self):
        return self.queues[-1]

    def put(self, item):
        self.queues[0].put(item)

    def close(self):
        """Ends it stage by stage: no item comes any more when those of the stage before are done.

        The notes close a queue first and join it then. That waits for ever once a worker has died,
        for nobody takes the end that was meant for it."""
        for queue, crew in zip(self.queues, self.crews):
            queue.join()
            queue.close(len(crew))
            for worker in crew:
                worker.join()


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
    work = (lambda item: slow_system_call(LATENCY), queue, Queue())
    consumer = Thread(target=do, args=work)
    consumer.start()
    for item in range(100):
        queue.put(item)
        longest = max(longest, queue.qsize())
    queue.close(1)
    consumer.join()
    return longest


def join_with_a_casualty():
    """Ten items, three workers, and one of the items ends its worker."""
    queue, outbox = ClosableQueue(), Queue()
    work = stamp("join", LATENCY, bad_item=4)
    workers = [Thread(target=do, args=(work, queue, outbox)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for number in range(10):
        queue.put(Parcel(number))
    queue.join()
    completed = outbox.qsize()
    queue.close(len(workers))
    for worker in workers:
        worker.join()
    return completed


def bound(spans):
    """A stage isn't done before its busiest worker is; this is what the slowest one takes."""

    def turns_s(stage, workers):
        calls = [span.end - span.start for span in spans if span.label == stage]
        return mean(calls) * ceil(ITEMS / workers)

    return max(turns_s(stage, workers) for stage, workers in STAGES.items())


def tell(story):
    with story.step("polling", "workers who find nothing ask again") as step:
        with Stopwatch() as took:
            processed, polls = polling_pipeline()
        step.fact(processed=processed, polls=polls, wasted=polls - 3 * ITEMS)
        step.figure(elapsed_s=took.s)

    with story.step("blocking", "a queue that wakes its consumer") as step:
        order, took = wake_a_consumer()
        step.fact(order=order, **took)

    with story.step("bounded", "a queue that holds up its producer") as step:
        order, waited = hold_up_a_producer()
        step.fact(order=order)
        step.figure(second_put_waited_s=waited)

    with story.step("memory", "the longest that a queue gets") as step:
        step.fact(unbounded_peak=longest_queue(0))
        step.fact(bounded_peak=longest_queue(10), capacity=10)

    says = "ten items are put, and one of them ends its worker"
    with story.step("join", says) as step, uncaught_errors() as errors:
        step.fact(completed=join_with_a_casualty(), panicked=len(errors))

    with story.step("pipeline", "3 download, 4 resize, 5 upload") as step:
        tell_pipeline(step)

    with story.step("loop_after_joins", "the notes' last loop") as step:
        done = send(Pipeline({stage: stamp(stage) for stage in STAGES}))
        rounds = 0
        while done.qsize() < ITEMS:
            rounds += 1
        step.fact(rounds=rounds)
        step.say("All was done when the joins returned: nothing is left to wait for.")

    with story.step("loop_before_joins", "the same loop while they work") as step:
        seen = watch_them_work(ITEMS // 4)
        step.fact(rounds=len(seen) - 1)
        step.proof(seen=seen)

    bad = ITEMS // 2
    resize = {"resize": stamp("resize", bad_item=bad)}
    works = {stage: stamp(stage) for stage in STAGES}
    with story.step("stage_error", "an item fails, and its worker tells") as step:
        failures = []
        done = send(Pipeline({**works, **resize}, do_and_tell(failures)))
        step.fact(processed=done.qsize())
        step.fact(failed_items=[parcel.number for parcel, _ in failures])
        step.fact(reason=str(failures[0][1]))

    with story.step("stage_panic", "an item fails, and ends its worker") as step:
        with uncaught_errors() as errors:
            done = send(Pipeline({**works, **resize}))
        step.fact(processed=done.qsize(), failed_items=[])
        step.fact(reason=f"a traceback on stderr, {errors[0]}")


def tell_pipeline(step):
    works = {stage: step.watched(stage, stamp(stage, LATENCY)) for stage in STAGES}
    with Stopwatch() as took:
        done = send(Pipeline(works))
    parcels = [done.get() for _ in range(done.qsize())]
    with Stopwatch() as took_without_work:
        send(Pipeline({stage: stamp(stage) for stage in STAGES}))
    stamped = [parcel for parcel in parcels if parcel.stamps == tuple(STAGES)]
    step.fact(processed=len(parcels))
    step.proof(distinct=len({parcel.number for parcel in parcels}))
    step.proof(once_per_stage=len(stamped))
    step.fact(bound_s=bound(step.spans), elapsed_s=took.s)
    step.figure(without_work_s=took_without_work.s)


def watch_them_work(items):
    pipeline = Pipeline({stage: stamp(stage, LATENCY) for stage in STAGES})
    for number in range(items):
        pipeline.put(Parcel(number))
    seen = []
    while pipeline.done.qsize() < items:
        seen.append(pipeline.done.qsize())
        slow_system_call(LATENCY)  # or other work
    seen.append(pipeline.done.qsize())
    pipeline.close()
    return seen


if __name__ == "__main__":
    Program(__doc__).run(tell)
