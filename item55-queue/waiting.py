"""Queues that make their users wait: the consumer for an item, the producer for room."""

from queue import Queue
from threading import Thread

from chapter7 import slow_system_call
from proofs import Noted

SLOW = 0.03


def wake_a_consumer(order):
    """Whoever waits in `get` sleeps until there is an item."""
    queue = Queue()
    get = Noted(order, "consumer ready", queue.get, "consumer done")
    put = Noted(order, "producer put", queue.put, "producer done")
    consumer = Thread(target=get)
    consumer.start()
    slow_system_call(SLOW)
    put("an item")
    consumer.join()
    return get


def hold_up_a_producer(order):
    """A queue with one place: the second `put` waits for the first `get`."""
    queue = Queue(maxsize=1)

    def consume():
        slow_system_call(SLOW)
        for n in (1, 2):
            Noted(order, f"get {n} begins", queue.get, f"get {n} done")()
        order.append("consumer done")

    consumer = Thread(target=consume)
    consumer.start()
    for n in (1, 2):
        put = Noted(order, None, queue.put, f"put {n} done")
        put("an item")
    order.append("producer done")
    consumer.join()
    return put
