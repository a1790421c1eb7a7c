"""Sends parcels through queues when it is asked to, and says how many seconds that took.

A line of its input is: the shape, the bound of each queue (0: none), how many parcels, how many times.
"""

import sys
from pathlib import Path
from queue import Queue
from threading import Thread
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parents[4] / "item55-queue"))
from in_python import STAGES, Pipeline


def pipeline(bound, parcels):
    """Item 55's."""
    line = Pipeline({stage: lambda parcel: parcel for stage in STAGES})
    for parcel in range(parcels):
        line.put(parcel)
    line.close()
    return line.done.qsize()


def work(inbox, outbox):
    for parcel in iter(inbox.get, None):
        outbox.put(parcel)


def bare(bound, parcels):
    """The least that can be done: no tasks, no failures."""
    # Nobody takes from the last one before all is done.
    queues = [Queue(bound), Queue(bound), Queue(bound), Queue()]
    crews = []
    for workers, inbox, outbox in zip(STAGES.values(), queues, queues[1:]):
        crews.append(
            [Thread(target=work, args=(inbox, outbox)) for _ in range(workers)]
        )
        for worker in crews[-1]:
            worker.start()
    for parcel in range(parcels):
        queues[0].put(parcel)
    for queue, crew in zip(queues, crews):
        for _ in crew:
            queue.put(None)
        for worker in crew:
            worker.join()
    return queues[-1].qsize()


SHAPES = {"pipeline": pipeline, "bare": bare}

for line in sys.stdin:
    shape, *numbers = line.split()
    bound, parcels, times = map(int, numbers)
    start = perf_counter()
    for _ in range(times):
        assert SHAPES[shape](bound, parcels) == parcels, "parcels were lost"
    print(perf_counter() - start, flush=True)
