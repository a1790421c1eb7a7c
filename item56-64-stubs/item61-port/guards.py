"""What item 61's servers in Python guard against: peers without end, and peers without manners."""

import asyncio
import socket
import socketserver
from contextlib import suppress

LONGEST_LINE = 128
MOST_PEERS = 1000
TIMEOUT = 30
LOCALHOST = ("127.0.0.1", 0)


class Refused(Exception):
    """Why the server hangs up: the last thing that it says."""

    def line(self):
        return f"ERROR {self}\n".encode()


TOO_LONG = f"the line is longer than {LONGEST_LINE} bytes"
FULL = Refused("the server is full").line()


def text(line):
    """What a peer has said, if it came whole and is text."""
    if not line.endswith(b"\n"):
        is_long = len(line) >= LONGEST_LINE
        raise Refused(TOO_LONG if is_long else "the line was cut off")
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise Refused("the line is no text") from None


class Limits:
    """How long a server waits for a peer, and how many peers it serves at the same time."""

    def __init__(self, seed, idle=TIMEOUT, most_peers=MOST_PEERS):
        self.seed, self.idle, self.most_peers = seed, idle, most_peers
        self.served = 0
        self.open = set()
        self.turned_away = []

    def keep(self, connection):
        """Keeps the last that are turned away. If they were closed at once, with words of their
        peers on the way, the system would reset them, and the peers might never see why."""
        self.turned_away.append(connection)
        if len(self.turned_away) > 16:
            self.turned_away.pop(0).close()


class LimitedThreads(Limits):
    """For a server of `socketserver`: it knows the sockets that are open."""

    allow_reuse_address = True
    request_queue_size = 1024

    def process_request(self, request, client_address):
        request.settimeout(self.idle)
        if len(self.open) >= self.most_peers:
            request.sendall(FULL)
            request.shutdown(socket.SHUT_WR)
            self.keep(request)
            return
        self.served += 1
        self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        self.open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request, client_address):
        """A peer that goes away is its own affair."""


class GuardedPeer(socketserver.StreamRequestHandler):
    """A connection of that server: one that is refused is told why."""

    disable_nagle_algorithm = True

    def handle(self):
        try:
            self.converse()
        except Refused as refused:
            self.wfile.write(refused.line())
            self.request.shutdown(socket.SHUT_WR)
            # If we hung up on what is not read yet, the peer might never read why.
            while self.rfile.read1():
                pass

    def read_line(self):
        try:
            return self.rfile.readline(LONGEST_LINE)
        except OSError:
            raise Refused("no line in time") from None


class LimitedTasks(Limits):
    """For a server of `asyncio`: it knows the tasks that run."""

    async def handle(self, reader, writer):
        if len(self.open) >= self.most_peers:
            writer.write(FULL)
            writer.write_eof()
            self.keep(writer)
            return
        self.served += 1
        self.open.add(asyncio.current_task())
        try:
            await self.converse(reader, writer)
        except Refused as refused:
            with suppress(OSError, asyncio.CancelledError):
                writer.write(refused.line())
                writer.write_eof()
                while await in_time(reader.read(LONGEST_LINE), self.idle):
                    pass
        except (OSError, asyncio.CancelledError):
            pass  # a peer that goes away is its own affair; and who stops cancels
        finally:
            self.open.remove(asyncio.current_task())
            writer.close()

    async def read_line(self, reader):
        try:
            return await in_time(reader.readline(), self.idle)
        except ValueError:
            raise Refused(TOO_LONG) from None
        except OSError:
            raise Refused("no line in time") from None


async def in_time(awaitable, seconds):
    """A socket in a thread has a timeout; here it is put around what is awaited."""
    try:
        return await asyncio.wait_for(awaitable, seconds)
    except asyncio.TimeoutError:  # noqa: UP041 - before 3.11 it is no TimeoutError
        raise OSError("timed out") from None
