#!/usr/bin/env python3
"""Item 61: Know How to Port Threaded I/O to asyncio

A client thinks of a number and a server guesses it, over TCP, a line of text for each move. The
rules of the game are written once. What carries the lines, threads or coroutines, is written
twice: compare the two, line by line.

Server and client also run alone:

    in_python.py serve --async
    in_python.py play --addr 127.0.0.1:37261
"""

import asyncio
import random
import re
import resource
import signal
import socket
import socketserver
import sys
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "common/python"))
from chapter7 import Program, Stopwatch, say

LONGEST_LINE = 128
TIMEOUT = 30
SEED = 42
MOST_GUESSES = 1000
MOST_PEERS = 1000
CROWD = 1000

# ------------------------------------------------------------------------ the rules of the game


class Refused(Exception):
    """Why the server hangs up: the last thing that it says."""

    def line(self):
        return f"ERROR {self}\n".encode()


class TooLong(Refused):
    def __str__(self):
        return f"the line is longer than {LONGEST_LINE} bytes"


class Session:
    """The server's side of a connection: takes lines and gives lines, wherever they come from.

    PARAMS low high    forget what you know, and guess from low to high
    NUMBER             say a number that you haven't said yet, or the right one if you know it
    REPORT outcome     Unsure, Warmer, Colder or Correct: what the last guess was worth
    PARAMS 0 -1        an empty range: the game is over
    """

    def __init__(self, seed):
        self._dice = random.Random(seed)
        self._begin(None, None)

    def _begin(self, low, high):
        self._low, self._high = low, high
        self._guesses, self._last, self._found = set(), None, False

    def answer(self, line):
        """What to say to `line`: maybe nothing."""
        if not line.endswith(b"\n"):
            is_long = len(line) >= LONGEST_LINE
            raise TooLong() if is_long else Refused("the line was cut off")
        try:
            command, *rest = line.decode().split() or [""]
        except UnicodeDecodeError:
            raise Refused("the line is no text") from None
        if command == "PARAMS" and len(rest) == 2:
            self._begin(*map(whole_number, rest))
        elif command == "NUMBER" and not rest:
            return f"{self._guess()}\n".encode()
        elif command == "REPORT" and len(rest) == 1:
            self._learn(*rest)
        else:
            raise Refused("unknown command")
        return b""

    def _guess(self):
        if self._low is None:
            raise Refused("NUMBER before PARAMS")
        if self._found:
            return self._last
        if self._low > self._high:
            raise Refused("the range is empty")
        if len(self._guesses) > self._high - self._low:
            raise Refused("the range is used up")
        if len(self._guesses) == MOST_GUESSES:
            raise Refused(f"no more than {MOST_GUESSES} guesses")
        while self._last is None or self._last in self._guesses:
            self._last = self._dice.randint(self._low, self._high)
        self._guesses.add(self._last)
        return self._last

    def _learn(self, outcome):
        if self._low is None:
            raise Refused("REPORT before PARAMS")
        if self._last is None:
            raise Refused("REPORT before any guess")
        if outcome not in ("Unsure", "Warmer", "Colder", "Correct"):
            raise Refused("unknown outcome")
        self._found = self._found or outcome == "Correct"


def whole_number(word):
    if not re.fullmatch("[+-]?[0-9]{1,19}", word):
        raise Refused("not a number")
    return int(word)


class Player:
    """The client's side: says lines and hears lines until all its games are over."""

    def __init__(self, seed, low=1, high=10, games=3):
        # Not the numbers that a server with the same seed would guess.
        self._dice = random.Random(f"client {seed}")
        self._low, self._high = low, high
        self._games = games
        self._to_say = []
        self.transcript = []
        self._begin()

    def _begin(self):
        self._secret = self._dice.randint(self._low, self._high)
        self._last_distance = None
        self._to_say += [f"PARAMS {self._low} {self._high}", "NUMBER"]

    def is_done(self):
        return self._games == 0

    def says(self):
        lines, self._to_say = self._to_say, []
        self.transcript += [f"> {line}" for line in lines]
        return "".join(f"{line}\n" for line in lines).encode()

    def hears(self, line):
        try:
            guess = int(line)
        except ValueError:
            raise ConnectionError(f"no guess, but {line!r}") from None
        self.transcript.append(f"< {guess}")
        outcome = self._judge(guess)
        self._to_say.append(f"REPORT {outcome}")
        if outcome != "Correct":
            self._to_say.append("NUMBER")
            return
        self._to_say.append("PARAMS 0 -1")
        self._games -= 1
        if not self.is_done():
            self._begin()

    def _judge(self, guess):
        distance, last = abs(guess - self._secret), self._last_distance
        self._last_distance = distance
        if distance == 0:
            return "Correct"
        if last is None or distance == last:
            return "Unsure"
        return "Warmer" if distance < last else "Colder"


def rehearse(player):
    """The games as they must go: client and server without a network."""
    session = Session(SEED)
    while True:
        lines = player.says().splitlines(keepends=True)
        answer = b"".join(map(session.answer, lines))
        if player.is_done():
            return player.transcript
        player.hears(answer)


# ------------------------------------------------------------------------------------ in threads


class Peer(socketserver.StreamRequestHandler):
    """The server's end of a connection, which has a thread of its own."""

    disable_nagle_algorithm = True

    def handle(self):
        session = Session(self.server.seed)
        try:
            while line := self.read_line():
                self.wfile.write(session.answer(line))
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


class ThreadedServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    request_queue_size = 1024

    def __init__(self, address, seed=SEED, idle=TIMEOUT, most_peers=MOST_PEERS):
        super().__init__(address, Peer)
        self.seed, self.idle, self.most_peers = seed, idle, most_peers
        self.served = 0
        self._open = set()

    def process_request(self, request, client_address):
        request.settimeout(self.idle)
        if len(self._open) >= self.most_peers:
            request.sendall(Refused("the server is full").line())
            self.shutdown_request(request)
            return
        self.served += 1
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request, client_address):
        """A peer that goes away is its own affair."""

    def stop(self):
        """Nobody can tell a thread to end that waits for its peer. So the peers are cut off."""
        self.shutdown()
        for request in list(self._open):
            request.shutdown(socket.SHUT_RDWR)
        self.server_close()


def play(address, player, timeout=TIMEOUT, in_mid_game=None):
    """Calls `in_mid_game` after the first guess."""
    with socket.create_connection(address, timeout) as peer:
        lines = peer.makefile("rb")
        while True:
            peer.sendall(player.says())
            if player.is_done():
                return player.transcript
            player.hears(lines.readline(LONGEST_LINE))
            if in_mid_game:
                in_mid_game()
                in_mid_game = None


# --------------------------------------------------------------------------------- in coroutines


async def in_time(awaitable, seconds):
    """A socket in a thread has a timeout; here it is put around what is awaited."""
    try:
        return await asyncio.wait_for(awaitable, seconds)
    except asyncio.TimeoutError:  # noqa: UP041 - before 3.11 it is no TimeoutError
        raise OSError("timed out") from None


class AsyncServer:
    def __init__(self, seed=SEED, idle=TIMEOUT, most_peers=MOST_PEERS):
        self.seed, self.idle, self.most_peers = seed, idle, most_peers
        self.served = 0
        self._open = set()

    async def serve(self, address, ready):
        """Tells `ready` the address that was bound, and an event: serves until that is set."""
        server = await asyncio.start_server(
            self.converse, *address, limit=LONGEST_LINE - 1, backlog=1024
        )
        stop = asyncio.Event()
        ready(server.sockets[0].getsockname(), stop)
        await stop.wait()
        server.close()
        while self._open:
            for peer in self._open:
                peer.cancel()
            # More than once: before 3.12, `wait_for` may swallow a cancellation.
            await asyncio.wait(self._open, timeout=0.01)

    async def converse(self, reader, writer):
        """The server's end of a connection, which has a task of its own."""
        if len(self._open) >= self.most_peers:
            writer.write(Refused("the server is full").line())
            writer.close()
            return
        self.served += 1
        self._open.add(asyncio.current_task())
        try:
            await self.handle(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass  # a peer that goes away is its own affair; and `stop` cancels
        finally:
            self._open.remove(asyncio.current_task())
            writer.close()

    async def handle(self, reader, writer):
        session = Session(self.seed)
        try:
            while line := await self.read_line(reader):
                writer.write(session.answer(line))
                await in_time(writer.drain(), self.idle)
        except Refused as refused:
            writer.write(refused.line())
            writer.write_eof()
            while await in_time(reader.read(LONGEST_LINE), self.idle):
                pass

    async def read_line(self, reader):
        try:
            return await in_time(reader.readline(), self.idle)
        except ValueError:
            raise TooLong() from None
        except OSError:
            raise Refused("no line in time") from None


async def play_async(address, player, timeout=TIMEOUT, in_mid_game=None):
    """Awaits `in_mid_game()` after the first guess."""
    reader, writer = await asyncio.open_connection(*address)
    try:
        while True:
            writer.write(player.says())
            await writer.drain()
            if player.is_done():
                return player.transcript
            player.hears(await in_time(reader.readline(), timeout))
            if in_mid_game:
                await in_mid_game()
                in_mid_game = None
    finally:
        writer.close()


# ------------------------------------------------------------------- the story, and the two alone


@contextmanager
def threaded_server(**settings):
    server = ThreadedServer(("127.0.0.1", 0), **settings)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server, server.server_address
    finally:
        server.stop()
        thread.join()


@contextmanager
def async_server(**settings):
    server, ready = AsyncServer(**settings), Future()

    def tell(address, stop):
        ready.set_result((address, stop, asyncio.get_running_loop()))

    serving = server.serve(("127.0.0.1", 0), tell)
    thread = Thread(target=asyncio.run, args=(serving,))
    thread.start()
    address, stop, loop = ready.result(TIMEOUT)
    try:
        yield server, address
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


def play_in_task(address, player):
    return asyncio.run(play_async(address, player))


SERVERS = {"threads": threaded_server, "tasks": async_server}
CLIENTS = {"threads": play, "tasks": play_in_task}

TOLD = b"PARAMS 7 7\nNUMBER\nREPORT Correct\n"
RULES = {
    "told_correct": TOLD + b"NUMBER\nNUMBER\n",
    "new_params": TOLD + b"PARAMS 8 8\nNUMBER\n",
    "after_the_end": TOLD + b"PARAMS 0 -1\nNUMBER\n",
}
BAD_PEERS = {
    "unknown_command": b"GUESS\n",
    "range_used_up": b"PARAMS 7 7\nNUMBER\nNUMBER\n",
    "asks_a_million_times": b"PARAMS 1 1000000\n" + b"NUMBER\n" * 1_000_000,
    "line_of_10_mb": b"x" * 10_000_000,
    "cut_off": b"PARAMS 1 1",
    "letters_for_a_number": b"PARAMS one 10\n",
    "number_before_params": b"NUMBER\n",
    "empty_range": b"PARAMS 1 0\nNUMBER\n",
    "report_before_guess": b"PARAMS 1 10\nREPORT Warmer\n",
    "unknown_outcome": b"PARAMS 7 7\nNUMBER\nREPORT Hot\n",
    "no_text": b"\xff\n",
}
MOST_SHOWN = 5
# On the others, the server hangs up.
HANG_UP = ("told_correct", "new_params", "cut_off")


def connect(address, lines=b""):
    peer = socket.create_connection(address, TIMEOUT)
    peer.sendall(lines)
    return peer


def hear_out(peer):
    """All that is said before the connection ends."""
    with peer, peer.makefile() as lines:
        return [line.rstrip() for line in lines]


def ask(address, lines, hangs_up=True):
    with socket.create_connection(address, TIMEOUT) as peer:
        try:
            peer.sendall(lines)
            if hangs_up:
                peer.shutdown(socket.SHUT_WR)
        except ConnectionError:
            pass  # refused in the middle of a long line
        return hear_out(peer)


def in_short(lines):
    if len(lines) > 5:
        lines = [f"{len(lines) - 1} numbers", lines[-1]]
    return ", ".join(lines)


def ask_in_mid_game(address, scripts):
    """Asks while a good peer is in the middle of its games. Returns the answers, and the games."""
    answers = {}

    def ask_all():
        for name, lines in scripts.items():
            answers[name] = in_short(ask(address, lines, name in HANG_UP))

    said = play(address, Player(SEED), in_mid_game=ask_all)
    return answers, said


async def play_at_once(step, address, clients):
    """No client ends its game before all have heard a guess."""
    waiting, everyone_has_a_guess = clients, asyncio.Event()

    async def wait_for_everyone():
        nonlocal waiting
        waiting -= 1
        if waiting == 0:
            everyone_has_a_guess.set()
        await everyone_has_a_guess.wait()

    async def play_one(number):
        player = Player(SEED + number, games=1)
        with step.span(f"client {number}", "play"):
            return await play_async(address, player, in_mid_game=wait_for_everyone)

    return await asyncio.gather(*map(play_one, range(clients)))


def tell(story):
    rehearsed = rehearse(Player(SEED))

    with story.step("pairings", "each client plays with each server") as step:
        tell_pairings(step, rehearsed)

    with story.step("rules", "what a server knows, and when it forgets") as step:
        tell_answers(step, RULES)
        for kind, server in SERVERS.items():
            with server() as (_, address):
                guesses = ask(address, b"PARAMS 1 60\n" + b"NUMBER\n" * 60)
            step.fact(**{f"{kind}_guessed_of_60": len(set(guesses))})

    with story.step("bad_peers", "they are told why, and nobody else suffers") as step:
        said = tell_answers(step, BAD_PEERS)
        step.fact(undisturbed_players=list(said.values()).count(rehearsed))
        step.proof(**{f"good_peer_of_{kind}": said[kind] for kind in SERVERS})

    with story.step("idle_peers", "one is silent, one stops in mid-line") as step:
        tell_idle(step, rehearsed)

    with story.step("deadline", "who is silent for too long is told so") as step:
        step.fact(allowed_s=0.1)
        for kind, server in SERVERS.items():
            with server(idle=0.1) as (_, address), Stopwatch() as took:
                heard = hear_out(connect(address))
            step.fact(
                **{f"told_by_{kind}": in_short(heard), f"{kind}_waited_s": took.s}
            )

    with story.step("full", "two have taken all places; a third comes") as step:
        for kind, server in SERVERS.items():
            with server(most_peers=2) as (_, address):
                peers = peers_being_served(address, 2)
                third = hear_out(connect(address))
                others = []
                for peer in peers:
                    peer.sendall(b"PARAMS 8 8\nNUMBER\n")
                    peer.shutdown(socket.SHUT_WR)
                    others += hear_out(peer)
            step.fact(**{f"told_by_{kind}": in_short(third)})
            step.fact(**{f"{kind}_others": in_short(others)})

    with story.step("crowd", "one thread serves them all, all in mid-game") as step:
        tell_crowd(step)

    with story.step("stop", "a server stops, and hangs up on three") as step:
        for kind, server in SERVERS.items():
            with server() as (_, address):
                peers = peers_being_served(address, 3)
            hung_up = [hear_out(peer) for peer in peers].count([])
            step.fact(**{f"{kind}_hung_up": hung_up})


def tell_pairings(step, rehearsed):
    step.proof(in_memory=rehearsed)
    alike = 0
    for server_kind, server in SERVERS.items():
        for client_kind, client in CLIENTS.items():
            pairing = f"{server_kind}_with_{client_kind}"
            with server() as (_, address), step.span(pairing, "play"):
                said = client(address, Player(SEED))
            step.proof(**{pairing: said})
            alike += said == rehearsed
    step.fact(transcripts_alike=alike)
    first_game = rehearsed[: rehearsed.index("> PARAMS 0 -1") + 1]
    step.say("The first game: " + ", ".join(first_game))


def tell_answers(step, scripts):
    """The two servers' are alike, so one's are told. Returns what a good peer of each has said."""
    said = {}
    for kind, server in SERVERS.items():
        with server() as (_, address):
            answers, said[kind] = ask_in_mid_game(address, scripts)
        step.proof(**{f"{kind}_answered": list(answers.values())})
    for n, (name, answer) in enumerate(answers.items()):
        report = step.fact if n < MOST_SHOWN else step.proof
        report(**{name: answer})
    return said


def tell_idle(step, rehearsed):
    undisturbed = 0
    for kind, server in SERVERS.items():
        with server() as (_, address):
            with connect(address):
                halfway = connect(address, b"PARAMS 7 7\nNUM")
                players = [client(address, Player(SEED)) for client in CLIENTS.values()]
            halfway.sendall(b"BER\n")
            halfway.shutdown(socket.SHUT_WR)
            step.fact(**{f"{kind}_then": in_short(hear_out(halfway))})
        step.proof(**{f"{kind}_meanwhile": players[-1]})
        undisturbed += players.count(rehearsed)
    step.fact(undisturbed_players=undisturbed)


def tell_crowd(step):
    files = files_that_may_be_open()
    clients = min(CROWD, (files - 32) // 2)
    with Stopwatch() as took, async_server(most_peers=clients) as (server, address):
        said = asyncio.run(play_at_once(step, address, clients))
    as_rehearsed = sum(
        transcript == rehearse(Player(SEED + number, games=1))
        for number, transcript in enumerate(said)
    )
    step.fact(clients=clients, played_as_rehearsed=as_rehearsed)
    step.proof(connections=server.served, files_may_be_open=files)
    step.figure(elapsed_s=took.s, games_per_second=clients / took.s)


def peers_being_served(address, count):
    """Each of them has had an answer."""
    peers = [connect(address, b"PARAMS 7 7\nNUMBER\n") for _ in range(count)]
    for peer in peers:
        peer.recv(2)
    return peers


def files_that_may_be_open():
    """Raises the limit as far as it goes: either end of a connection is a file."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def serve_alone(flags):
    def announce(address):
        say("listening on {}:{}".format(*address))

    settings = (flags.seed, flags.idle, flags.peers)
    if flags.in_tasks:
        server = AsyncServer(*settings)

        def ready(address, stop):
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                asyncio.get_running_loop().add_signal_handler(number, stop.set)
            announce(address)

        asyncio.run(server.serve(flags.addr, ready))
    else:
        server = ThreadedServer(flags.addr, *settings)
        try:
            announce(server.server_address)
            server.serve_forever()
        except KeyboardInterrupt:  # a signal
            server.stop()
    say(f"stopped, peers served: {server.served}")


def play_alone(flags):
    if flags.low > flags.high:
        flags.refuse("--low is above --high")
    player = Player(flags.seed, flags.low, flags.high, flags.games)
    if flags.in_tasks:
        said = asyncio.run(play_async(flags.addr, player, flags.timeout))
    else:
        said = play(flags.addr, player, flags.timeout)
    for line in said:
        say(line)


def address(text):
    host, _, port = text.rpartition(":")
    return host, int(port)


def seconds(text):
    match = re.fullmatch(r"([0-9.]+)(ms|s|min)", text)
    if not match:
        raise ValueError
    return float(match[1]) * {"ms": 0.001, "s": 1, "min": 60}[match[2]]


def add_commands(program):
    commands = program.add_subparsers()
    does = "serve until SIGINT or SIGTERM comes"
    serving = commands.add_parser("serve", help=does, doc=does)
    serving.add_argument("--addr", type=address, default="127.0.0.1:0")
    serving.add_argument("--idle", type=seconds, default="1min", help="for a line")
    serving.add_argument("--peers", type=int, default=MOST_PEERS, help="at once")
    serving.set_defaults(act=serve_alone)
    playing = commands.add_parser(
        "play", doc="Play with a server, print what was said."
    )
    playing.add_argument("--addr", type=address, required=True)
    playing.add_argument("--timeout", type=seconds, default="5s", help="for an answer")
    playing.add_argument("--low", type=int, default=1)
    playing.add_argument("--high", type=int, default=10)
    playing.add_argument("--games", type=int, default=3)
    playing.set_defaults(act=play_alone, refuse=playing.error)
    for command in (serving, playing):
        command.add_argument("--async", action="store_true", dest="in_tasks")
        command.add_argument("--seed", type=int, default=SEED)
    return program


if __name__ == "__main__":
    add_commands(Program(__doc__)).run(tell)
