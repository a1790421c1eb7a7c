#!/usr/bin/env python3
"""Item 52: Use subprocess to Manage Child Processes

Other programs do work for this one, in processes of their own: beside it, and on other cores. This
program starts them, feeds them, connects them, reads what they print, and sees how they ended. And
it never waits without a limit for a child that may hang. It starts the `openssl` command, which
must be installed.
"""

import os
import shlex
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from subprocess import PIPE, CalledProcessError, Popen, TimeoutExpired

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "common/python"))
from chapter7 import Program, Stopwatch, a_child_is_left, pipes_open, slow_system_call

SLEEPS = 10
PIPELINES = 3
BYTES = 100
TIMEOUT = 0.1
GRACE = 0.25
FLOOD = 1 << 20

# The stages of a pipeline.
ENCRYPT = "openssl enc -aes-256-ctr -pbkdf2 -pass env:password -S {salt}"
HASH = "openssl dgst -sha256 -binary"
PASSWORD = {**os.environ, "password": "an open secret"}


class Children(ExitStack):
    """Starts children. None outlives the `with` block, however the block is left."""

    def __init__(self, step):
        super().__init__()
        self.step = step
        self.started = []

    def start(self, command, **options):
        words = shlex.split(command)
        lane = f"{len(self.started)} {words[0]} {words[1]}"
        self.enter_context(self.step.span(lane, "runs"))
        child = self.enter_context(Popen(words, **options))
        self.callback(child.kill)
        self.started.append(child)
        return child

    def running(self):
        return sum(child.poll() is None for child in self.started)


def run_echo():
    echo = ["echo", "hello from subprocess!"]
    result = subprocess.run(echo, check=False, capture_output=True, encoding="utf-8")
    result.check_returncode()
    return result


def run_failing():
    result = subprocess.run(["sh", "-c", "exit 3"], check=False)
    try:
        result.check_returncode()
    except CalledProcessError as error:
        return "an error", error.returncode
    return "no error", 0


def work_beside(child):
    """Does one unit of work after the other, until the child has ended."""
    units = 0
    while child.poll() is None:
        slow_system_call(0.01)
        units += 1
    return units


def pipeline(children, salt, hash_command):
    """Starts two children, connected by a pipe."""
    encrypt = children.start(
        ENCRYPT.format(salt=salt), stdin=PIPE, stdout=PIPE, env=PASSWORD
    )
    digest = children.start(hash_command, stdin=encrypt.stdout, stdout=PIPE)
    # Both children have a copy of this pipe's ends. If the reader went away while we kept ours,
    # the writer would never be told.
    encrypt.stdout.close()
    encrypt.stdout = None
    return encrypt, digest


def in_one_expression(data, salt):
    """The shell can connect them, too. No word of such a command may come from others."""
    command = f"{ENCRYPT.format(salt=salt)} | {HASH}"
    return subprocess.run(
        command, shell=True, check=True, input=data, stdout=PIPE, env=PASSWORD
    ).stdout


def end_after(child, timeout):
    try:
        child.communicate(timeout=timeout)
    except TimeoutExpired:
        end(child)
    return child.returncode


def end(child):
    """Asks the child to end, and kills a child that ignores that. No child can ignore SIGKILL."""
    child.terminate()
    try:
        child.wait(GRACE)
    except TimeoutExpired:
        child.kill()
        child.wait()


def say_if_killed(step, child):
    if child.returncode == -signal.SIGKILL:
        step.say(
            "The child did not heed SIGTERM, so it was killed: SIGKILL is signal 9."
        )


def tail(digest):
    return digest[-10:].hex()


def tell(story):
    pipes_at_first = pipes_open()

    with story.step("run", "start echo, wait for it, capture what it prints") as step:
        echo = run_echo()
        step.fact(output=echo.stdout.rstrip(), status=echo.returncode)
        outcome, status = run_failing()
        step.fact(failing_child=outcome, failing_status=status)

    with story.step("poll", "work while sleep runs") as step:
        with Children(step) as children, Stopwatch() as took:
            sleep = children.start("sleep 1")
            units = work_beside(sleep)
        step.fact(units_of_work=units, status=sleep.returncode)
        step.figure(elapsed_s=took.s)

    with story.step("parallel", "many sleeps at once") as step:
        with Children(step) as children, Stopwatch() as took:
            sleeps = [children.start("sleep 1") for _ in range(SLEEPS)]
            running = children.running()
            for sleep in sleeps:
                sleep.communicate()
        statuses = [sleep.returncode for sleep in sleeps]
        with Stopwatch() as took_five:
            for _ in range(5):
                subprocess.run(["true"], check=True)
        step.proof(child_s=took_five.s / 5)
        step.fact(running_at_once=running, statuses=statuses, elapsed_s=took.s)

    with story.step("pipelines", "random bytes > encrypt > hash > digest") as step:
        tell_pipelines(step, story.flags.hash)

    with story.step("timeout", "a sleep that takes too long") as step:
        with Children(step) as children:
            sleep = children.start("sleep 10")
            with Stopwatch() as took:
                status = end_after(sleep, TIMEOUT)
        step.fact(elapsed_s=took.s, status=status)
        ignored = signal.getsignal(signal.SIGTERM) == signal.SIG_IGN
        step.proof(sigterm_is_ignored=ignored)
        say_if_killed(step, sleep)

    with story.step("flood", "a child prints more than its pipe holds") as step:
        tell_flood(step)

    with story.step("end", "nothing of all this is left") as step:
        step.fact(a_child_is_left=a_child_is_left())
        step.fact(pipes_left_open=abs(pipes_open() - pipes_at_first))


def tell_pipelines(step, hash_command):
    jobs = [(os.urandom(BYTES), os.urandom(8).hex()) for _ in range(PIPELINES)]
    with Children(step) as children:
        pipelines = [pipeline(children, salt, hash_command) for _, salt in jobs]
        # No child can have ended, because no input has.
        step.fact(running_at_once=children.running())
        for (encrypt, _), (data, _) in zip(pipelines, jobs):
            encrypt.communicate(data)
        digests = [digest.communicate()[0] for _, digest in pipelines]
    step.fact(statuses=[child.returncode for child in children.started])
    step.fact(digest_tails=[tail(digest) for digest in digests])
    step.proof(in_one_expression=[tail(in_one_expression(*job)) for job in jobs])


def tell_flood(step):
    flood = f"head -c {FLOOD} /dev/zero"
    with Children(step) as children:
        unread = children.start(flood, stdout=PIPE)
        try:
            unread.wait(TIMEOUT)
        except TimeoutExpired:
            end(unread)
        held = unread.stdout.read()
    with Children(step) as children:
        child = children.start(flood, stdout=PIPE)
        read, _ = child.communicate()
    step.fact(written_bytes=FLOOD, unread_status=unread.returncode)
    step.fact(held_by_the_pipe_bytes=len(held))
    step.fact(read_status=child.returncode, read_bytes=len(read))
    say_if_killed(step, unread)
    step.say("So read while you wait: communicate() does, wait() does not.")


if __name__ == "__main__":
    program = Program(__doc__)
    program.add_argument("--hash", default=HASH, help="another program for this stage")
    program.run(tell)
