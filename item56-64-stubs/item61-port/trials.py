"""Peers of all sorts, which try item 61's servers: good ones, bad ones, idle ones, a crowd."""

import asyncio
import resource
import socket
from contextlib import suppress

from chapter7 import Stopwatch
from guards import TIMEOUT

PLAYED = b"PARAMS 7 7\nNUMBER\nREPORT Correct\n"
RULES = {
    "asks_twice_more": PLAYED + b"NUMBER\nNUMBER\n",
    "begins_a_game_of_8": PLAYED + b"PARAMS 8 8\nNUMBER\n",
    "ends_and_asks": PLAYED + b"PARAMS 0 -1\nNUMBER\n",
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
HANG_UP = ("asks_twice_more", "begins_a_game_of_8", "cut_off")


def connect(address, lines=b""):
    peer = socket.create_connection(address, TIMEOUT)
    peer.sendall(lines)
    return peer


def hear_out(peer):
    """All that is said before the connection ends."""
    with peer, peer.makefile() as lines:
        return [line.rstrip() for line in lines]


def ask(address, lines, hangs_up=True):
    peer = connect(address)
    with suppress(ConnectionError):  # refused in the middle of a long line
        peer.sendall(lines)
        if hangs_up:
            peer.shutdown(socket.SHUT_WR)
    return hear_out(peer)


def in_short(lines):
    if len(lines) > 5:
        lines = [f"{len(lines) - 1} numbers", lines[-1]]
    return " then ".join(lines)


def perform(address, scripts, answers):
    """Plays all scripts, one after the other, and notes what each gets back."""
    for name, lines in scripts.items():
        answers[name].append(in_short(ask(address, lines, name in HANG_UP)))


def different_guesses_of_60(address):
    return len(set(ask(address, b"PARAMS 1 60\n" + b"NUMBER\n" * 60)))


def others_meanwhile(address, play):
    """One peer says nothing, one stops in mid-line; players come and go. Returns what those say
    and hear, and what the second peer hears when it goes on."""
    with connect(address), connect(address, b"PARAMS 7 7\nNUM") as halfway:
        players = play(address)
        halfway.sendall(b"BER\n")
        return players, halfway.recv(2).decode().rstrip()


def silent_too_long(address):
    with Stopwatch() as took:
        heard = hear_out(connect(address))
    return in_short(heard), took.s


def third_of_two(address):
    """What the one hears for whom there is no room, and what the others are answered then."""
    peers = connected(address, 2)
    third, answers = hear_out(connect(address)), []
    for peer in peers:
        peer.sendall(b"PARAMS 8 8\nNUMBER\n")
        answers.append(peer.recv(2).decode().rstrip())
    return in_short(third), " and ".join(answers)


def connected(address, count):
    """Peers that are being served: each has had an answer."""
    peers = [connect(address, b"PARAMS 7 7\nNUMBER\n") for _ in range(count)]
    for peer in peers:
        peer.recv(2)
    return peers


async def play_at_once(step, players, play):
    """Lets all play at once. None ends its game before all have heard a guess."""
    waiting, everyone_has_a_guess = set(players), asyncio.Event()

    async def wait_for_everyone():
        waiting.pop()
        if not waiting:
            everyone_has_a_guess.set()
        await everyone_has_a_guess.wait()

    async def play_one(number, player):
        with step.span(f"client {number}", "play"):
            return await play(player, in_mid_game=wait_for_everyone)

    return await asyncio.gather(*map(play_one, range(len(players)), players))


def files_that_may_be_open():
    """Raises the limit as far as it goes: either end of a connection is a file."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most
