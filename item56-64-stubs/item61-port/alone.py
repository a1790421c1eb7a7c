"""How item 61's servers in Python are run: in the story, and as programs of their own."""

import asyncio
import signal
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from threading import Thread

from chapter7 import say
from guards import LOCALHOST


@contextmanager
def in_a_thread(server):
    """Runs a server whose connections have threads, beside whoever visits its address."""
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_address
    finally:
        server.stop()
        thread.join()


@contextmanager
def in_a_loop(server, address=LOCALHOST):
    """The same, of one whose connections are tasks of an event loop."""
    ready = Future()

    def tell(address, stop):
        ready.set_result((address, stop, asyncio.get_running_loop()))

    thread = Thread(target=asyncio.run, args=(server.serve(address, tell),))
    thread.start()
    address, stop, loop = ready.result()
    try:
        yield address
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


def until_signal(serving):
    with serving as address:
        say("listening on {}:{}".format(*address))
        with suppress(KeyboardInterrupt):  # which a signal raises
            signal.pause()


def add_commands(program, serve, play):
    commands = program.add_subparsers()
    for name, act in (("serve", serve), ("play", play)):
        command = commands.add_parser(name, doc=act.__doc__)
        command.set_defaults(act=act)
        command.add_argument("--addr", type=address_of, default="127.0.0.1:0")
        command.add_argument("--async", action="store_true", dest="in_tasks")
    return program


def address_of(text):
    host, _, port = text.rpartition(":")
    return host, int(port)
