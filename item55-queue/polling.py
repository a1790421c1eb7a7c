"""The notes' hand-made queue, and workers who ask it again and again."""

from collections import deque
from itertools import count
from threading import Event, Lock, Thread
from time import sleep


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


def polling_pipeline(items):
    """Sends items through three workers; returns how many came through, and how often was asked."""
    queues = [PollQueue() for _ in range(4)]
    no_more, polls = Event(), count()
    workers = [
        Thread(target=poll, args=(queues[n], queues[n + 1], no_more, polls))
        for n in range(3)
    ]
    for worker in workers:
        worker.start()
    for item in range(items):
        queues[0].put(item)
    while len(queues[3]) < items:
        pass
    no_more.set()
    for worker in workers:
        worker.join()
    return len(queues[3]), next(polls)
