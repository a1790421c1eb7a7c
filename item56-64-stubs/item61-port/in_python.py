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
import socket
import socketserver
import sys
from functools import partial
from itertools import chain
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "common/python"))
import alone
import guards
import trials
from chapter7 import Program, Stopwatch, say
from guards import LOCALHOST, LONGEST_LINE, TIMEOUT, Refused, in_time, text

SEED = 42
MOST_GUESSES = 1000
CROWD = 1000

# ------------------------------------------------------------------------ the rules of the game


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
        command, *rest = text(line).split() or [""]
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

    def __init__(self, seed=SEED, low=1, high=10, games=3):
        # Not the numbers that a server with the same seed would guess.
        self._dice = random.Random(f"client {seed}")
        self._low, self._high, self._games = low, high, games
        self._to_say = []
        self.transcript = ""
        self._begin()

    def _begin(self):
        self._secret = self._dice.randint(self._low, self._high)
        self._last_distance = None
        self._to_say += [f"PARAMS {self._low} {self._high}\n", "NUMBER\n"]

    def is_done(self):
        return self._games == 0

    def says(self):
        lines, self._to_say = self._to_say, []
        self.transcript += "".join(f"> {line}" for line in lines)
        return "".join(lines).encode()

    def hears(self, line):
        try:
            guess = int(line)
        except ValueError:
            raise ConnectionError(f"no guess, but {line!r}") from None
        self.transcript += f"< {guess}\n"
        outcome = self._judge(guess)
        self._to_say.append(f"REPORT {outcome}\n")
        if outcome != "Correct":
            self._to_say.append("NUMBER\n")
            return
        self._to_say.append("PARAMS 0 -1\n")
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


class Peer(guards.GuardedPeer):
    """The server's end of a connection, which has a thread of its own."""

    def converse(self):
        session = Session(self.server.seed)
        while line := self.read_line():
            self.wfile.write(session.answer(line))


class ThreadedServer(guards.LimitedThreads, socketserver.ThreadingTCPServer):
    def __init__(self, address, seed, **limits):
        guards.LimitedThreads.__init__(self, seed, **limits)
        socketserver.ThreadingTCPServer.__init__(self, address, Peer)

    def stop(self):
        """Nobody can tell a thread to end that waits for its peer. So the peers are cut off."""
        self.shutdown()
        for request in list(self.open):
            request.shutdown(socket.SHUT_RDWR)
        self.server_close()


def play(address, player, in_mid_game=None):
    """Calls `in_mid_game` after the first guess."""
    with socket.create_connection(address, TIMEOUT) as peer:
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


class AsyncServer(guards.LimitedTasks):
    async def serve(self, address, ready):
        """Tells `ready` the address that was bound, and an event: serves until that is set."""
        server = await asyncio.start_server(
            self.handle, *address, limit=LONGEST_LINE - 1, backlog=1024
        )
        stop = asyncio.Event()
        ready(server.sockets[0].getsockname(), stop)
        await stop.wait()
        server.close()
        while self.open:
            for peer in self.open:
                peer.cancel()
            # More than once: before 3.12, `wait_for` may swallow a cancellation.
            await asyncio.wait(self.open, timeout=0.01)

    async def converse(self, reader, writer):
        """The server's end of a connection, which has a task of its own."""
        session = Session(self.seed)
        while line := await self.read_line(reader):
            writer.write(session.answer(line))
            await in_time(writer.drain(), self.idle)


async def play_async(address, player, in_mid_game=None):
    """Awaits `in_mid_game()` after the first guess."""
    reader, writer = await asyncio.open_connection(*address)
    try:
        while True:
            writer.write(player.says())
            await writer.drain()
            if player.is_done():
                return player.transcript
            player.hears(await in_time(reader.readline(), TIMEOUT))
            if in_mid_game:
                await in_mid_game()
                in_mid_game = None
    finally:
        writer.close()


# ------------------------------------------------------------------------------------- the story


def with_both(visit, **limits):
    """Visits a server of each kind: what came of it, first in threads, then in tasks."""
    with alone.in_a_thread(ThreadedServer(LOCALHOST, SEED, **limits)) as address:
        of_threads = visit(address)
    with alone.in_a_loop(AsyncServer(SEED, **limits)) as address:
        return [of_threads, visit(address)]


def play_in_task(address, player):
    return asyncio.run(play_async(address, player))


def play_in_both(address):
    return [play(address, Player()), play_in_task(address, Player())]


def tell(story):
    rehearsed = rehearse(Player())

    with story.step("pairings", "each client plays with each server") as step:
        step.proof(transcripts=list(chain(*with_both(play_in_both))))
        step.proof(in_memory=rehearsed)
        first_game = rehearsed.partition("> PARAMS 0 -1")[0]
        step.say("The first game: " + ", ".join(first_game.splitlines()))

    with story.step("crowd", "one thread serves them all, all in mid-game") as step:
        tell_crowd(step)

    with story.step("stop", "a server stops, and hangs up on three") as step:
        peers = with_both(partial(trials.connected, count=3))
        heard = [[trials.hear_out(peer) for peer in of_one] for of_one in peers]
        step.fact(hung_up=[of_one.count([]) for of_one in heard])
        step.say("This was the port. The steps below try the protocol and its guards.")

    with story.step("rules", "what a server knows, and when it forgets") as step:
        tell_answers(step, trials.RULES)
        step.setting(numbers_asked_for=60)
        step.fact(different_guesses=with_both(trials.different_guesses_of_60))

    with story.step("bad_peers", "they are told why, and nobody else suffers") as step:
        step.proof(good_peers=tell_answers(step, trials.BAD_PEERS))

    with story.step("idle_peers", "one is silent, one stops in mid-line") as step:
        visit = partial(trials.others_meanwhile, play=play_in_both)
        players, answers = zip(*with_both(visit))
        step.fact(answer_to_whole_line=list(answers))
        step.proof(players=list(chain(*players)))

    with story.step("deadline", "who is silent for too long is told so") as step:
        step.setting(allowed_s=0.05)
        told, waited = zip(*with_both(trials.silent_too_long, idle=0.05))
        step.fact(told=list(told), waited_s=list(waited))

    with story.step("full", "two have taken all places; a third comes") as step:
        told, others = zip(*with_both(trials.third_of_two, most_peers=2))
        step.fact(told=list(told), others_are_answered=list(others))


def tell_answers(step, scripts):
    """Tells what both servers answer. Returns what a good peer of each has said meanwhile."""
    answers = {name: [] for name in scripts}
    perform = partial(trials.perform, scripts=scripts, answers=answers)
    good_peers = with_both(
        lambda address: play(address, Player(), in_mid_game=partial(perform, address))
    )
    for n, (name, of_both) in enumerate(answers.items()):
        report = step.fact if n < trials.MOST_SHOWN else step.proof
        report(**{name: of_both})
    return good_peers


def tell_crowd(step):
    files = trials.files_that_may_be_open()
    clients = min(CROWD, (files - 32) // 2)
    players = [Player(SEED + number, games=1) for number in range(clients)]
    server = AsyncServer(SEED, most_peers=clients)
    with Stopwatch() as took, alone.in_a_loop(server) as address:
        said = asyncio.run(
            trials.play_at_once(step, players, partial(play_async, address))
        )
    rehearsed = (rehearse(Player(SEED + number, games=1)) for number in range(clients))
    step.fact(
        clients=clients, played_as_in_memory=sum(map(str.__eq__, said, rehearsed))
    )
    step.proof(connections=server.served, files_may_be_open=files)
    step.figure(elapsed_s=took.s, games_per_second=clients / took.s)


def serve_alone(flags):
    """Serve until a signal comes."""
    if flags.in_tasks:
        alone.until_signal(alone.in_a_loop(AsyncServer(SEED), flags.addr))
    else:
        alone.until_signal(alone.in_a_thread(ThreadedServer(flags.addr, SEED)))


def play_alone(flags):
    """Play with a server, print what is said."""
    client = play_in_task if flags.in_tasks else play
    say(client(flags.addr, Player()).rstrip())


if __name__ == "__main__":
    alone.add_commands(Program(__doc__), serve_alone, play_alone).run(tell)
